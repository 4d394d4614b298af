import { expect, test } from "vitest";
import { createLoopLag, lagPeriodMs } from "./loop-lag.ts";

test("a loop is overwhelmed after two ticks that come a second late, not after one, and free again with the first that is on time", () => {
  let now = 0;
  const heard: boolean[] = [];
  const lag = createLoopLag(
    () => now,
    (overwhelmed) => heard.push(overwhelmed),
  );
  const tickAfter = (milliseconds: number): boolean => {
    now += milliseconds;
    lag.tick();
    return lag.isOverwhelmed();
  };
  expect([lagPeriodMs, 1_200, lagPeriodMs, 1_200].map(tickAfter)).toEqual([false, false, false, false]);
  expect([1_200, 900, lagPeriodMs].map(tickAfter)).toEqual([true, true, false]);
  expect(heard).toEqual([true, false]);
});
