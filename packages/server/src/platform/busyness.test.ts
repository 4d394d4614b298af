import { expect, test } from "vitest";
import { createBusyness } from "./busyness.ts";

test("those who can wait are told to ask up to four times less often while a node has no room, and as before once it has", () => {
  let [active, idle] = [0, 0];
  const busyness = createBusyness(() => ({ active, idle }));
  const pass = (seconds: number, share: number): number => {
    for (let second = 0; second < seconds; second++) {
      active += share;
      idle += 1 - share;
      busyness.tick();
    }
    return busyness.stretch();
  };
  expect(pass(60, 0.6)).toBe(1);
  expect(pass(1, 1)).toBe(1);
  expect(pass(60, 1)).toBeCloseTo(4, 3);
  expect(pass(60, 0.85)).toBeCloseTo(2.5, 3);
  expect(pass(60, 0.1)).toBe(1);
});
