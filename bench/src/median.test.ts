import { expect, test } from "vitest";
import { compare, median } from "./median.ts";

test("the median ignores an outlier", () => {
  expect(median([5, 1, 1000])).toBe(5);
  expect(median([1, 3])).toBe(2);
});

test("a comparison takes its ratio pair by pair, so that a drifting machine does not bend it", () => {
  const round = (perSecond: number) => ({ perSecond, p50: 1, p99: 2 });
  expect(compare([round(50), round(10), round(30)], [round(100), round(20), round(60)])).toMatchObject({
    ratio: 0.5,
    subject: { perSecond: 30 },
    floor: { perSecond: 60 },
  });
});
