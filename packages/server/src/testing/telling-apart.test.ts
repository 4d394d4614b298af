import { expect, test } from "vitest";
import { compare } from "./telling-apart.ts";

/** Evenly spread and always the same: a test of chances must not be one of luck. */
const spread = (count: number, shift = 0): number[] => Array.from({ length: count }, (_, at) => ((at * 7_919) % count) / count + shift);

test("groups of the same kind cannot be told apart, ties or not", () => {
  for (const group of [spread(5_000), spread(5_000).map((value) => Math.round(value * 10))]) {
    const { above, p, distance, distanceP } = compare(group, group);
    expect(above).toBeCloseTo(0.5, 10);
    expect(p).toBeCloseTo(1, 6);
    expect(distance).toBe(0);
    expect(distanceP).toBe(1);
  }
});

test("a shift by a twentieth of the spread is seen at once", () => {
  const { above, p, distanceP } = compare(spread(5_000, 0.05), spread(5_000));
  expect(above).toBeCloseTo(0.549, 2);
  expect(p).toBeLessThan(1e-6);
  expect(distanceP).toBeLessThan(1e-4);
});

test("the levels are those of the books: 1.96 deviations are five in a hundred, a scaled distance of 1.358 too", () => {
  const n = 10_000;
  const deviation = Math.sqrt((2 * n + 1) / 12) / n;
  const shift = 1.96 * deviation;
  expect(compare(spread(n, shift), spread(n)).p).toBeCloseTo(0.05, 2);
  expect(compare(spread(n, 1.358 / Math.sqrt(n / 2)), spread(n)).distanceP).toBeCloseTo(0.05, 2);
});
