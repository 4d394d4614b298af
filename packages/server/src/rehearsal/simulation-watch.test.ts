import { expect, test } from "vitest";
import { createSimulationWatch } from "./simulation-watch.ts";

const limits = { admitRate: 6_000, capacity: 100, maxAdmissions: null, admissionExpirationSeconds: 600 };
const tickMs = 100;

/** A minute in which so many are present and inside at the end of each tick. */
function minute(present: number, active: number) {
  const watch = createSimulationWatch(limits, tickMs);
  for (let at = 0; at < 60_000; at += tickMs) watch.ticked(at, { active, granted: 0, tail: 0, refused: 0 }, present);
  return watch.report({ active, granted: 0, tail: 0, refused: 0 });
}

test("a minute is judged by the rate while as many are present, and as many slots free, as the rate lets in at once", () => {
  expect(minute(10, 90).judged).toEqual([true]);
});

test("is not judged where fewer are there, or a few slots free that were given back since the last turn", () => {
  expect(minute(9, 0).judged).toEqual([false]);
  expect(minute(10, 91).judged).toEqual([false]);
});
