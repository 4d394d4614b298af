import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestDatabase } from "../data/testing/open-test-database.ts";
import type { TestDatabase } from "../data/testing/open-test-database.ts";
import { createTurnedClock } from "../lines/testing/test-node.ts";
import { beginHistory } from "./testing/history.ts";
import type { Happening } from "./testing/history.ts";

let opened: TestDatabase;
beforeAll(async () => {
  opened = await openTestDatabase();
});
afterAll(() => opened.close());

/** `MERGE_HISTORIES=10000 MERGE_SEED=1 npx vitest run --project database …/histories.db.test.ts` plays that many; a failure names its seed. */
const histories = Number(process.env["MERGE_HISTORIES"] ?? 40);
const seed = process.env["MERGE_SEED"];

const happening: fc.Arbitrary<Happening> = fc.tuple(
  fc.oneof(
    { arbitrary: fc.constant("enter" as const), weight: 6 },
    { arbitrary: fc.constant("prove" as const), weight: 5 },
    { arbitrary: fc.constant("admit" as const), weight: 4 },
    { arbitrary: fc.constantFrom("hold" as const, "enterDraw" as const), weight: 4 },
    { arbitrary: fc.constantFrom("enterLate" as const, "complete" as const, "release" as const, "leave" as const), weight: 4 },
    { arbitrary: fc.constantFrom("turn" as const, "close" as const, "sweep" as const), weight: 2 },
  ),
  fc.nat(2),
  // Most of it in one place, so that people meet.
  fc.oneof({ arbitrary: fc.constant(0), weight: 3 }, { arbitrary: fc.nat(5), weight: 2 }),
);

test(
  "whatever people do before, between and after they turn out to be each other, nothing is lost, nothing is doubled, and no position rises",
  async () => {
    const clock = createTurnedClock();
    const played = fc.asyncProperty(fc.array(happening, { minLength: 8, maxLength: 18 }), async (happenings) => {
      // What the history before left behind lies an hour back: rounds that look at what is new would go over all of it again.
      clock.turn(3_600_000);
      const history = await beginHistory(opened.db, clock);
      for (const each of happenings) await history.happen(each);
      await history.end();
    });
    const outcome = await fc.check(played, { numRuns: histories, ...(seed === undefined ? {} : { seed: Number(seed) }) });
    expect(outcome.failed ? fc.defaultReportMessage(outcome) : "").toBe("");
    expect(outcome.numRuns).toBe(histories);
  },
  histories * 5_000 + 60_000,
);
