import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { boundWorld as world, open } from "../testing/bound-world.ts";
import type { BoundWorld as World } from "../testing/bound-world.ts";
import { letterCode } from "../testing/known-consumers.ts";
import { within } from "../testing/launch.ts";
import { ann, asks, bob, guestIn, prove, told, types } from "../testing/proving.ts";
import { refusal } from "../testing/scripted-service.ts";
import { readProof } from "../testing/simulated-keys.ts";

describe("a code", () => {
  test("asked for in one tab and typed in another fits, and typed in both at once makes one session (S38, M26)", async () => {
    const w = world();
    const [a, b] = [await open(w), await open(w)];
    await guestIn(w, a, b);
    await asks(w, a);
    const both = await within(w.clock, 500, Promise.all([a, b].map(({ sdk }) => sdk.auth.verifyOtp({ ...ann, code: letterCode }))));
    expect(new Set(both.map(({ consumerId }) => consumerId)).size).toBe(1);
    for (const tab of [a, b]) {
      expect(tab.names()).not.toContain("auth:logout");
      expect(told(tab, "auth:linked")).toHaveLength(1);
      expect(await within(w.clock, 100, tab.sdk.auth.refresh())).toMatchObject({ email: ann.email });
    }
  });

  test("is asked for by somebody without a session with the device key, and what it opens is bound to that (S38, M28)", async () => {
    const w = world();
    const page = await open(w);
    const { consumerId } = await prove(w, page);
    expect(page.sdk.auth.getSession()).toMatchObject({ type: "authenticated", consumerId, bound: "device" });
    const keys = w.service.requests.filter(({ path }) => path.startsWith("/auth/otp")).map(({ headers }) => readProof(headers.get("dpop")).key);
    expect(new Set(keys)).toEqual(new Set([(w.shelf.kept.get("key") as { id: string }).id]));
    expect(w.bound.consumers()).toBe(0);
  });

  test("that the last shopper of this device asked for is worth nothing to the next (S38, M27)", async () => {
    const w = world();
    const page = await open(w);
    await guestIn(w, page);
    await asks(w, page);
    await within(w.clock, 100, page.sdk.auth.logout());
    await guestIn(w, page);
    await expect(types(w, page)).rejects.toMatchObject({ code: "INVALID_OTP", details: { attemptsRemaining: 4 } });
    expect(page.sdk.auth.check()).toMatchObject({ isGuest: true });
  });

  test("typed with a key that the service takes no longer gets another key, for the next try (S4, S38)", async () => {
    const w = world();
    const page = await open(w);
    await asks(w, page);
    const before = (w.shelf.kept.get("key") as { id: string }).id;
    w.service.answer("POST /auth/otp/verify", refusal(409, "key_in_use"));
    await expect(types(w, page)).rejects.toMatchObject({ code: "KEY_IN_USE" });
    expect((w.shelf.kept.get("key") as { id: string }).id).not.toBe(before);
  });

  test("that costs work asks for the work of that purpose, and is the caller's where there is none to be had (S38)", async () => {
    const w = world();
    const page = await open(w);
    await guestIn(w, page);
    let asked = 0;
    w.service.answer("POST /auth/otp/request", ({ body }) => {
      asked++;
      expect(body).not.toHaveProperty("challenge");
      return refusal(403, "challenge_required", { purpose: "sms" });
    });
    w.service.answer("POST /challenges", refusal(429, "rate_limited", {}, { "retry-after": "1" }));
    await import("../transport/work.ts");
    const failing = page.sdk.auth.requestOtp({ phone: "+4915112345678" }).catch((error: { code: string }) => error.code);
    await w.clock.advance(20_000);
    expect([await failing, asked]).toEqual(["RATE_LIMITED", 1]);
    expect(w.service.requests.find(({ path }) => path === "/challenges")?.body).toEqual({ purpose: "sms" });
  });
});

describe("an answer that is lost or late", () => {
  test("after the upgrade was done: the guest stands, and the next renewal finds who it is (S40, S26, M25)", async () => {
    const w = world();
    const [here, there] = [await open(w), await open(w)];
    const guest = await guestIn(w, here, there);
    w.bound.settle(bob.email, "known-bob");
    await asks(w, here, bob);
    w.bound.befall("lost_after");
    await expect(types(w, here, bob)).rejects.toMatchObject({ code: "NETWORK_ERROR" });
    w.bound.befall("none");
    expect(here.sdk.auth.getSession()?.consumerId).toBe(guest);
    await w.clock.advance(120_000);
    expect(await within(w.clock, 100, here.sdk.auth.refresh())).toMatchObject({ consumerId: "known-bob" });
    await w.clock.advance(100);
    for (const tab of [here, there]) {
      expect(tab.names()).not.toContain("auth:logout");
      expect(told(tab, "auth:authenticated").at(-1)).toMatchObject({ previousConsumerId: guest });
    }
  });

  test("after the shopper has logged out: it makes nobody of them, and what it opened is closed (S29, S41)", async () => {
    const w = world();
    const page = await open(w);
    const guest = await guestIn(w, page);
    await asks(w, page);
    w.bound.befall("slow");
    const typing = page.sdk.auth.verifyOtp({ ...ann, code: letterCode }).catch((error: { code: string }) => error.code);
    await w.clock.advance(20);
    w.bound.befall("none");
    await within(w.clock, 100, page.sdk.auth.logout());
    await w.clock.advance(20_000);
    expect(await typing).toMatch(/SESSION_ENDED|NETWORK_ERROR|TIMEOUT|INVALID_ACCESS_TOKEN|NOT_AUTHENTICATED/);
    expect(page.sdk.auth.check().isAuthenticated).toBe(false);
    expect(w.bound.isEnded(guest)).toBe(true);
    expect([...w.shelf.kept.keys()]).toEqual(["ended"]);
  });

  test("while a renewal is on its way: the later word counts, and nobody is told twice (S41)", async () => {
    const w = world();
    const page = await open(w);
    await guestIn(w, page);
    await asks(w, page);
    const renewing = page.sdk.auth.refresh();
    const typing = page.sdk.auth.verifyOtp({ ...ann, code: letterCode });
    await within(w.clock, 1_000, Promise.all([renewing, typing]));
    expect(page.sdk.auth.getSession()).toMatchObject({ email: ann.email });
    expect(page.names().filter((name) => name !== "auth:refreshed")).toEqual(["auth:authenticated", "auth:authenticated", "auth:linked"]);
  });
});

describe("an identity from outside", () => {
  const exchanging = (w: World): Record<string, unknown>[] => {
    const bodies: Record<string, unknown>[] = [];
    const session = { type: "authenticated", consumerId: "known-bob", expiresAt: new Date(w.clock.now() + 3_600_000).toISOString(), bound: "device" };
    w.service.answer("POST /auth/external/exchange", ({ body }) => {
      bodies.push(body);
      const first =
        w.service.requests
          .find(({ headers }) => headers.has("authorization"))
          ?.headers.get("authorization")
          ?.split(" ")[1] ?? "at-0-1";
      return { status: 200, body: { accessToken: `${first}-x`, refreshToken: "rt-0-2", tokenType: "DPoP", expiresInSeconds: 600, session } };
    });
    return bodies;
  };

  test("is begun with a challenge that is the same in every tab and over a reload, and exchanged with what fits it, once (S42)", async () => {
    const w = world();
    const bodies = exchanging(w);
    const [a, b] = [await open(w), await open(w)];
    await guestIn(w, a, b);
    const challenges = await within(w.clock, 100, Promise.all([a, b].map(({ sdk }) => sdk.auth.beginExternal())));
    expect(new Set(challenges.map(({ codeChallenge }) => codeChallenge)).size).toBe(1);
    b.sdk.destroy();
    const back = await open(w);
    await within(w.clock, 100, back.sdk.auth.exchangeExternal({ exchangeCode: "xc_1" }));
    const [first] = bodies;
    expect(first).toMatchObject({ exchangeCode: "xc_1" });
    const digest = createHash("sha256").update(String(first!["codeVerifier"])).digest("base64url");
    expect(challenges[0]).toEqual({ codeChallenge: digest });
    expect(w.shelf.kept.has("external")).toBe(false);
    expect(JSON.stringify([...a.told, ...back.told])).not.toContain(String(first!["codeVerifier"]));
  });

  test("needs none where none was asked for, and what was begun does not outlive the session (S42)", async () => {
    const w = world();
    const bodies = exchanging(w);
    const page = await open(w);
    await guestIn(w, page);
    await within(w.clock, 100, page.sdk.auth.beginExternal());
    await within(w.clock, 100, page.sdk.auth.logout());
    expect(w.shelf.kept.has("external")).toBe(false);
    await guestIn(w, page);
    await within(w.clock, 100, page.sdk.auth.exchangeExternal({ exchangeCode: "xc_2" }));
    expect(bodies).toEqual([{ exchangeCode: "xc_2" }]);
  });

  test("says so on a page where it cannot work (S42)", async () => {
    const w = world(false);
    const page = await open(w);
    await expect(within(w.clock, 100, page.sdk.auth.beginExternal())).rejects.toMatchObject({ code: "INVALID_CONFIG" });
  });
});
