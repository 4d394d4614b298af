import { expect, test } from "vitest";
import { createRounds } from "./rounds.ts";

/** A clock whose periods come when they are called. */
function createCalledClock() {
  const periods = new Set<() => Promise<void> | void>();
  return {
    every: (_periodMs: number, callback: () => Promise<void> | void) => {
      periods.add(callback);
      return () => void periods.delete(callback);
    },
    come: () => void [...periods].map((callback) => callback()),
  };
}

test("stopping waits for the rounds under way, tells a long one to end, and begins none", async () => {
  const clock = createCalledClock();
  const rounds = createRounds(clock);
  const seen: string[] = [];
  let finish: () => void = () => undefined;
  rounds.every(1, async (stopping) => {
    seen.push("began");
    await new Promise<void>((resolve) => (finish = resolve));
    seen.push(stopping.aborted ? "was told" : "was not told");
  });
  clock.come();
  const stopped = rounds.stop().then(() => seen.push("stopped"));
  clock.come();
  finish();
  await stopped;
  expect(seen).toEqual(["began", "was told", "stopped"]);
});

test("a round that failed keeps nobody from stopping", async () => {
  const clock = createCalledClock();
  const rounds = createRounds({ every: (period, callback) => clock.every(period, () => void Promise.resolve(callback()).catch(() => undefined)) });
  rounds.every(1, () => Promise.reject(new Error("lost")));
  clock.come();
  await expect(rounds.stop()).resolves.toBeUndefined();
});
