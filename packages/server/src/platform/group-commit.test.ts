import { describe, expect, test } from "vitest";
import { createGroupCommit, GroupCommitFull } from "./group-commit.ts";
import type { GroupCommitOptions } from "./group-commit.ts";

class Passing extends Error {}

function commitOf(flush: GroupCommitOptions<number, string>["flush"], more: Partial<GroupCommitOptions<number, string>> = {}) {
  return createGroupCommit<number, string>({
    maxBatch: 4,
    now: () => 0,
    flush,
    mayRepeat: (error) => error instanceof Passing,
    pause: () => Promise.resolve(),
    ...more,
  });
}

describe("a group commit", () => {
  test("puts what arrives while a batch runs into the next one, in order, one batch at a time", async () => {
    const batches: (readonly number[])[] = [];
    let running = 0;
    const commit = commitOf(async (items) => {
      expect(++running).toBe(1);
      batches.push(items);
      await Promise.resolve();
      running--;
      return items.map(String);
    });
    const answers = await Promise.all([1, 2, 3, 4, 5, 6].map((item) => commit.submit(item)));
    expect(answers).toEqual(["1", "2", "3", "4", "5", "6"]);
    expect(batches).toEqual([
      [1, 2, 3, 4],
      [5, 6],
    ]);
    await commit.idle();
    expect(commit.waiting()).toBe(0);
  });

  test("lets one bad item fail alone", async () => {
    const commit = commitOf((items) => (items.includes(3) ? Promise.reject(new Error("bad row")) : Promise.resolve(items.map(String))));
    const answers = await Promise.allSettled([1, 2, 3, 4].map((item) => commit.submit(item)));
    expect(answers.map((answer) => answer.status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
  });

  test("repeats the same batch when the outcome is unknown, and gives up after a while", async () => {
    const seen: (readonly number[])[] = [];
    const healing = commitOf((items) => {
      seen.push(items);
      return seen.length < 3 ? Promise.reject(new Passing()) : Promise.resolve(items.map(String));
    });
    expect(await Promise.all([healing.submit(1), healing.submit(2)])).toEqual(["1", "2"]);
    expect(seen).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
    ]);
    const broken = commitOf(() => Promise.reject(new Passing()));
    await expect(broken.submit(1)).rejects.toBeInstanceOf(Passing);
  });

  test("refuses at its bound instead of growing, and takes more as soon as there is room", async () => {
    const commit = commitOf((items) => Promise.resolve(items.map(String)), { maxBatch: 512 });
    const first = Array.from({ length: 512 }, (_, item) => commit.submit(item));
    expect(commit.hasRoom()).toBe(false);
    await expect(commit.submit(-1)).rejects.toBeInstanceOf(GroupCommitFull);
    await Promise.all(first);
    expect(await commit.submit(4)).toBe("4");
  });

  test("refuses while a batch is stuck, however little waits, and takes more when it is through", async () => {
    let now = 0;
    let finish: () => void = () => undefined;
    const commit = commitOf((items) => new Promise((resolve) => (finish = () => resolve(items.map(String)))), { now: () => now });
    const stuck = commit.submit(1);
    await Promise.resolve();
    now = 799;
    expect(commit.hasRoom()).toBe(true);
    now = 800;
    expect(commit.hasRoom()).toBe(false);
    await Promise.resolve();
    finish();
    expect(await stuck).toBe("1");
    await commit.idle();
    expect(commit.hasRoom()).toBe(true);
  });
});
