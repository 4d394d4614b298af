import { expect, test } from "vitest";
import { createSeries, thinned } from "./series.ts";

test("a count is zero where nothing happened, a level stays what it was", () => {
  const [count, level] = [createSeries("count"), createSeries("level")];
  for (const at of [0, 400, 3_100]) {
    count.add(at, 1);
    level.set(at, at);
  }
  expect(count.values()).toEqual([2, 0, 0, 1]);
  expect(level.values()).toEqual([400, 400, 400, 3_100]);
});

test("thinning keeps the sum of a count and the last of a level", () => {
  expect(thinned([1, 2, 3, 4, 5], 3, "count")).toEqual({ step: 2, values: [3, 7, 5] });
  expect(thinned([1, 2, 3, 4, 5], 3, "level")).toEqual({ step: 2, values: [2, 4, 5] });
});
