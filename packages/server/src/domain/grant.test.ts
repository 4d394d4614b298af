import { expect, test } from "vitest";
import { refuseHold, refuseSettlement } from "./grant.ts";
import type { GrantFacts } from "./grant.ts";

const grant: GrantFacts = { state: "active", expiresAt: 1000, presentationId: "p1", presentationUsed: true };

test.each([
  ["completed", { ...grant, state: "completed" }, "p1", 0, "grant_completed"],
  ["expired", { ...grant, state: "expired" }, "p1", 0, "grant_expired"],
  ["past its end but not yet swept", grant, "p1", 1000, "grant_expired"],
  ["presented anew since", grant, "p0", 0, "grant_token_replaced"],
  ["used with this very token", grant, "p1", 0, "grant_token_used"],
  ["held past its end, by a used token", { ...grant, state: "held" }, "p1", 5000, "grant_token_used"],
] as const)("a presentation of a grant that is %s is refused with the reason", (_, facts, presentation, now, code) => {
  expect(refuseHold(facts, presentation, now)).toBe(code);
});

test.each([
  ["completed", "grant_completed"],
  ["expired", "grant_expired"],
  ["active", "grant_not_held"],
  [null, "grant_not_held"],
] as const)("settling a redemption whose grant is %s is refused with %s", (state, code) => {
  expect(refuseSettlement(state)).toBe(code);
});
