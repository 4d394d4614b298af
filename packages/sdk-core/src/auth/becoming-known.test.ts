import { describe, expect, test } from "vitest";
import { boundWorld as world, open } from "../testing/bound-world.ts";
import { letterCode } from "../testing/known-consumers.ts";
import { admitted, offer, queued, routed, startSdk, within } from "../testing/launch.ts";
import { ann, asks, bob, guestIn, prove, told, types } from "../testing/proving.ts";

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
