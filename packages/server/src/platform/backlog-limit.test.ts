import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createBacklogLimit, waitTargetMs } from "./backlog-limit.ts";
import type { BacklogLimit } from "./backlog-limit.ts";

/** Ten times as much as a database takes is offered for a while, in step with a clock of its own. Gives how long each accepted item waited, in order. */
function offerTenfold(limit: BacklogLimit, perMs: number, durationMs: number): number[] {
  const waits: number[] = [];
  let waiting: number[] = [];
  let now = 0;
  let offeredTo = 0;
  while (now < durationMs) {
    const batch = waiting.slice(0, 512);
    waiting = waiting.slice(512);
    const tookMs = Math.max(1, batch.length / perMs);
    const every = 1 / (10 * perMs);
    for (; offeredTo < now + tookMs; offeredTo += every) if (batch.length + waiting.length < limit.current()) waiting.push(offeredTo);
    now += tookMs;
    for (const since of batch) waits.push(now - since);
    if (batch[0] !== undefined) limit.note({ size: batch.length, tookMs, oldestMs: now - batch[0], waiting: waiting.length });
  }
  return waits;
}

describe("the limit of a backlog", () => {
  test("keeps every accepted item within twice the target once the pace is known, at any pace of 400 a second or more", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.4, max: 20, noNaN: true }), (perMs) => {
        const waits = offerTenfold(createBacklogLimit(), perMs, 8_000);
        const longestMs = waits.slice(1_024).reduce((longest, wait) => Math.max(longest, wait), 0);
        expect(longestMs).toBeLessThanOrEqual(2 * waitTargetMs);
        expect(waits.length).toBeGreaterThan(perMs * 8_000 * 0.8);
      }),
      { numRuns: 30 },
    );
  });

  test("follows a quick database up, so that a burst is no overload", () => {
    const limit = createBacklogLimit();
    const followed = [1, 2, 3, 4, 5].map(() => {
      limit.note({ size: 512, tookMs: 20, oldestMs: 40, waiting: 300 });
      return limit.current();
    });
    const fits = (512 / 20) * waitTargetMs;
    expect(followed).toEqual([1_024, 2_048, 4_096, fits, fits]);
  });

  test("is not lowered by a small batch that was quick", () => {
    const limit = createBacklogLimit();
    for (let batch = 0; batch < 100; batch++) limit.note({ size: 1, tookMs: 5, oldestMs: 9, waiting: 0 });
    expect(limit.current()).toBe(512);
  });

  test("gives back within a few batches what a stall took", () => {
    const limit = createBacklogLimit();
    limit.note({ size: 10, tookMs: 4_000, oldestMs: 4_000, waiting: 60 });
    expect(limit.current()).toBe(128);
    for (let batch = 0; batch < 3; batch++) limit.note({ size: 1, tookMs: 5, oldestMs: 9, waiting: 0 });
    expect(limit.current()).toBe(512);
  });
});
