import { describe, expect, test } from "vitest";
import { queued, within } from "../testing/launch.ts";
import { refusal } from "../testing/scripted-service.ts";
import { arrive, beAdmitted, enterLine, join, presentLine, route, sequenceOf, start, statusLine, viewOf, world } from "../testing/shopper.ts";

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

  test("a turn that another device has earned is said to be there, once, and is this device's when the operator lets it go on (J35)", async () => {
    const shopper = await arrive();
    await join(shopper);
    const { display$ } = sequenceOf(shopper, "participating");
    const present = shopper.w.service.script(presentLine);
    shopper.w.service.answer(presentLine, refusal(403, "other_device"));
    await beAdmitted(shopper);
    expect(sequenceOf(shopper, "participating")).toMatchObject({ turnElsewhere: true, leave: expect.any(Function) });
    expect(sequenceOf(shopper, "participating").display$).toBe(display$);
    await shopper.w.clock.advance(600_000);
    expect(shopper.w.service.count(presentLine)).toBeLessThan(40);
    expect(shopper.journey.events$.get().filter(({ type }) => type === "error")).toMatchObject([
      { severity: "warning", message: expect.stringContaining("device") },
    ]);
    shopper.w.service.answer(presentLine, present ?? "lost");
    await shopper.w.clock.advance(62_000);
    expect(sequenceOf(shopper, "granted").grant.token).toBe("grant-token-1");
  });

  test("nothing is elsewhere any more once the turn is taken back, bought, or over (J35)", async () => {
    const shopper = await arrive();
    await join(shopper);
    shopper.w.service.answer(presentLine, refusal(403, "other_device"));
    await beAdmitted(shopper);
    shopper.w.service.answer(statusLine, { status: 200, body: queued(9, { ticket: 40 }) });
    await shopper.w.clock.advance(11_000);
    expect(sequenceOf(shopper, "participating")).not.toHaveProperty("turnElsewhere");
    await beAdmitted(shopper);
    expect(sequenceOf(shopper, "participating").turnElsewhere).toBe(true);
    shopper.w.service.answer(statusLine, { status: 200, body: { status: "COMPLETED" } });
    await shopper.w.clock.advance(11_000);
    expect(sequenceOf(shopper, "ended").outcome).toBe("completed");
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

  test.each([
    { syncKeys: ["session", "activeQueues", "activeDraws", "refreshToken"], phase: "participating" },
    { syncKeys: ["session", "refreshToken"], phase: "enterable" },
  ] as const)("with $syncKeys another tab's line finds this one $phase (J21)", async ({ syncKeys, phase }) => {
    const w = world();
    const [a, b] = [await arrive(w), await arrive(w, { sync: { syncKeys } })];
    await start(a);
    await start(b);
    w.service.answer(statusLine, { status: 200, body: queued(2) });
    await within(w.clock, 200, sequenceOf(a, "enterable").enter());
    await w.clock.advance(1_000);
    expect(sequenceOf(b, phase).phase).toBe(phase);
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

  test("a place that a tab hears of after a logout in another one, of which it has not heard, is not left behind on the device (J22)", async () => {
    const w = world();
    const [leaving, deaf] = [await arrive(w), await arrive(w, { sync: { channelName: "elsewhere" } })];
    await within(w.clock, 200, leaving.sdk.auth.guest());
    await within(w.clock, 200, deaf.sdk.auth.guest());
    await join(deaf);
    await within(w.clock, 200, leaving.sdk.auth.logout());
    await beAdmitted(deaf);
    expect([...w.shelf.kept.keys()]).toEqual(["ended"]);
    expect([...w.items.keys()]).toEqual([]);
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
