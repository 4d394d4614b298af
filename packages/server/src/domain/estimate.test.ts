import { describe, expect, test } from "vitest";
import { createCalibration } from "./calibration.ts";
import { expectWait, isAtTheFront, pollAfterSeconds, toEstimate } from "./estimate.ts";
import type { EstimateFacts, Wait } from "./estimate.ts";
import { createFlow } from "./flow.ts";
import { createSlotUse } from "./slot-use.ts";
import type { SlotUse } from "./slot-use.ts";
import { measureEstimates } from "../testing/measure-estimates.ts";

const seen = { efficiency: 1, leavePerMinute: 0, silentPerMinute: 0, turnsSeen: 0, front: 0 };
const facts: EstimateFacts = {
  ...{ admitRate: 60, capacity: null, admissionExpirationSeconds: 600, flow: seen, slots: createSlotUse().read(0, 600), active: 0 },
  ...{ passedOver: 0, bounds: { low: -1.65, high: 1.65 } },
};
const waitOf = (more: Partial<EstimateFacts>, position = 600, waited = 0): Wait => {
  const wait = expectWait({ ...facts, ...more }, position, waited);
  if (wait === null) throw new Error("No estimate.");
  return wait;
};

/** A line of a hundred slots that have been used for so long each, one taken as one is given back, for 900 s. */
function usedFor(seconds: number): SlotUse {
  const use = createSlotUse();
  for (let at = 0; at <= 900; at += seconds / 100) {
    if (at >= seconds) use.ended(at * 1000, [seconds * 1000]);
    use.taken(at * 1000, 1);
  }
  return use;
}

describe("an estimate", () => {
  test("is what the rate says while nothing else is in the way, with a range around it", () => {
    const { expected, low, high } = waitOf({});
    expect(expected).toBeCloseTo(600);
    expect([low < 600, low > 540, high > 600, high < 660]).toEqual([true, true, true, true]);
  });
  test("is wide where checkout slots bound the line and nobody has used one yet, and says why it is slow", () => {
    const { low, high, reason } = waitOf({ capacity: 5, active: 5 });
    expect(high / low).toBeGreaterThan(5);
    expect(reason).toContain("as others finish");
  });
  test("is no longer than slots can be kept, whatever is not known: a grant that lapses and a checkout as long, wave by wave", () => {
    const use = createSlotUse();
    use.taken(0, 100);
    const waiting = { capacity: 100, admitRate: 3_000, active: 100, slots: use.read(60_000, 600), bounds: { low: -6, high: 6 } };
    for (const [position, waves] of [
      [7, 1],
      [100, 1],
      [101, 2],
      [1_000, 10],
    ] as const) {
      const { expected, high } = waitOf(waiting, position);
      expect(high).toBeLessThanOrEqual(waves * 1_210 + position / 50 + 2);
      expect(expected).toBeLessThanOrEqual(high);
    }
  });
  test("learns from how long slots are used", () => {
    const { expected, low, high } = waitOf({ capacity: 100, admitRate: 3_000, active: 100, slots: usedFor(100).read(900_000, 600) }, 3_000);
    expect(expected).toBeGreaterThan(2_900);
    expect(expected).toBeLessThan(3_250);
    expect(high / low).toBeLessThan(1.5);
  });
  test("counts those ahead who are away or will be gone by then for nothing, and those who were passed over as well", () => {
    const flow = { ...seen, silentPerMinute: 0.01, leavePerMinute: 0.01, turnsSeen: 500 };
    expect(waitOf({ flow }).expected).toBeLessThan(560);
    expect(waitOf({ flow }, 600, 20).expected).toBeLessThan(500);
    expect(waitOf({ passedOver: 300 }).expected).toBeCloseTo(300);
  });
  test("is withheld when nobody is let in, and owns up when fewer go through than planned", () => {
    expect(expectWait({ ...facts, admitRate: 0 }, 5, 0)).toBeNull();
    expect(toEstimate(null)).toBeNull();
    expect(waitOf({ flow: { ...seen, efficiency: 0.5 } })).toMatchObject({ expected: 1200, reason: "Fewer people go through than planned." });
  });
});

describe("over launches that are played", () => {
  const figures = measureEstimates({ seed: 7, runs: 1, people: 6_000 });
  const foreseeable = figures.filter(({ line }) => !line.includes("half as long again"));

  test.each(foreseeable)("$law arrivals, $line: off by at most a tenth in half of the cases, and nine of ten turns in the range", ({ p50Error, covered }) => {
    expect(p50Error).toBeLessThanOrEqual(0.1);
    expect(covered).toBeGreaterThanOrEqual(0.9);
  });
});

describe("what a line has shown", () => {
  test("is how many went through of those who could have, while slots were free", () => {
    const flow = createFlow();
    const state = { moving: true, waiting: 10, active: 0, capacity: null, admitRate: 60 };
    flow.note(0, state);
    for (let minute = 1; minute <= 10; minute++) {
      flow.admitted(
        minute * 60_000,
        Array.from({ length: 30 }, (_, index) => minute * 30 + index),
        30,
      );
      flow.note(minute * 60_000, state);
    }
    expect(flow.read(600_000).efficiency).toBeCloseTo(0.57, 1);
    flow.note(600_000, { ...state, moving: false });
    expect(flow.read(1_200_000).efficiency).toBeGreaterThan(0.5);
  });
  test("is who was not there at their turn, and how long those who were had waited", () => {
    const flow = createFlow();
    flow.joined(0, 1_000);
    flow.note(0, { moving: true, waiting: 1_000, active: 0, capacity: null, admitRate: 60 });
    for (let turn = 1; turn <= 400; turn++) flow.admitted(turn * 1_000, [turn * 2], 2);
    const { silentPerMinute, turnsSeen } = flow.read(400_000);
    expect(silentPerMinute).toBeGreaterThan(0.1);
    expect(turnsSeen).toBeGreaterThan(100);
    expect(flow.waitedMs(900, 400_000)).toBe(400_000);
  });
  test("takes nobody for lost who was passed on the way to the turn and came after all", () => {
    const flow = createFlow();
    flow.joined(0, 1_000);
    flow.note(0, { moving: true, waiting: 1_000, active: 0, capacity: null, admitRate: 60 });
    for (let turn = 1; turn <= 200; turn++) flow.admitted(turn * 1_000, [turn * 2], 2);
    const passed = flow.read(200_000).silentPerMinute;
    for (let turn = 1; turn <= 200; turn++) flow.admitted(200_000 + turn * 100, [turn * 2 - 1], 0);
    expect(passed).toBeGreaterThan(0.1);
    expect(flow.read(220_000).silentPerMinute).toBeCloseTo(0, 5);
  });
});

describe("a range", () => {
  test("widens with the errors that were made, to the side where they were made", () => {
    const calibration = createCalibration();
    const before = calibration.bounds(0);
    for (let ticket = 1; ticket <= 60; ticket++) calibration.probe(ticket, ticket, 100, 0.1);
    calibration.reached(150_000, 60);
    const after = calibration.bounds(150_000);
    expect(after.high).toBeGreaterThan(before.high * 1.5);
    expect(after.low).toBeGreaterThanOrEqual(before.low);
  });
  test("widens for those who are overdue, before their turn comes", () => {
    const calibration = createCalibration();
    for (let ticket = 1; ticket <= 60; ticket++) calibration.probe(0, ticket, 100, 0.1);
    expect(calibration.bounds(50_000).high).toBe(1.65);
    expect(calibration.bounds(200_000).high).toBe(6);
  });
});

describe("the pause before the next question", () => {
  const wait = (expected: number, isSlots = false, spread = 0.05): Wait => ({
    ...{ expected, low: expected * 0.9, high: expected * 1.1, spread, isSlots },
    inOneWave: isSlots ? 20 : 0,
  });

  test("is a minute far from the turn, half a minute near it, and aims at it in the end", () => {
    expect([3600, 300, 110, 80, 30, 12, 4, 2].map((seconds) => pollAfterSeconds(wait(seconds), 50))).toEqual([60, 60, 50, 30, 26, 10, 5, 2]);
  });
  test("is at most half a minute within a minute and a half of the turn, however busy the node is", () => {
    for (let seconds = 1; seconds <= 90; seconds++) expect(pollAfterSeconds(wait(seconds), 50, 4)).toBeLessThanOrEqual(30);
    expect(pollAfterSeconds(wait(900), 50, 4)).toBe(110);
  });
  test("is short for the first two where a slot may be given back at any moment", () => {
    expect([pollAfterSeconds(wait(300, true), 1), pollAfterSeconds(wait(300, true), 3)]).toEqual([5, 60]);
  });
  test("never lasts through the turn, nor for as long as silence is absence, however busy the service is", () => {
    for (let expected = 91; expected <= 1_200; expected += 7) {
      const pause = pollAfterSeconds({ ...waitOf({}), expected, low: expected * 0.95, high: expected * 1.05 }, 5_000, 4);
      expect(pause).toBeLessThanOrEqual(110);
      expect(pause).toBeLessThanOrEqual(Math.max(31, expected - 59));
    }
    expect(pollAfterSeconds(null, 5_000, 4)).toBe(110);
  });
  test("is shorter where slots bound the line and a turn may come long before it is expected", () => {
    const unsure = { ...wait(80, true), low: 10 };
    expect([pollAfterSeconds(unsure, 9), pollAfterSeconds({ ...unsure, expected: 150 }, 9), pollAfterSeconds({ ...unsure, isSlots: false }, 9)]).toEqual([
      17, 30, 30,
    ]);
  });
  test("is no minute where slots bound the line and the estimate is worth little: it may be another one in a moment", () => {
    expect([pollAfterSeconds(wait(3600, true, 1.2), 40), pollAfterSeconds(wait(3600, true), 40), pollAfterSeconds(wait(3600, false, 1.2), 40)]).toEqual([
      40, 60, 60,
    ]);
    const low = (seconds: number): Wait => ({ ...wait(200, true, 1.2), low: seconds });
    expect([low(4), low(22), low(38)].map((each) => pollAfterSeconds(each, 7))).toEqual([15, 22, 38]);
  });
  test("gives way to being told: where the turn may come within forty seconds, in the next wave of slots, and at the front of a line that stands", () => {
    expect([wait(44), wait(50), { ...wait(100, true), low: 30 }].map((each) => isAtTheFront(each, 50))).toEqual([true, false, true]);
    expect([20, 21].map((position) => isAtTheFront(wait(300, true), position))).toEqual([true, false]);
    expect([20, 21].map((position) => isAtTheFront(null, position))).toEqual([true, false]);
    expect([100, 101].map((position) => isAtTheFront({ ...wait(300, true), inOneWave: 5_000 }, position))).toEqual([true, false]);
  });
  test("is short near the front of a line that stands still, and may go on at any moment", () => {
    expect([pollAfterSeconds(null, 20), pollAfterSeconds(null, 100), pollAfterSeconds(null, 101)]).toEqual([15, 30, 60]);
  });
});
