import { describe, expect, test } from "vitest";
import type { GrantView } from "@fanfare-io/fanfare-contract";
import { consumerId, offer, queued, routed, tokens, within } from "../testing/launch.ts";
import { refusal } from "../testing/scripted-service.ts";
import { arrive, beAdmitted, enterLine, join, leaveLine, presentLine, route, sequenceOf, start, statusLine, viewOf, world } from "../testing/shopper.ts";

describe("the way from start to checkout", () => {
  test("ready, start, routing, enterable, enter, participating, granted, completed: each once (J2, J14, J18, J20)", async () => {
    const shopper = await arrive();
    await join(shopper);
    expect(sequenceOf(shopper, "participating").display$.get()).toMatchObject({ position: 3, waitingAhead: 2 });
    await beAdmitted(shopper);
    expect(sequenceOf(shopper, "granted").grant).toMatchObject({ token: "grant-token-1", distributionId: "queue_1" });
    shopper.w.service.answer(statusLine, { status: 200, body: { status: "COMPLETED" } });
    await shopper.w.clock.advance(11_000);
    expect(sequenceOf(shopper, "ended").outcome).toBe("completed");
    expect(shopper.stages).toEqual(["ready", "routing", "enterable", "participating", "granted", "ended"]);
    expect(shopper.names()).toEqual(["auth:authenticated", "queue:entered", "queue:admitted"]);
    expect(shopper.journey.events$.get().map(({ type }) => type)).toEqual(["admitted", "completed"]);
    expect(shopper.sdk.journeys.get("exp_1")).toBe(shopper.journey);
  });

  test("where the service allows more time, the turn can be made longer while some is left (J26)", async () => {
    const w = world();
    let used = 0;
    const endsIn = (): string => new Date(Date.parse("2026-11-22T10:10:00.000Z") + used * 300_000).toISOString();
    const extension = (): object => (used < 2 ? { extension: { left: 2 - used, seconds: 300 } } : {});
    w.service.answer(presentLine, () => ({
      status: 200,
      body: { token: `t-${used}`, tokenExpiresAt: new Date(w.clock.now() + 120_000).toISOString(), grantId: "grant_1", expiresAt: endsIn(), ...extension() },
    }));
    w.service.answer("POST /grants/extend", () => {
      used++;
      return { status: 200, body: { grantId: "grant_1", expiresAt: endsIn(), ...extension() } };
    });
    const shopper = await arrive(w);
    await join(shopper);
    await beAdmitted(shopper);
    const granted = (): { readonly grant: GrantView; extend?(): Promise<void> } => sequenceOf(shopper, "granted");
    const { extend } = granted();
    expect(granted().grant).toMatchObject({ expiresAt: "2026-11-22T10:10:00.000Z", extension: { left: 2, seconds: 300 } });
    await within(w.clock, 100, Promise.all([extend?.(), extend?.()]));
    expect(used).toBe(1);
    expect(granted().grant).toMatchObject({ expiresAt: "2026-11-22T10:15:00.000Z", extension: { left: 1, seconds: 300 }, token: "t-1" });
    expect(granted().extend).toBe(extend);
    await within(w.clock, 100, granted().extend?.() ?? Promise.resolve());
    expect(granted().grant).toMatchObject({ expiresAt: "2026-11-22T10:20:00.000Z" });
    expect(granted()).not.toHaveProperty("extend");
    w.service.answer("POST /grants/extend", refusal(409, "grant_not_extendable"));
    await expect(within(w.clock, 100, extend?.() ?? Promise.resolve())).rejects.toMatchObject({ code: "GRANT_NOT_EXTENDABLE" });
  });

  test("routing sends the publishable key and nothing else; the guest is made when entering (J13, J14)", async () => {
    const shopper = await arrive();
    await start(shopper);
    expect(shopper.w.service.requests).toHaveLength(1);
    expect(shopper.w.service.requests[0]?.headers.get("authorization")).toBeNull();
    expect(shopper.w.service.requests[0]?.headers.get("x-publishable-key")).toBe("pk_live_xxx");
    await within(shopper.w.clock, 100, sequenceOf(shopper, "enterable").enter());
    expect(shopper.sdk.auth.check().isGuest).toBe(true);
  });

  test("with autoGuest off entering shows the gate, and goes on by itself once somebody is there (J14)", async () => {
    const shopper = await arrive(world(), { autoGuest: false });
    await start(shopper);
    await within(shopper.w.clock, 100, sequenceOf(shopper, "enterable").enter());
    expect(viewOf(shopper, "gated").gates).toMatchObject([{ type: "authentication" }]);
    expect(shopper.w.service.count("POST /auth/guest")).toBe(0);
    await within(shopper.w.clock, 200, shopper.sdk.auth.guest());
    expect(sequenceOf(shopper, "enterable").name).toBe("Everyone");
  });

  test("start twice routes once, enter twice joins once, and calls out of season resolve (J6)", async () => {
    const shopper = await arrive();
    const ready = viewOf(shopper, "ready");
    await within(shopper.w.clock, 100, Promise.all([ready.start(), ready.start()]));
    await within(shopper.w.clock, 100, ready.start());
    expect(shopper.w.service.count(route)).toBe(1);
    const { enter } = sequenceOf(shopper, "enterable");
    await within(shopper.w.clock, 100, Promise.all([enter(), enter()]));
    await within(shopper.w.clock, 100, enter());
    expect(shopper.w.service.count(enterLine)).toBe(1);
    const { leave } = sequenceOf(shopper, "participating");
    await within(shopper.w.clock, 100, leave!());
    await within(shopper.w.clock, 100, leave!());
    expect(shopper.w.service.count(leaveLine)).toBe(1);
  });
});

describe("in the line", () => {
  test("polls carry the poll token and the highest version, and the place only falls (J16)", async () => {
    const shopper = await arrive();
    await join(shopper);
    const { display$ } = sequenceOf(shopper, "participating");
    const positions: unknown[] = [];
    display$.listen((display) => void positions.push("position" in display && display.position));
    for (const position of [2, 3, 1]) {
      shopper.w.service.answer(statusLine, { status: 200, body: queued(position) });
      await shopper.w.clock.advance(6_000);
    }
    expect(positions).toEqual([2, 2, 1]);
    const polls = shopper.w.service.requests.filter(({ line }) => line === statusLine);
    expect(polls.map(({ headers }) => headers.get("authorization"))).toEqual(["Poll poll-1", "Poll poll-1", "Poll poll-1"]);
    expect(polls.map(({ query }) => query.get("version"))).toEqual(["97", "98", "98"]);
    expect(shopper.names().filter((name) => name === "queue:position-changed")).toHaveLength(2);
    expect(sequenceOf(shopper, "participating").display$).toBe(display$);
  });

  test("a refused poll token falls back to the session (J17)", async () => {
    const shopper = await arrive();
    await join(shopper);
    shopper.w.service.answer(statusLine, ({ headers }) =>
      headers.get("authorization")?.startsWith("Poll") ? refusal(401, "invalid_poll_token") : { status: 200, body: queued(2) },
    );
    await shopper.w.clock.advance(6_000);
    expect(shopper.w.service.requests.at(-1)?.headers.get("authorization")).toBe("Bearer at-1");
    expect(sequenceOf(shopper, "participating").display$.get()).toMatchObject({ position: 2 });
  });

  test("while polls fail the place stays with its age, and the pauses grow (J17)", async () => {
    const shopper = await arrive();
    await join(shopper);
    const before = sequenceOf(shopper, "participating").display$.get();
    shopper.w.service.answer(statusLine, "lost");
    await shopper.w.clock.advance(120_000);
    expect(sequenceOf(shopper, "participating").display$.get()).toBe(before);
    const failed = shopper.w.service.count(statusLine);
    expect(failed).toBeGreaterThan(4);
    expect(failed).toBeLessThan(16);
    shopper.w.service.answer(statusLine, { status: 200, body: queued(1) });
    shopper.tab.wake();
    await shopper.w.clock.advance(100);
    expect(sequenceOf(shopper, "participating").display$.get()).toMatchObject({ position: 1 });
  });

  test("the shopper leaves: told once, forgotten, and free to come again (J20, J21)", async () => {
    const shopper = await arrive();
    await join(shopper);
    expect((await shopper.sdk.restore()).experiences.queues).toMatchObject({ queue_1: { status: "participating", experienceId: "exp_1" } });
    await within(shopper.w.clock, 100, sequenceOf(shopper, "participating").leave!());
    expect(sequenceOf(shopper, "ended").outcome).toBe("left");
    expect(shopper.names().filter((name) => name === "queue:left")).toHaveLength(1);
    expect((await shopper.sdk.restore()).experiences.queues).toEqual({});
    await shopper.w.clock.advance(60_000);
    expect(shopper.w.service.count(statusLine)).toBe(0);
    shopper.w.service.answer(statusLine, { status: 200, body: { status: "LEFT" } });
    await within(shopper.w.clock, 100, viewOf(shopper, "routed").reroute());
    await within(shopper.w.clock, 100, sequenceOf(shopper, "enterable").enter());
    expect(shopper.names().filter((name) => name === "queue:entered")).toHaveLength(2);
  });

  test.each([
    [{ status: "EXPIRED" }, "expired", "queue:expired"],
    [{ status: "DENIED", denyReason: "BOT_DETECTED" }, "denied", "queue:denied"],
    [{ status: "DENIED", denyReason: "QUEUE_CLOSED" }, "closed", "queue:denied"],
    [{ status: "NOT_QUEUED" }, "left", "queue:left"],
  ])("%j ends the participation once (J20)", async (state, outcome, event) => {
    const shopper = await arrive();
    await join(shopper);
    shopper.w.service.answer(statusLine, { status: 200, body: state });
    await shopper.w.clock.advance(60_000);
    expect(sequenceOf(shopper, "ended").outcome).toBe(outcome);
    expect(shopper.names().slice(2)).toEqual([event]);
    expect(shopper.w.service.count(statusLine)).toBe(1);
  });

  test("an enter that is refused because nothing is open shows when it opens (J15)", async () => {
    const shopper = await arrive();
    await start(shopper);
    const openAt = new Date(shopper.w.clock.now() + 600_000).toISOString();
    shopper.w.service.answer(enterLine, refusal(423, "queue_not_open", { opensAt: openAt }, { "retry-after": "600" }));
    shopper.w.service.answer(route, { status: 200, body: routed(offer({ distribution: { state: "upcoming", openAt } })) });
    await expect(within(shopper.w.clock, 200, sequenceOf(shopper, "enterable").enter())).rejects.toMatchObject({
      code: "QUEUE_NOT_OPEN",
      retryAfterSeconds: 600,
    });
    expect(sequenceOf(shopper, "scheduled").startsAt).toBe(openAt);
  });

  test("a full line refuses without moving anything, and is news (J3, J20)", async () => {
    const shopper = await arrive();
    await start(shopper);
    shopper.w.service.answer(enterLine, refusal(429, "queue_full", undefined, { "retry-after": "30" }));
    await expect(within(shopper.w.clock, 200, sequenceOf(shopper, "enterable").enter())).rejects.toMatchObject({ code: "QUEUE_FULL" });
    expect(sequenceOf(shopper, "enterable").phase).toBe("enterable");
    expect(shopper.journey.latestEvent$.get()).toMatchObject({ type: "error" });
    shopper.journey.ackEvent(shopper.journey.latestEvent$.get()!.id);
    expect(shopper.journey.latestEvent$.get()).toBeNull();
  });

  test("who takes part as often as they may is told so, and nothing moves (J3, J20)", async () => {
    const shopper = await arrive();
    await start(shopper);
    shopper.w.service.answer(enterLine, refusal(409, "entry_limit_reached", { maxEntriesPerConsumer: 1 }));
    await expect(within(shopper.w.clock, 200, sequenceOf(shopper, "enterable").enter())).rejects.toMatchObject({
      code: "ENTRY_LIMIT_REACHED",
      details: { maxEntriesPerConsumer: 1 },
    });
    expect(sequenceOf(shopper, "enterable").phase).toBe("enterable");
    expect(shopper.journey.latestEvent$.get()).toMatchObject({ type: "error" });
  });

  test("a poll that was sent before the shopper left does not bring the place back (J20)", async () => {
    const shopper = await arrive();
    await join(shopper);
    let answer = (): void => {};
    shopper.w.service.answer(statusLine, () => new Promise((resolve) => (answer = () => resolve({ status: 200, body: queued(2) }))));
    await shopper.w.clock.advance(6_000);
    await within(shopper.w.clock, 100, sequenceOf(shopper, "participating").leave!());
    answer();
    await shopper.w.clock.advance(100);
    expect(sequenceOf(shopper, "ended").outcome).toBe("left");
    expect(shopper.names().at(-1)).toBe("queue:left");
  });
});

describe("the surface", () => {
  test("each view has the actions that are legal in it and no others, always the same functions (J23)", async () => {
    const shopper = await arrive();
    const { start: first } = viewOf(shopper, "ready");
    await join(shopper);
    expect(Object.keys(viewOf(shopper, "routed")).sort()).toEqual(["journeyStage", "reroute", "sequence", "submitAccessCode"]);
    expect(Object.keys(sequenceOf(shopper, "participating")).sort()).toEqual(["display$", "leave", "mechanism", "name", "phase", "sequenceId"]);
    await beAdmitted(shopper);
    expect(Object.keys(sequenceOf(shopper, "granted")).sort()).toEqual(["grant", "mechanism", "name", "phase", "sequenceId"]);
    await within(shopper.w.clock, 100, shopper.sdk.auth.logout());
    expect(viewOf(shopper, "ready").start).toBe(first);
  });

  test("no snapshot, event or stored participation of the public key carries a token (J24)", async () => {
    const shopper = await arrive();
    await join(shopper);
    await beAdmitted(shopper);
    const told = JSON.stringify([shopper.told, shopper.journey.snapshot$.get(), shopper.journey.events$.get(), shopper.w.items.get("fanfare:org_xxx:state")]);
    expect(told).not.toMatch(/grant-token|at-1|rt-1|poll-1/);
    expect(told).toContain(consumerId);
  });

  test("a view listener of the host that throws does not stop the journey (J23)", async () => {
    const original = globalThis.reportError;
    globalThis.reportError = () => {};
    try {
      const shopper = await arrive();
      shopper.journey.view$.listen(() => {
        throw new Error("host");
      });
      await join(shopper);
      expect(sequenceOf(shopper, "participating").phase).toBe("participating");
    } finally {
      globalThis.reportError = original;
    }
  });

  test("destroy stops every timer and every change (J25)", async () => {
    const shopper = await arrive();
    await join(shopper);
    shopper.sdk.destroy();
    expect(shopper.w.clock.pending()).toBe(0);
    const asked = shopper.w.service.requests.length;
    await shopper.w.clock.advance(600_000);
    expect(shopper.w.service.requests.length).toBe(asked);
    expect(sequenceOf(shopper, "participating").phase).toBe("participating");
  });

  test("two clients side by side do not touch (J25)", async () => {
    const w = world();
    const [a, b] = [await arrive(w), await arrive(w, { organizationId: "org_yyy" })];
    await join(a);
    expect(viewOf(b, "ready").journeyStage).toBe("ready");
    a.sdk.destroy();
    w.service.answer("POST /auth/guest", () => ({ status: 201, body: tokens(w.clock, 1, "01936d6e-0000-7000-8000-000000000009") }));
    await join(b);
    expect(sequenceOf(b, "participating").phase).toBe("participating");
  });
});
