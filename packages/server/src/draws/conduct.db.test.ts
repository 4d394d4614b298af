import { randomUUID } from "node:crypto";
import { readContinuation, readResult, verifyTranscript } from "@fanfare-io/fanfare-draw-proof";
import type { Transcript } from "@fanfare-io/fanfare-draw-proof";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Database } from "../data/database.ts";
import { insertDrawEntries } from "../data/draw-entries.ts";
import { readDrawGrants, readWins } from "../data/draw-results.ts";
import { readStatements } from "../data/draw-statements.ts";
import { findDraw } from "../data/draws.ts";
import type { DrawKey } from "../data/draws.ts";
import { openTestDatabase } from "../data/testing/open-test-database.ts";
import type { TestDatabase } from "../data/testing/open-test-database.ts";
import { createTurnedClock } from "../lines/testing/test-node.ts";
import type { TurnedClock } from "../lines/testing/test-node.ts";
import { conductDraw } from "./conduct.ts";
import { dyingAfter, fillDraw, readTestTranscript } from "./testing/conducting.ts";
import { makeTestDraw } from "./testing/make-draw.ts";

let opened: TestDatabase;
let clock: TurnedClock;
let key: DrawKey;
beforeAll(async () => {
  opened = await openTestDatabase();
});
afterAll(() => opened.close());
beforeEach(() => {
  clock = createTurnedClock();
});

const newGrantId = (): string => `grant_${randomUUID()}`;
const conduct = (db: Database = opened.db): Promise<void> => conductDraw({ db, clock, newGrantId }, key);

const fill = (count: number): Promise<void> => fillDraw(opened.db, key, count, new Date(clock.now()));
const transcript = (): Promise<Transcript> => readTestTranscript(opened.db, key);

test.each([true, false])(
  "killed at any statement (which arrives: %s) and taken up again, a draw has one result, published once",
  async (arrives) => {
    const results = new Set<string>();
    let survived = false;
    for (let statements = 0; !survived; statements++) {
      key = await makeTestDraw(opened.db, clock, { winnerCount: 3, seed: 7 });
      await fill(20);
      clock.turn(3_600_000);
      const before = await conduct(dyingAfter(opened.db, statements, arrives)).then(
        () => true,
        () => false,
      );
      survived = before;
      // Whoever takes it up comes later: what was begun keeps its instant.
      if (!survived) clock.turn(5_000);
      const begun = (await findDraw(opened.db, key))?.drawingAt ?? null;
      await Promise.all([conduct(), conduct()]);
      await conduct();
      const told = await transcript();
      expect(verifyTranscript(told).checks.filter(({ holds }) => holds !== true)).toEqual([]);
      const statementsMade = await readStatements(opened.db, key);
      expect(statementsMade.map(({ kind }) => kind)).toEqual(["closing", "commitment", "result"]);
      const result = readResult(told.result?.text ?? "") ?? expect.fail("a result");
      if (begun !== null) expect(result.drawnAt).toBe(new Date(begun).toISOString());
      const wins = await readWins(opened.db, key);
      expect(wins.map(({ ticket }) => ticket).toSorted((a, b) => a - b)).toEqual(result.winners.toSorted((a, b) => a - b));
      expect(await readDrawGrants(opened.db, key)).toMatchObject({ active: 3, completed: 0 });
      results.add(told.entries.length === 20 ? "whole" : "torn");
      clock = createTurnedClock();
    }
    expect([...results]).toEqual(["whole"]);
  },
  120_000,
);

test("whoever conducts a draw at the same time, it has one result and no grant too many", async () => {
  key = await makeTestDraw(opened.db, clock, { winnerCount: 1_500, seed: 9 });
  await fill(2_000);
  clock.turn(3_600_000);
  await Promise.all([conduct(), conduct(), conduct(), conduct()]);
  await conduct();
  expect(verifyTranscript(await transcript()).holds).toBe(true);
  const wins = await readWins(opened.db, key);
  expect(new Set(wins.map(({ ticket }) => ticket)).size).toBe(1_500);
  expect(wins).toHaveLength(1_500);
  expect(await readDrawGrants(opened.db, key)).toMatchObject({ active: 1_500 });
}, 60_000);

test("nobody enters or leaves behind the closing, however they race it", async () => {
  key = await makeTestDraw(opened.db, clock, { winnerCount: 3, seed: 3 });
  await fill(100);
  const late = { consumerId: randomUUID(), salt: new Uint8Array(16), weight: 1 };
  const at = new Date(clock.now());
  clock.turn(3_600_000);
  const outcomes = await Promise.all([
    conduct(),
    ...Array.from({ length: 5 }, (_, n) => insertDrawEntries(opened.db, key, [{ ...late, consumerId: randomUUID(), salt: new Uint8Array(16).fill(n) }], at)),
  ]);
  expect(outcomes).toHaveLength(6);
  await conduct();
  const told = await transcript();
  expect(verifyTranscript(told).holds).toBe(true);
  expect(await insertDrawEntries(opened.db, key, [late], at)).toEqual({ kind: "closed" });
});

test("unclaimed wins go down the ranking in order, while the draw says so, and never past what was promised", async () => {
  key = await makeTestDraw(opened.db, clock, { winnerCount: 2, seed: 5, continueSelecting: true });
  await fill(5);
  clock.turn(3_600_000);
  await conduct();
  const ranking: number[] = [];
  for (let round = 0; round < 3; round++) {
    const wins = await readWins(opened.db, key);
    expect(wins.filter(({ state }) => state === "active").length).toBe(Math.min(2, 5 - 2 * round));
    ranking.splice(0, Infinity, ...wins.map(({ ticket }) => ticket));
    clock.turn(700_000);
    await conduct();
  }
  expect(new Set(ranking).size).toBe(5);
  const told = await transcript();
  const result = readResult(told.result?.text ?? "");
  const given = told.continuations.map(({ text }) => readContinuation(text));
  expect(given.map((one) => [one?.unclaimed.length, one?.withdrawn.length, one?.winners.length])).toEqual([
    [2, 0, 2],
    [2, 0, 1],
  ]);
  expect(verifyTranscript(told).checks.filter(({ holds }) => holds !== true)).toEqual([]);
  expect((await findDraw(opened.db, key))?.settledAt).toBe(clock.now());
  expect(ranking.slice(0, 2).toSorted((a, b) => a - b)).toEqual([...(result?.winners ?? [])].toSorted((a, b) => a - b));
  expect(await readDrawGrants(opened.db, key)).toMatchObject({ active: 0 });
});

test("a service that stood still past its promised round promises a later one before it closes", async () => {
  const chainHash = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971";
  const round = Math.ceil((clock.now() / 1000 + 4_000 - 1_692_803_367) / 3) + 1;
  const at = new Date((1_692_803_367 + 3 * (round - 1)) * 1000);
  key = await makeTestDraw(opened.db, clock, { winnerCount: 2, seed: 5, beacon: { chainHash, round, at } });
  await fill(5);
  clock.turn(4_500_000);
  await conduct();
  const draw = await findDraw(opened.db, key);
  expect(draw?.beacon?.round).toBeGreaterThan(round);
  expect(Date.parse(draw?.beacon?.at ?? "")).toBeGreaterThan(draw?.closedAt ?? Infinity);
  expect(draw).toMatchObject({ rootedAt: clock.now(), drawingAt: null });
});
