import { describe, expect, test } from "vitest";
import { drawState, furtherWinners, missedBeacon, nextStep, standingOf, waitsForBeaconSince } from "./draw.ts";
import type { DrawFacts, DrawStanding } from "./draw.ts";

const hour = 3_600_000;
const opensAt = Date.parse("2026-11-22T10:00:00.000Z");
const at = (hours: number): number => opensAt + hours * hour;

const draw = (change: Partial<DrawFacts> = {}): DrawFacts => ({
  organizationId: "org_a",
  id: "draw_a",
  experienceId: "exp_a",
  sequenceId: "seq_a",
  name: "Draw",
  openAt: opensAt,
  opensAt,
  closeAt: at(2),
  drawAt: at(3),
  earlierDrawAts: [],
  winnerCount: 2,
  capacity: null,
  admissionExpirationSeconds: 600,
  continueSelecting: false,
  maxWeight: 1,
  beacon: null,
  hasBeaconSignature: false,
  beaconAskedAt: null,
  beaconTrouble: null,
  message: null,
  commitments: 1,
  tickets: 5,
  excluded: 1,
  closedAt: null,
  rootedAt: null,
  root: null,
  drawingAt: null,
  drawnAt: null,
  ranked: 0,
  offered: 0,
  settledAt: null,
  cancelledAt: null,
  archived: false,
  createdAt: at(-1),
  updatedAt: null,
  ...change,
});
const closed = { closedAt: at(2), rootedAt: at(2), root: "00" };
const drawn = { ...closed, drawingAt: at(3), drawnAt: at(3), ranked: 4, offered: 2 };
const beacon = { chainHash: "ab", round: 7, at: new Date(at(4)).toISOString() };

describe("what a draw is doing", () => {
  test.each([
    ["upcoming", {}, -0.5],
    ["open", {}, 0],
    ["open", {}, 1.99],
    ["closed", {}, 2],
    ["closed", closed, 2.5],
    ["drawing", closed, 3],
    ["closed", { ...closed, beacon }, 3.5],
    ["drawing", { ...closed, beacon }, 4],
    ["drawn", drawn, 3],
    ["cancelled", { cancelledAt: at(1) }, 1],
    ["drawn", { ...drawn, archived: true }, 9],
    // Closed at once by its operator, before the time that was announced.
    ["closed", { ...closed, closedAt: at(1) }, 1],
  ] as const)("is %s (%#)", (state, change, hours) => {
    expect(drawState(draw(change), at(hours))).toBe(state);
  });

  test("closes when it is drawn, where no other time was set", () => {
    expect(drawState(draw({ closeAt: null }), at(2.5))).toBe("open");
    expect(drawState(draw({ closeAt: null }), at(3))).toBe("drawing");
  });
});

describe("the next step", () => {
  test.each([
    [null, {}, 1],
    ["close", {}, 2],
    ["root", { closedAt: at(2) }, 2],
    [null, closed, 2.5],
    ["begin", closed, 3],
    [null, { ...closed, beacon }, 5],
    ["begin", { ...closed, beacon, hasBeaconSignature: true }, 4],
    [null, { ...closed, beacon, hasBeaconSignature: true }, 3.9],
    ["rank", { ...closed, drawingAt: at(3) }, 3],
    ["grant", drawn, 3],
    [null, { ...drawn, settledAt: at(4) }, 5],
    [null, { cancelledAt: at(1) }, 9],
    [null, { ...closed, archived: true }, 9],
  ] as const)("is %s (%#)", (step, change, hours) => {
    expect(nextStep(draw(change), at(hours))).toBe(step);
  });

  test("promises a later round only while the list is open", () => {
    expect(missedBeacon(draw({ beacon }), at(3.9))).toBe(false);
    expect(missedBeacon(draw({ beacon }), at(4))).toBe(true);
    expect(missedBeacon(draw({ ...closed, beacon }), at(5))).toBe(false);
  });
});

test("waits for its beacon's round from when the draw could be made, until it is there or the draw is over", () => {
  expect(waitsForBeaconSince(draw({ ...closed, beacon }), at(3.9))).toBeNull();
  expect(waitsForBeaconSince(draw({ ...closed, beacon }), at(5))).toBe(at(4));
  expect(waitsForBeaconSince(draw({ ...closed, beacon, hasBeaconSignature: true }), at(5))).toBeNull();
  expect(waitsForBeaconSince(draw({ ...closed, beacon, cancelledAt: at(4.5) }), at(5))).toBeNull();
  expect(waitsForBeaconSince(draw(closed), at(5))).toBeNull();
});

test("wins go on while somebody has not claimed theirs, only where the draw says so, for thirty days, and never past its end", () => {
  const going = { ...drawn, continueSelecting: true };
  const further = (change: Partial<DrawFacts>, active: number, completed: number, hours = 4) => furtherWinners(draw(change), { active, completed }, at(hours));
  expect(further({ ...drawn, offered: 0 }, 0, 0)).toEqual({ count: 2, isContinuation: false });
  expect(further(drawn, 0, 0).count).toBe(0);
  expect(further(going, 1, 0)).toEqual({ count: 1, isContinuation: true });
  expect(further(going, 1, 1).count).toBe(0);
  expect(further({ ...going, offered: 3 }, 0, 0).count).toBe(1);
  expect(further({ ...going, offered: 4 }, 0, 0).count).toBe(0);
  expect(further(going, 0, 0, 3 + 30 * 24 - 1).count).toBe(2);
  expect(further(going, 0, 0, 3 + 30 * 24).count).toBe(0);
  // Some of the first ran out before all of them had their grants: the result's winners come first, and apart.
  expect(further({ ...going, offered: 1 }, 0, 0)).toEqual({ count: 1, isContinuation: false });
});

describe("what somebody is told", () => {
  const entry = { ticket: 3, class: 0, weight: 1, enteredAt: at(0.5) };
  const standing = (change: Partial<DrawStanding> = {}): DrawStanding => ({ consumerId: "c", entry, grant: null, rank: null, ...change });
  const told = (change: Partial<DrawFacts>, who: DrawStanding, hours: number, completed = 0) =>
    standingOf(draw(change), who, { completed, now: at(hours), spread: 0.5 });
  const grant = { id: "grant_a", state: "active", grantedAt: at(3), expiresAt: at(4) };

  test("before the draw: in, settling, withdrawn, taken out, called off, or never in", () => {
    expect(told({}, standing({ entry: null }), 1)).toEqual({ status: "NOT_ENTERED" });
    expect(told({}, standing(), 1)).toMatchObject({ status: "ENTERED", entrants: 4, weight: 1 });
    expect(told(closed, standing(), 2.5)).toMatchObject({ status: "SETTLING" });
    expect(told({}, standing({ entry: { ...entry, class: 1 } }), 1)).toEqual({ status: "LEFT" });
    expect(told({}, standing({ entry: { ...entry, class: 3 } }), 1)).toEqual({ status: "DENIED", denyReason: "BOT_DETECTED" });
    expect(told({ cancelledAt: at(1) }, standing(), 1)).toMatchObject({ status: "CANCELLED" });
  });

  test("after it: won, bought, run out, not selected, or next but one", () => {
    expect(told(drawn, standing({ grant, rank: 1 }), 3)).toMatchObject({ status: "WON", grantId: "grant_a" });
    expect(told(drawn, standing({ grant: { ...grant, state: "completed" }, rank: 1 }), 3)).toEqual({ status: "COMPLETED" });
    expect(told(drawn, standing({ grant: { ...grant, state: "expired" }, rank: 1 }), 5)).toEqual({ status: "EXPIRED" });
    expect(told(drawn, standing({ rank: 3 }), 3)).toMatchObject({ status: "NOT_SELECTED", reserve: null });
    const going = { ...drawn, continueSelecting: true };
    expect(told(going, standing({ rank: 4 }), 3)).toMatchObject({ status: "NOT_SELECTED", reserve: { ahead: 1 } });
    // In time to claim what comes.
    expect(told({ ...going, admissionExpirationSeconds: 20 }, standing({ rank: 4 }), 3)).toMatchObject({ reserve: { pollAfterSeconds: 5 } });
    expect(told(going, standing({ rank: 4 }), 3)).toMatchObject({ reserve: { pollAfterSeconds: 23 } });
    expect(told(going, standing({ rank: 4 }), 3, 2)).toMatchObject({ status: "NOT_SELECTED", reserve: null });
  });

  test("a winner whose grant is on its way is not told of losing", () => {
    expect(told({ ...drawn, offered: 0 }, standing({ rank: 2 }), 3)).toMatchObject({ status: "SETTLING", pollAfterSeconds: 1 });
    expect(told({ ...drawn, offered: 0 }, standing({ rank: 3 }), 3)).toMatchObject({ status: "NOT_SELECTED" });
  });

  test("to ask again when something can have changed, and not all in one second", () => {
    const waits = [0, 0.5, 1].map((spread) => {
      const state = standingOf(draw(closed), standing(), { completed: 0, now: at(3) - 100_000, spread });
      return "pollAfterSeconds" in state ? state.pollAfterSeconds : 0;
    });
    expect(waits).toEqual([101, 106, 111]);
    expect(told(closed, standing(), 2)).toMatchObject({ pollAfterSeconds: 300 });
    const late = { ...closed, beacon };
    expect([1, 20, 100, 3_600].map((seconds) => told(late, standing(), 4 + seconds / 3_600))).toMatchObject(
      [2, 3, 15, 45].map((pollAfterSeconds) => ({ pollAfterSeconds })),
    );
  });
});
