import { describe, expect, test } from "vitest";
import { foreseeSlots } from "./slot-forecast.ts";
import { createSlotUse } from "./slot-use.ts";
import type { SlotUse } from "./slot-use.ts";

const second = 1_000;
const life = 600;

/** A slot taken each second, used for what `seconds` says of it, until `until`. */
function playSlots(until: number, seconds: (slot: number) => number): SlotUse {
  const use = createSlotUse();
  const events: { readonly at: number; readonly used: number | null }[] = [];
  for (let at = 0; at < until; at++) {
    events.push({ at, used: null });
    const used = seconds(at);
    if (at + used < until) events.push({ at: at + used, used });
  }
  for (const { at, used } of events.toSorted((a, b) => a.at - b.at)) {
    if (used === null) use.taken(at * second, 1);
    else use.ended(at * second, [used * second]);
  }
  return use;
}

describe("the use of checkout slots", () => {
  test("is what it is, however few of the slow ones have ended", () => {
    // Half take a minute, half take five: a mean of those that ended by then says one minute, one of all use says much more.
    for (const until of [400, 900, 1_800]) {
      const { seconds } = playSlots(until, (slot) => (slot % 2 === 0 ? 60 : 300)).read(until * second, life);
      expect(Math.abs(seconds - 180)).toBeLessThan(12);
    }
  });
  test("is not taken for that of the quick ones while nobody can have seen how many let theirs lapse", () => {
    // Whoever buys takes a minute; two minutes in, one in seven is there still, and nothing says for how long.
    const early = playSlots(120, (slot) => (slot % 7 === 0 ? life : 60)).read(120 * second, life);
    expect(early.seconds).toBeGreaterThan(90);
    expect(early.doubt).toBeGreaterThan(0.3);
    // Where nobody is left, nobody is believed to be.
    expect(playSlots(120, () => 60).read(120 * second, life).seconds).toBeLessThan(75);
  });
  test("is half of what it may be before anything was seen, and in doubt", () => {
    const { seconds, doubt } = createSlotUse().read(0, life);
    expect(seconds).toBeGreaterThan(200);
    expect(seconds).toBeLessThan(320);
    expect(doubt).toBeGreaterThan(1);
    expect(playSlots(900, () => 100).read(900 * second, life).doubt).toBeLessThan(0.15);
  });
  test("follows a shop that changes its pace, and knows nothing of slots that were taken before it listened", () => {
    expect(playSlots(1_800, (slot) => (slot < 900 ? 60 : 120)).read(1_800 * second, life).seconds).toBeCloseTo(120, -1);
    const use = createSlotUse();
    use.ended(0, [5 * second, 5 * second, 5 * second]);
    expect(use.read(0, life)).toEqual(createSlotUse().read(0, life));
  });
});

describe("slots played forward", () => {
  const use = playSlots(900, () => 100).read(900 * second, life);
  const fresh = { ...use, inUse: new Float64Array(use.inUse.length) };

  test("go by the rate alone while slots are free, and by what is given back from then on", () => {
    const forecast = foreseeSlots({ use: fresh, capacity: 100, active: 0, byRate: 300, lost: 0 });
    expect(forecast.minutesUntil(90)).toBeCloseTo(90 / 300, 1);
    // A hundred in twenty seconds; the next hundred a hundred seconds after them, and so on.
    expect(forecast.minutesUntil(150)).toBeCloseTo((100 + 10) / 60, 0);
    expect(forecast.minutesUntil(6_000)).toBeCloseTo(100, -1);
  });
  test("count those whose age nobody knows as any, and people who are lost on the way", () => {
    const evenly = foreseeSlots({ use: fresh, capacity: 100, active: 100, byRate: 3_000, lost: 0 });
    expect(evenly.minutesUntil(60)).toBeCloseTo(1, 0);
    const losing = foreseeSlots({ use: fresh, capacity: 100, active: 100, byRate: 3_000, lost: 0.05 });
    expect(losing.minutesUntil(3_000)).toBeLessThan(evenly.minutesUntil(3_000) * 0.6);
    expect(losing.minutesUntil(30_000)).toBeGreaterThan(losing.minutesUntil(3_000));
  });
  test("never tell a shorter wait to whoever stands farther back", () => {
    const forecast = foreseeSlots({ use: fresh, capacity: 100, active: 30, byRate: 300, lost: 0.01 });
    const waits = Array.from({ length: 400 }, (_, index) => forecast.minutesUntil(1 + index * 25));
    expect(waits).toEqual(waits.toSorted((a, b) => a - b));
  });
});
