import { describe, expect, test } from "vitest";
import { createSharedClock } from "./shared-clock.ts";
import type { SharedClock } from "./shared-clock.ts";

/** One true time; a database and nodes that see it wrongly; answers that take a while on the way there and back. */
function world() {
  let passed = 0;
  const epoch = Date.parse("2026-11-22T10:00:00.000Z");
  const database = { wrongMs: 0, thereMs: 2, backMs: 2 };
  const turn = (milliseconds: number): void => void (passed += milliseconds);
  const nodeWith = (wrongMs: number): SharedClock =>
    createSharedClock({
      own: { now: () => epoch + passed + wrongMs, every: () => () => undefined },
      monotonic: () => passed,
      askDatabase: async () => {
        turn(database.thereMs);
        const theirs = epoch + passed + database.wrongMs;
        turn(database.backMs);
        return theirs;
      },
    });
  return { turn, nodeWith, database, truth: () => epoch + passed + database.wrongMs };
}

describe("a shared clock", () => {
  test("agrees with the database to within an answer's way, whatever the node's own clock says", async () => {
    const { turn, nodeWith, truth } = world();
    for (const wrongMs of [-5_000, 0, 5_000, 86_400_000]) {
      const clock = nodeWith(wrongMs);
      await clock.compare();
      turn(60_000);
      expect(Math.abs(clock.now() - truth())).toBeLessThanOrEqual(4);
    }
  });

  test("is not disturbed by an answer that was long on its way", async () => {
    const { nodeWith, database } = world();
    const clock = nodeWith(0);
    await clock.compare();
    const before = clock.now();
    Object.assign(database, { thereMs: 0, backMs: 3_000 });
    await clock.compare();
    expect(clock.now() - before).toBe(3_000);
  });

  test("follows a database whose clock was set, or another database", async () => {
    const { nodeWith, database, truth } = world();
    const clock = nodeWith(0);
    await clock.compare();
    database.wrongMs = -7_000;
    await clock.compare();
    expect(Math.abs(clock.now() - truth())).toBeLessThanOrEqual(4);
  });

  test("goes on as it was while the database cannot be asked", async () => {
    let fails = false;
    let passed = 0;
    const askDatabase = async (): Promise<number> => (fails ? Promise.reject(new Error("gone")) : 1_000_000);
    const clock = createSharedClock({ own: { now: () => 5, every: () => () => undefined }, monotonic: () => passed, askDatabase });
    await clock.compare();
    fails = true;
    passed = 500;
    await expect(clock.compare()).rejects.toThrow("gone");
    expect(clock.now()).toBe(1_000_500);
  });
});
