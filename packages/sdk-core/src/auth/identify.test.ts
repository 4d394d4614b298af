import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { scriptBoundSessions } from "../testing/bound-service.ts";
import type { BoundService } from "../testing/bound-service.ts";
import { letterCode } from "../testing/known-consumers.ts";
import { admitted, offer, queued, routed, startSdk, within } from "../testing/launch.ts";
import type { TestSdk } from "../testing/launch.ts";
import { refusal } from "../testing/scripted-service.ts";
import { readProof } from "../testing/simulated-keys.ts";
import { createTabWorld } from "../testing/tab-world.ts";
import type { TabWorld } from "../testing/tab-world.ts";

type World = TabWorld & { readonly bound: BoundService };
function world(canSign = true): World {
  const made = createTabWorld({ canSign });
  return { ...made, bound: scriptBoundSessions(made.service, made.clock) };
}
const open = (w: World): Promise<TestSdk> => startSdk(w, w.openTab());
async function guestIn(w: World, ...tabs: readonly TestSdk[]): Promise<string> {
  for (const { sdk } of tabs) await within(w.clock, 100, sdk.auth.guest());
  return tabs[0]!.sdk.auth.getSession()!.consumerId;
}
const ann = { email: "ann@shop.example" };
const bob = { email: "bob@shop.example" };
const asks = (w: World, { sdk }: TestSdk, to = ann) => within(w.clock, 100, sdk.auth.requestOtp(to));
const types = (w: World, { sdk }: TestSdk, to = ann, code = letterCode) => within(w.clock, 100, sdk.auth.verifyOtp({ ...to, code }));
const prove = async (w: World, tab: TestSdk, to = ann) => {
  await asks(w, tab, to);
  return types(w, tab, to);
};
const told = ({ told: all }: TestSdk, event: string): unknown[] => all.filter((it) => it.event === event).map(({ payload }) => payload);

describe("a guest who proves a new address", () => {
  test("stays who they are, with other tokens, and each tab is told once, without a logout (S37, M23)", async () => {
    const w = world();
    const [here, there] = [await open(w), await open(w)];
    const consumerId = await guestIn(w, here, there);
    const session = await prove(w, here);
    expect(session).toMatchObject({ type: "authenticated", consumerId, email: ann.email, guestId: consumerId, bound: "device", linked: { kind: "upgraded" } });
    await w.clock.advance(100);
    for (const [tab, isNew] of [
      [here, true],
      [there, false],
    ] as const) {
      expect(tab.sdk.auth.check()).toMatchObject({ isGuest: false, session: { consumerId } });
      expect(told(tab, "auth:authenticated").at(-1)).toEqual({ session: tab.sdk.auth.getSession(), isNew });
      expect(tab.names().filter((name) => name !== "auth:refreshed")).toEqual(["auth:authenticated", "auth:authenticated", "auth:linked"]);
    }
    expect(await within(w.clock, 100, there.sdk.auth.refresh())).toMatchObject({ consumerId, email: ann.email });
  });

  test("is followed by a tab that slept over it, also over the renewals since (S37, S31)", async () => {
    const w = world();
    const [here, asleep] = [await open(w), { tab: w.openTab() }];
    const sleeper = await startSdk(w, asleep.tab);
    await guestIn(w, here, sleeper);
    asleep.tab.freeze();
    w.bound.settle(bob.email, "known-bob");
    await prove(w, here, bob);
    await within(w.clock, 100, here.sdk.auth.refresh());
    asleep.tab.thaw();
    await w.clock.advance(500);
    expect(sleeper.sdk.auth.check()).toMatchObject({ isGuest: false, session: { consumerId: "known-bob" } });
    expect(sleeper.names()).not.toContain("auth:logout");
    expect(told(sleeper, "auth:linked")).toHaveLength(1);
  });
});

describe("a guest who proves an address that is somebody already", () => {
  test("becomes that consumer, and is told who it was, once in each tab and without a logout (S37, M24)", async () => {
    const w = world();
    w.bound.settle(bob.email, "known-bob");
    const [here, there] = [await open(w), await open(w)];
    const guest = await guestIn(w, here, there);
    expect(await prove(w, here, bob)).toMatchObject({ consumerId: "known-bob", linked: { kind: "merged", fromConsumerId: guest } });
    await w.clock.advance(100);
    for (const tab of [here, there]) {
      expect(told(tab, "auth:authenticated").at(-1)).toMatchObject({ session: { consumerId: "known-bob" }, previousConsumerId: guest });
      expect(tab.names()).toEqual(["auth:authenticated", "auth:authenticated", "auth:linked"]);
    }
  });

  test("goes on in what they take part in, under the new id, in memory and on the device (S39)", async () => {
    const w = world();
    w.bound.settle(bob.email, "known-bob");
    w.service.answer("POST /experiences/:id/route", () => ({ status: 200, body: routed(offer()) }));
    w.service.answer("POST /queues/:id/enter", () => ({ status: 200, body: { ...queued(7), pollToken: "poll-guest" } }));
    w.service.answer("GET /queues/:id/status", { status: 200, body: { status: "NOT_QUEUED" } });
    const [here, there] = [await open(w), await open(w)];
    await guestIn(w, here, there);
    const journey = here.sdk.journeys.get("exp_1");
    await w.clock.settle();
    const phases: string[] = [];
    journey.snapshot$.subscribe(({ sequencePhase, journeyStage }) => void phases.push(sequencePhase ?? journeyStage));
    const ready = journey.view$.get();
    if (ready.journeyStage === "ready") await within(w.clock, 100, ready.start());
    const enterable = journey.view$.get();
    if (enterable.journeyStage === "routed" && "enter" in enterable.sequence) await within(w.clock, 100, enterable.sequence.enter());
    w.service.answer("GET /queues/:id/status", ({ headers }) => ({
      status: 200,
      // Made out to the guest, whose place went to the other consumer.
      body: headers.get("authorization")?.startsWith("Poll") ? { status: "LEFT" } : queued(4),
    }));
    await prove(w, here, bob);
    await w.clock.advance(200);
    expect(phases).toEqual(["ready", "routing", "enterable", "participating"]);
    expect(here.names().filter((name) => name.startsWith("queue:"))).toEqual(["queue:entered", "queue:position-changed"]);
    for (const { sdk } of [here, there]) expect((await sdk.restore()).experiences.queues).toHaveProperty("queue_1");
    for (const name of ["state", "journeys"]) expect(w.shelf.kept.get(name)).toMatchObject({ consumerId: "known-bob" });
    here.sdk.destroy();
    there.sdk.destroy();
    const later = await open(w);
    expect((await later.sdk.restore()).experiences.queues).toHaveProperty("queue_1");
  });

  test("and is taken out of it again by an operator, is a guest again, is told so, and finds the place at the tail (S44)", async () => {
    const w = world();
    w.bound.settle(bob.email, "known-bob");
    w.service.answer("POST /experiences/:id/route", () => ({ status: 200, body: routed(offer()) }));
    w.service.answer("POST /queues/:id/enter", () => ({ status: 200, body: { ...queued(7), pollToken: "poll-guest" } }));
    w.service.answer("GET /queues/:id/status", { status: 200, body: queued(7) });
    const [here, there] = [await open(w), await open(w)];
    const guest = await guestIn(w, here, there);
    const journey = here.sdk.journeys.get("exp_1");
    const ready = journey.view$.get();
    if (ready.journeyStage === "ready") await within(w.clock, 100, ready.start());
    const enterable = journey.view$.get();
    if (enterable.journeyStage === "routed" && "enter" in enterable.sequence) await within(w.clock, 100, enterable.sequence.enter());
    await prove(w, here, bob);
    w.bound.unlinkAll([{ mechanism: "queue", distributionId: "queue_1" }]);
    w.service.answer("GET /queues/:id/status", { status: 200, body: queued(12) });
    const unlinked = { fromConsumerId: "known-bob", reentered: [{ mechanism: "queue", distributionId: "queue_1" }] };
    await within(w.clock, 100, here.sdk.auth.refresh());
    await w.clock.advance(500);
    for (const tab of [here, there]) {
      expect(tab.sdk.auth.getSession()).toMatchObject({ type: "guest", consumerId: guest, unlinked });
      expect(
        tab
          .names()
          .filter((name) => name.startsWith("auth:"))
          .slice(-2),
      ).toEqual(["auth:logout", "auth:authenticated"]);
      expect(told(tab, "auth:logout")).toEqual([{ reason: "replaced" }]);
      expect(told(tab, "auth:authenticated").at(-1)).toMatchObject({ session: { unlinked }, previousConsumerId: "known-bob" });
    }
    const after = journey.view$.get();
    expect(after).toMatchObject({ journeyStage: "routed", sequence: { phase: "participating" } });
    expect(after.journeyStage === "routed" && "display$" in after.sequence && after.sequence.display$.get()).toMatchObject({ position: 12 });
    // Over renewals, and on the next page, it still says why.
    expect(await within(w.clock, 100, here.sdk.auth.refresh())).toMatchObject({ unlinked });
    here.sdk.destroy();
    expect((await open(w)).sdk.auth.getSession()).toMatchObject({ unlinked });
  });

  test("is let in while the answer is on its way, and the turn is theirs before and after it (S39, S41)", async () => {
    const w = world();
    w.bound.settle(bob.email, "known-bob");
    w.service.answer("POST /experiences/:id/route", () => ({ status: 200, body: routed(offer()) }));
    w.service.answer("POST /queues/:id/enter", () => ({ status: 200, body: { ...queued(2), pollToken: "poll-guest" } }));
    w.service.answer("GET /queues/:id/status", { status: 200, body: { status: "NOT_QUEUED" } });
    let presented = 0;
    w.service.answer("POST /grants/presentation", () => ({
      status: 200,
      body: {
        token: `grant-${++presented}`,
        tokenExpiresAt: new Date(w.clock.now() + 120_000).toISOString(),
        grantId: "grant_1",
        expiresAt: new Date(w.clock.now() + 600_000).toISOString(),
      },
    }));
    const page = await open(w);
    await guestIn(w, page);
    const journey = page.sdk.journeys.get("exp_1");
    await w.clock.settle();
    const phases: string[] = [];
    journey.snapshot$.subscribe(({ sequencePhase }) => void (sequencePhase !== null && phases.at(-1) !== sequencePhase && phases.push(sequencePhase)));
    const ready = journey.view$.get();
    if (ready.journeyStage === "ready") await within(w.clock, 100, ready.start());
    const enterable = journey.view$.get();
    if (enterable.journeyStage === "routed" && "enter" in enterable.sequence) await within(w.clock, 100, enterable.sequence.enter());
    await asks(w, page, bob);
    w.bound.befall("slow");
    const typing = page.sdk.auth.verifyOtp({ ...bob, code: letterCode });
    w.service.answer("GET /queues/:id/status", () => ({ status: 200, body: admitted(w.clock) }));
    await within(w.clock, 20_000, typing);
    expect(page.sdk.auth.getSession()).toMatchObject({ consumerId: "known-bob" });
    await w.clock.advance(5_000);
    expect(phases).toEqual(["enterable", "participating", "granted"]);
    expect(page.names().filter((name) => name.startsWith("queue:"))).toEqual(["queue:entered", "queue:admitted"]);
    expect(page.names()).not.toContain("auth:logout");
  });

  test("and whose page is closed before it could write that down finds it with the next (S39)", async () => {
    const w = world();
    w.bound.settle(bob.email, "known-bob");
    const page = await open(w);
    const guest = await guestIn(w, page);
    const place = { experienceId: "exp_1", sequenceId: "seq_1", distributionId: "queue_1", status: "participating", enteredAt: "2026-11-22T10:00:00Z" };
    w.shelf.kept.set("state", { v: 1, consumerId: guest, active: { queues: { queue_1: place }, draws: {} } });
    w.shelf.kept.set("journeys", { v: 1, consumerId: guest, journeys: { queue_1: { ...place, name: "Line", mechanism: "queue", memo: null } } });
    await prove(w, page, bob);
    page.sdk.destroy();
    const later = await open(w);
    expect((await later.sdk.restore()).experiences.queues).toHaveProperty("queue_1");
  });

  test("and whom the organization does not merge is refused, and stays the guest that they were, in every tab (S40)", async () => {
    const w = world();
    w.bound.settle(bob.email, "known-bob");
    w.bound.reject();
    const [here, there] = [await open(w), await open(w)];
    const guest = await guestIn(w, here, there);
    await asks(w, here, bob);
    await expect(types(w, here, bob)).rejects.toMatchObject({ code: "IDENTITY_CONFLICT" });
    for (const tab of [here, there]) {
      expect(tab.sdk.auth.check()).toMatchObject({ isGuest: true, session: { consumerId: guest } });
      expect(tab.names().filter((name) => name !== "auth:error")).toEqual(["auth:authenticated"]);
    }
    expect(told(here, "auth:error")).toMatchObject([{ context: "otp" }]);
    expect(told(there, "auth:error")).toEqual([]);
    expect(await prove(w, there)).toMatchObject({ consumerId: guest, email: ann.email });
  });
});

describe("somebody known who proves what is another's", () => {
  test("is replaced, and told so before (S37)", async () => {
    const w = world();
    w.bound.settle(bob.email, "known-bob");
    const page = await open(w);
    const first = await guestIn(w, page);
    await prove(w, page);
    await prove(w, page, bob);
    expect(page.names().slice(-3)).toEqual(["auth:logout", "auth:authenticated", "auth:linked"]);
    expect(told(page, "auth:logout")).toEqual([{ reason: "replaced" }]);
    expect(told(page, "auth:authenticated").at(-1)).toMatchObject({ previousConsumerId: first, session: { consumerId: "known-bob" } });
  });
});

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
