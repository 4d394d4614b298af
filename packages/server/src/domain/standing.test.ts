import { describe, expect, test } from "vitest";
import { createPace } from "./pace.ts";
import { admitsWaiters, queueState, takesNewcomers } from "./queue-settings.ts";
import type { QueueSettings } from "./queue-settings.ts";
import { admittedState, pastState, waitingState } from "./standing.ts";

const settings: QueueSettings = {
  organizationId: "org_a",
  id: "queue_a",
  experienceId: "exp_a",
  sequenceId: "seq_a",
  name: "Drop",
  openAt: null,
  closeAt: null,
  paused: false,
  killed: false,
  archived: false,
  admitRate: 60,
  capacity: null,
  maxWaiting: null,
  maxAdmissions: null,
  admissionExpirationSeconds: 600,
  holdSeconds: 1800,
  grantExtensions: 0,
  grantExtensionSeconds: 300,
  positionDisplayMode: "precise",
  message: null,
  early: null,
};
const counters = { active: 0, granted: 0, stock: null };
const wait = { expected: 3, low: 2.6, high: 3.4, spread: 0.03, isSlots: false, inOneWave: 0 };
const waiting = (more: Partial<Parameters<typeof waitingState>[0]> = {}) =>
  waitingState({
    settings,
    state: "open",
    counters,
    ticket: 7,
    arrival: null,
    position: 3,
    aheadAtEntry: 4,
    wait,
    follow: null,
    stretch: 1,
    version: 9,
    now: 0,
    ...more,
  });

describe("a waiter", () => {
  test("is told place, people ahead, progress since joining and an honest range", () => {
    expect(waiting()).toMatchObject({ status: "QUEUED", ticket: 7, position: 3, waitingAhead: 2, progress: 0.5, estimate: { low: 2, high: 4 }, version: 9 });
  });
  test("is told no number in a qualitative line", () => {
    expect(waiting({ settings: { ...settings, positionDisplayMode: "qualitative" } })).toMatchObject({
      ticket: null,
      position: null,
      waitingAhead: null,
      progress: 0.5,
    });
  });
  test("is promised no time while the line is paused", () => {
    expect(waiting({ state: "paused" })).toMatchObject({ status: "QUEUED", estimate: null, estimatedWaitTimeInSeconds: null, admitRatePerMinute: 0 });
  });
  test.each(["killed", "exhausted"] as const)("does not wait for nothing when the queue is %s", (state) => {
    expect(waiting({ state })).toEqual({ status: "DENIED", denyReason: "QUEUE_CLOSED" });
  });
  test("is told that nothing is left, once nobody can give anything back", () => {
    const told = (stock: number, active: number) => {
      const left = { ...counters, stock, active };
      return waiting({ counters: left, state: queueState(settings, left, 0) });
    };
    expect(told(0, 0)).toEqual({ status: "DENIED", denyReason: "SOLD_OUT" });
    expect(told(0, 1)).toMatchObject({ status: "QUEUED", lastOnes: true, estimate: null });
    expect(told(2, 2)).toMatchObject({ status: "QUEUED", lastOnes: true, estimate: null });
    expect(told(3, 2)).not.toHaveProperty("lastOnes");
  });
  test("who stands far from the turn may follow the shared body, but not where numbers are kept from shoppers", () => {
    const follow = { blockSize: 512, departedInBlock: 3, aheadAtEntry: 4, statusAfterSeconds: 900 };
    expect(waiting({ follow })).toMatchObject({ follow });
    expect(waiting({ follow, settings: { ...settings, positionDisplayMode: "qualitative" } })).not.toHaveProperty("follow");
  });
  test("is told until when the place is kept if nothing more is heard", () => {
    expect(waiting()).toMatchObject({ heldUntil: "1970-01-01T00:30:00.000Z" });
  });
  test("who came before the opening is told no place, but the number that it will be drawn under, and when", () => {
    const early = { seed: new Uint8Array(32), drawn: null };
    const told = waiting({ settings: { ...settings, openAt: 20_000, early }, state: "upcoming", arrival: 7, version: 0 });
    expect(told).toMatchObject({ status: "QUEUED", ticket: null, position: null, waitingAhead: null, progress: 0, estimate: null });
    expect(told).toMatchObject({ arrival: 7, placesDrawnAt: "1970-01-01T00:00:20.000Z", pollAfterSeconds: 21 });
    expect(waiting({ settings: { ...settings, early: { ...early, drawn: 9 } }, arrival: 4 })).toMatchObject({ ticket: 7, position: 3, arrival: 4 });
  });
  test("reads the operator's message", () => {
    expect(waiting({ settings: { ...settings, message: "Back at ten." } })).toMatchObject({ message: "Back at ten." });
  });
});

test("an admitted consumer is told when the grant ends, and never its token", () => {
  const state = admittedState({ ticket: 1, grantId: "grant_1", admittedAt: 0, expiresAt: 60_000 }, 58_500);
  expect(state).toEqual({
    status: "ADMITTED",
    admittedAt: "1970-01-01T00:00:00.000Z",
    grantId: "grant_1",
    expiresAt: "1970-01-01T00:01:00.000Z",
    pollAfterSeconds: 2,
  });
});

test.each([
  ["completed", { status: "COMPLETED" }],
  ["expired", { status: "EXPIRED" }],
  ["left", { status: "LEFT" }],
  ["denied", { status: "DENIED", denyReason: "QUEUE_CLOSED" }],
  [null, { status: "NOT_QUEUED" }],
] as const)("an entry that is %s is told as such", (state, answer) => {
  expect(pastState(state)).toEqual(answer);
});

describe("a queue's state", () => {
  test.each([
    [{ killed: true, paused: true }, 0, 0, "killed"],
    [{ archived: true }, 0, 0, "killed"],
    [{ maxAdmissions: 5 }, 5, 0, "exhausted"],
    [{ openAt: 100 }, 0, 99, "upcoming"],
    [{ openAt: 100 }, 0, 100, "open"],
    [{ closeAt: 100 }, 0, 100, "ended"],
    [{ paused: true }, 0, 0, "paused"],
    [{ openAt: 100, early: { seed: new Uint8Array(32), drawn: null } }, 0, 100, "upcoming"],
    [{ openAt: 100, early: { seed: new Uint8Array(32), drawn: 3 } }, 0, 100, "open"],
  ] as const)("%j with %i granted at %i is %s", (more, granted, now, state) => {
    expect(queueState({ ...settings, ...more }, { ...counters, granted }, now)).toBe(state);
  });
  test("a paused line takes newcomers and lets nobody in; an ended one does the opposite", () => {
    expect([takesNewcomers("paused", null), admitsWaiters({ ...settings, paused: true }, "paused")]).toEqual([true, false]);
    expect([takesNewcomers("upcoming", null), takesNewcomers("upcoming", { seed: new Uint8Array(32), drawn: null })]).toEqual([false, true]);
    expect([takesNewcomers("ended", null), admitsWaiters(settings, "ended")]).toEqual([false, true]);
  });
  test("a pause outlasts the closing time, and a rate of nothing lets nobody in", () => {
    expect(admitsWaiters({ ...settings, paused: true }, "ended")).toBe(false);
    expect(admitsWaiters({ ...settings, admitRate: 0 }, "open")).toBe(false);
    const stands = { estimate: null, admitRatePerMinute: 0, pollAfterSeconds: 15 };
    expect(waiting({ state: "ended", settings: { ...settings, paused: true } })).toMatchObject(stands);
  });
});

describe("the pace of a line", () => {
  test("counts only while people wait", () => {
    const pace = createPace();
    pace.note(0, 1, 5);
    pace.note(60_000, 2, 5);
    expect(pace.perMinute(60_000)).toBeNull();
    pace.note(120_000, 2, 0);
    pace.note(900_000, 1, 3);
    pace.note(960_000, 2, 0);
    expect(pace.perMinute(5_000_000)).toBe(2);
  });
  test("falls while a line stands still", () => {
    const pace = createPace();
    for (const at of [0, 1000, 2000, 3000]) pace.note(at, 1, 9);
    expect(pace.perMinute(3000)).toBe(60);
    expect(pace.perMinute(6000)).toBe(30);
  });
});
