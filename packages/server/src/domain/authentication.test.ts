import type { AuthenticationRule } from "@fanfare-io/fanfare-contract";
import { expect, test } from "vitest";
import { asksForIdentity, authenticationNeeded, needInWords } from "./authentication.ts";
import type { Proved } from "./authentication.ts";

const guest: Proved = { type: "guest", email: null };
const byPhone: Proved = { type: "identified", email: null };
const ann: Proved = { type: "identified", email: "ann@shop.example" };
const staff: AuthenticationRule = { emailDomains: ["shop.example", "shop.test"] };
const need = (rule: AuthenticationRule, proved: Proved | null) => authenticationNeeded([rule], proved);

test("each rule asks for what it names, and for nothing more", () => {
  expect([null, guest, byPhone, ann].map((who) => need("guest", who))).toEqual([null, null, null, null]);
  expect([null, guest, byPhone, ann].map((who) => need("identified", who)?.requires ?? "nothing")).toEqual(["identity", "identity", "nothing", "nothing"]);
  expect([null, guest, byPhone, ann].map((who) => need(staff, who)?.requires ?? "nothing")).toEqual(["email", "email", "email", "nothing"]);
});

test("a domain stands for itself: neither for one below it, nor for one that ends like it", () => {
  const at = (email: string) => need({ emailDomains: ["shop.example"] }, { type: "identified", email });
  expect(at("ann@shop.example")).toBeNull();
  expect(at('"ann@shop.example"@evil.test')).not.toBeNull();
  expect(at("ann@mail.shop.example")).not.toBeNull();
  expect(at("ann@myshop.example")).not.toBeNull();
});

test("a guest's address is nobody's proof", () => {
  expect(need(staff, { type: "guest", email: "ann@shop.example" })).toEqual({ requires: "email", ...(staff as object) });
});

test("the rules of the experience and of the way in both have to hold, and the first that does not is told", () => {
  expect(authenticationNeeded(["identified", staff], guest)?.requires).toBe("identity");
  expect(authenticationNeeded(["identified", staff], byPhone)?.requires).toBe("email");
  expect(authenticationNeeded(["identified", staff], ann)).toBeNull();
  expect([asksForIdentity(["guest", "guest"]), asksForIdentity(["guest", staff])]).toEqual([false, true]);
});

test("what is needed is said in words, and a long list is not read out", () => {
  expect(needInWords({ requires: "identity" })).toContain("e-mail address or a phone number");
  expect(needInWords({ requires: "email", emailDomains: ["a.example", "b.example"] })).toContain("@a.example or @b.example.");
  expect(needInWords({ requires: "email", emailDomains: ["a.test", "b.test", "c.test", "d.test"] })).not.toContain("d.test");
});
