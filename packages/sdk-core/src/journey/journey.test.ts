import { describe, expect, test } from "vitest";
import type { FanfareConfig, GrantView, JourneyHandle, JourneyView, SequenceView } from "@fanfare-io/fanfare-contract";
import { admitted, consumerId, offer, queued, routed, scriptSessions, startSdk, tokens, within } from "../testing/launch.ts";
import type { TestSdk } from "../testing/launch.ts";
import { refusal } from "../testing/scripted-service.ts";
import { createTabWorld } from "../testing/tab-world.ts";
import type { Tab, TabWorld } from "../testing/tab-world.ts";

const route = "POST /experiences/:id/route";
const enterLine = "POST /queues/:id/enter";
const leaveLine = "POST /queues/:id/leave";
const statusLine = "GET /queues/:id/status";
const presentLine = "POST /grants/presentation";

function world(): TabWorld {
  const made = createTabWorld();
  const { service, clock } = made;
  scriptSessions(service, clock);
  service.answer(route, { status: 200, body: routed(offer()) });
  service.answer(statusLine, { status: 200, body: { status: "NOT_QUEUED" } });
  service.answer(enterLine, { status: 200, body: { ...queued(3), pollToken: "poll-1" } });
  service.answer(leaveLine, { status: 200, body: { status: "LEFT" } });
  let presented = 0;
  service.answer(presentLine, () => ({
    status: 200,
    body: {
      token: `grant-token-${++presented}`,
      tokenExpiresAt: new Date(clock.now() + 120_000).toISOString(),
      grantId: "grant_1",
      expiresAt: new Date(clock.now() + 600_000).toISOString(),
    },
  }));
  return made;
}

interface Shopper extends TestSdk {
  readonly w: TabWorld;
  readonly tab: Tab;
  readonly journey: JourneyHandle;
  readonly stages: string[];
}

async function arrive(w: TabWorld = world(), config: Partial<FanfareConfig> = {}, tab: Tab = w.openTab()): Promise<Shopper> {
  const started = await startSdk(w, tab, config);
  const journey = started.sdk.journeys.get("exp_1");
  const stages: string[] = [];
  journey.view$.subscribe((view) => void stages.push(view.journeyStage === "routed" ? view.sequence.phase : view.journeyStage));
  return { ...started, w, tab, journey, stages };
}

function viewOf<S extends JourneyView["journeyStage"]>({ journey }: Shopper, stage: S): Extract<JourneyView, { journeyStage: S }> {
  const view = journey.view$.get();
  expect(view.journeyStage).toBe(stage);
  return view as Extract<JourneyView, { journeyStage: S }>;
}
function sequenceOf<P extends SequenceView["phase"]>(shopper: Shopper, phase: P): Extract<SequenceView, { phase: P }> {
  const { sequence } = viewOf(shopper, "routed");
  expect(sequence.phase).toBe(phase);
  return sequence as Extract<SequenceView, { phase: P }>;
}
async function start(shopper: Shopper): Promise<void> {
  await within(shopper.w.clock, 100, viewOf(shopper, "ready").start());
}
async function join(shopper: Shopper): Promise<void> {
  await start(shopper);
  await within(shopper.w.clock, 100, sequenceOf(shopper, "enterable").enter());
}
async function beAdmitted(shopper: Shopper): Promise<void> {
  shopper.w.service.answer(statusLine, { status: 200, body: admitted(shopper.w.clock) });
  await shopper.w.clock.advance(6_000);
}

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

describe("routing", () => {
  test("a failed start goes back to ready with the error in the snapshot, and works the next time (J3)", async () => {
    const shopper = await arrive();
    shopper.w.service.answer(route, refusal(404, "not_found"));
    await expect(start(shopper)).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(shopper.journey.snapshot$.get()).toMatchObject({ journeyStage: "ready", error: { code: "NOT_FOUND" } });
    shopper.w.service.answer(route, { status: 200, body: routed(offer()) });
    await start(shopper);
    expect(shopper.journey.snapshot$.get()).toMatchObject({ sequencePhase: "enterable", error: null });
  });

  test("a mechanism from the future is unavailable, not an error (J8)", async () => {
    const shopper = await arrive();
    shopper.w.service.answer(route, { status: 200, body: routed(offer({ distribution: { type: "auction" } })) });
    await start(shopper);
    expect(sequenceOf(shopper, "unavailable").name).toBe("Everyone");
  });

  test("a scheduled journey opens by the service's clock, without passing through routing (J9)", async () => {
    const w = world();
    const startsAt = new Date(w.clock.now() + 3_600_000).toISOString();
    const serverDate = { date: new Date(w.clock.now()).toUTCString() };
    w.clock.jumpWall(-86_400_000);
    const shopper = await arrive(w);
    w.service.answer(route, { status: 200, body: routed(offer({ distribution: { state: "upcoming", openAt: startsAt } })), headers: serverDate });
    await start(shopper);
    expect(sequenceOf(shopper, "scheduled").startsAt).toBe(startsAt);
    await w.clock.advance(3_590_000);
    expect(w.service.count(route)).toBe(1);
    w.service.answer(route, { status: 200, body: routed(offer()) });
    await w.clock.advance(12_000);
    expect(w.service.count(route)).toBe(2);
    expect(shopper.stages).toEqual(["ready", "routing", "scheduled", "enterable"]);
  });

  test("an opening that the service does not confirm yet, or cannot be asked about, is asked for again (J9)", async () => {
    const w = world();
    const shopper = await arrive(w);
    w.service.answer(route, {
      status: 200,
      body: routed(offer({ distribution: { state: "upcoming", openAt: new Date(w.clock.now() + 1_000).toISOString() } })),
    });
    await start(shopper);
    await w.clock.advance(5_000);
    w.service.answer(route, "lost");
    await w.clock.advance(20_000);
    expect(sequenceOf(shopper, "scheduled").phase).toBe("scheduled");
    w.service.answer(route, { status: 200, body: routed(offer()) });
    await w.clock.advance(10_000);
    expect(sequenceOf(shopper, "enterable").phase).toBe("enterable");
  });

  test("an ended line is closed for whoever is not in it (J10)", async () => {
    const shopper = await arrive();
    shopper.w.service.answer(route, { status: 200, body: routed(offer({ distribution: { state: "ended" } })) });
    await start(shopper);
    expect(sequenceOf(shopper, "ended").outcome).toBe("closed");
  });

  test("whoever stands in the line by the service's word goes straight there (J11)", async () => {
    const shopper = await arrive();
    await within(shopper.w.clock, 100, shopper.sdk.auth.guest());
    shopper.w.service.answer(statusLine, { status: 200, body: queued(2) });
    await start(shopper);
    expect(sequenceOf(shopper, "participating").display$.get()).toMatchObject({ position: 2 });
    expect(shopper.w.service.count(enterLine)).toBe(0);
    expect(shopper.stages).toEqual(["ready", "routing", "participating"]);
  });

  test("an access code is kept for later routes, and tells whether it opened another way (J12)", async () => {
    const shopper = await arrive();
    const vip = offer({ sequenceId: "seq_vip", distribution: { id: "queue_vip" } });
    shopper.w.service.answer(route, ({ body }) => ({ status: 200, body: body["accessCode"] === "VIP" ? routed(vip, offer()) : routed(offer()) }));
    await start(shopper);
    const { submitAccessCode } = viewOf(shopper, "routed");
    expect(await within(shopper.w.clock, 100, submitAccessCode("nope"))).toEqual({ outcome: "unchanged" });
    expect(await within(shopper.w.clock, 100, submitAccessCode("VIP"))).toEqual({ outcome: "advanced", sequenceId: "seq_vip" });
    await within(shopper.w.clock, 100, viewOf(shopper, "routed").reroute());
    expect(shopper.w.service.requests.at(-1)?.body).toEqual({ accessCode: "VIP" });
    expect(shopper.stages).not.toContain("gated");
  });

  test("gates are shown, and a code passes them (J12, J23)", async () => {
    const shopper = await arrive();
    const gated = { ...routed(offer({ gates: [{ reason: { code: "ACCESS_CODE_REQUIRED", detail: "Members" } }] })), outcome: "gated" as const };
    shopper.w.service.answer(route, ({ body }) => ({ status: 200, body: body["accessCode"] ? routed(offer()) : gated }));
    await start(shopper);
    const view = viewOf(shopper, "gated");
    expect(view.gates).toEqual([{ type: "access_code", reason: "Members" }]);
    expect(Object.keys(view).sort()).toEqual(["gates", "journeyStage", "reroute", "retry"]);
    await within(shopper.w.clock, 100, view.reroute({ accessCode: "x" }));
    expect(sequenceOf(shopper, "enterable").phase).toBe("enterable");
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

describe("the turn", () => {
  test("the presentation is renewed before it ends while the page is seen, and on waking after it was hidden (J18)", async () => {
    const shopper = await arrive();
    await join(shopper);
    await beAdmitted(shopper);
    await shopper.w.clock.advance(91_000);
    expect(sequenceOf(shopper, "granted").grant.token).toBe("grant-token-2");
    shopper.tab.hide();
    await shopper.w.clock.advance(300_000);
    expect(shopper.w.service.count(presentLine)).toBe(2);
    shopper.tab.show();
    await shopper.w.clock.advance(100);
    expect(sequenceOf(shopper, "granted").grant.token).toBe("grant-token-3");
  });

  test("a hidden tab does not take the presentation away from the one that is seen (J18)", async () => {
    const w = world();
    const seen = await arrive(w);
    await join(seen);
    const hidden = await arrive(w);
    hidden.tab.hide();
    await beAdmitted(seen);
    await w.clock.advance(10_000);
    expect(w.service.count(presentLine)).toBe(1);
    expect(sequenceOf(seen, "granted").grant.token).toBe("grant-token-1");
    hidden.tab.show();
    await w.clock.advance(100);
    expect(sequenceOf(hidden, "granted").grant.token).toBe("grant-token-2");
  });

  test("while the line and the presentation disagree, neither is asked at the speed of the network (J19)", async () => {
    const shopper = await arrive();
    await join(shopper);
    shopper.w.service.answer(presentLine, refusal(409, "grant_not_active"));
    await beAdmitted(shopper);
    await shopper.w.clock.advance(30_000);
    expect(shopper.w.service.count(presentLine)).toBeLessThan(12);
    expect(sequenceOf(shopper, "participating").phase).toBe("participating");
  });

  test("the place stays on show until the first presentation is there (J16, J18)", async () => {
    const shopper = await arrive();
    await join(shopper);
    const { display$ } = sequenceOf(shopper, "participating");
    shopper.w.service.answer(presentLine, "lost");
    await beAdmitted(shopper);
    expect(sequenceOf(shopper, "participating").display$).toBe(display$);
    expect(display$.get()).toMatchObject({ progress: 1, waitingAhead: 0 });
    expect(shopper.names().filter((name) => name === "queue:admitted")).toHaveLength(1);
  });

  test("a grant that is not to be presented any more is asked about (J19)", async () => {
    const shopper = await arrive();
    await join(shopper);
    await beAdmitted(shopper);
    shopper.w.service.answer(presentLine, refusal(409, "grant_expired"));
    shopper.w.service.answer(statusLine, { status: 200, body: { status: "EXPIRED" } });
    shopper.tab.wake();
    await shopper.w.clock.advance(200);
    expect(sequenceOf(shopper, "ended").outcome).toBe("expired");
    await shopper.w.clock.advance(600_000);
    expect(shopper.w.service.count(presentLine)).toBe(2);
  });

  test("an admission that the operator takes back returns to the line, in the same store (J16)", async () => {
    const shopper = await arrive();
    await join(shopper);
    const { display$ } = sequenceOf(shopper, "participating");
    await beAdmitted(shopper);
    shopper.w.service.answer(statusLine, { status: 200, body: queued(9, { ticket: 40 }) });
    await shopper.w.clock.advance(11_000);
    expect(sequenceOf(shopper, "participating").display$).toBe(display$);
    expect(display$.get()).toMatchObject({ position: 9 });
  });
});

describe("over pages, tabs and sessions", () => {
  test("the next page goes on at once, from memory, also offline, and tells nothing twice (J11, J17, J21)", async () => {
    const w = world();
    const first = await arrive(w);
    await join(first);
    first.sdk.destroy();
    w.service.answer(statusLine, "lost");
    const next = await arrive(w);
    expect(sequenceOf(next, "participating").display$.get()).toMatchObject({ position: 3 });
    expect(next.stages).toEqual(["participating"]);
    expect(w.service.count(route)).toBe(1);
    w.service.answer(statusLine, { status: 200, body: queued(1) });
    await w.clock.advance(40_000);
    expect(next.names()).toEqual(["auth:authenticated", "queue:position-changed"]);
  });

  test("what ended while nobody looked is told as an event by resume (J20, J21)", async () => {
    const w = world();
    const first = await arrive(w);
    await join(first);
    first.sdk.destroy();
    w.service.answer(statusLine, { status: 200, body: { status: "EXPIRED" } });
    const next = await arrive(w, { autoResume: false });
    expect(viewOf(next, "ready").journeyStage).toBe("ready");
    await within(w.clock, 100, next.sdk.resume());
    expect(next.names()).toEqual(["auth:authenticated", "queue:expired"]);
    expect((await next.sdk.restore()).experiences.queues).toEqual({});
  });

  test("a grant is presented again on the next page, and its admission is not told again (J18, J21)", async () => {
    const w = world();
    const first = await arrive(w);
    await join(first);
    await beAdmitted(first);
    first.sdk.destroy();
    const next = await arrive(w);
    await w.clock.advance(100);
    expect(sequenceOf(next, "granted").grant.token).toBe("grant-token-2");
    expect(next.names()).toEqual(["auth:authenticated"]);
  });

  test("a line joined in one tab is joined in the other (J21)", async () => {
    const w = world();
    const [a, b] = [await arrive(w), await arrive(w)];
    await start(a);
    await start(b);
    await within(w.clock, 200, sequenceOf(a, "enterable").enter());
    w.service.answer(statusLine, { status: 200, body: queued(2) });
    await w.clock.advance(6_000);
    expect(sequenceOf(b, "participating").display$.get()).toMatchObject({ position: 2 });
    expect(w.service.count(enterLine)).toBe(1);
  });

  test("logging out returns the journey to ready and stops the polls; who only looks stays (J5)", async () => {
    const w = world();
    const shopper = await arrive(w);
    await join(shopper);
    await within(w.clock, 100, shopper.sdk.auth.logout());
    expect(viewOf(shopper, "ready").journeyStage).toBe("ready");
    expect(w.items.has("fanfare:org_xxx:state")).toBe(false);
    const asked = w.service.requests.length;
    await w.clock.advance(60_000);
    expect(w.service.requests.length).toBe(asked);
    await start(shopper);
    await within(w.clock, 100, shopper.sdk.auth.logout());
    expect(sequenceOf(shopper, "enterable").phase).toBe("enterable");
  });

  test("an answer to somebody who is not here any more changes nothing (J22)", async () => {
    const shopper = await arrive();
    await start(shopper);
    await within(shopper.w.clock, 100, shopper.sdk.auth.guest());
    let answer = (): void => {};
    shopper.w.service.answer(enterLine, () => new Promise((resolve) => (answer = () => resolve({ status: 200, body: { ...queued(3), pollToken: "p" } }))));
    const entering = sequenceOf(shopper, "enterable").enter();
    await shopper.w.clock.settle();
    await within(shopper.w.clock, 100, shopper.sdk.auth.logout());
    answer();
    await within(shopper.w.clock, 100, entering);
    expect(sequenceOf(shopper, "enterable").phase).toBe("enterable");
    expect(shopper.names()).not.toContain("queue:entered");
    expect(shopper.w.items.has("fanfare:org_xxx:state")).toBe(false);
  });

  test("an access token refused in the middle of an enter is renewed once, unseen (J6)", async () => {
    const shopper = await arrive();
    await within(shopper.w.clock, 100, shopper.sdk.auth.guest());
    await start(shopper);
    shopper.w.service.answer(enterLine, ({ headers }) =>
      headers.get("authorization") === "Bearer at-1" ? refusal(401, "invalid_access_token") : { status: 200, body: { ...queued(3), pollToken: "p" } },
    );
    await within(shopper.w.clock, 200, sequenceOf(shopper, "enterable").enter());
    expect(sequenceOf(shopper, "participating").phase).toBe("participating");
    expect(shopper.w.service.count("POST /auth/refresh")).toBe(1);
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
