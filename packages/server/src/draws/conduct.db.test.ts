import { randomUUID } from "node:crypto";
import { readContinuation, readResult, verifyTranscript } from "@fanfare-io/fanfare-draw-proof";
import { expect, test } from "vitest";
import { insertDrawEntries } from "../data/draw-entering.ts";
import { readDrawGrants, readWins } from "../data/draw-results.ts";
import { readStatements } from "../data/draw-statements.ts";
import { dyingAfter } from "./testing/conducting.ts";
import { hourMs, quicknet, setDrawStage } from "./testing/draw-stage.ts";

const stage = setDrawStage();

test.each([true, false])(
  "killed at any statement (which arrives: %s) and taken up again, a draw has one result, published once",
  async (arrives) => {
    const results = new Set<string>();
    let survived = false;
    for (let statements = 0; !survived; statements++) {
      await stage.make({ winnerCount: 3, seed: 7 });
      await stage.fill(20);
      stage.clock().turn(hourMs);
      const before = await stage.conduct(dyingAfter(stage.db(), statements, arrives)).then(
        () => true,
        () => false,
      );
      survived = before;
      // Whoever takes it up comes later: what was begun keeps its instant.
      if (!survived) stage.clock().turn(5_000);
      const begun = (await stage.current()).drawingAt ?? null;
      await Promise.all([stage.conduct(), stage.conduct()]);
      await stage.conduct();
      const told = await stage.transcript();
      expect(verifyTranscript(told).checks.filter(({ holds }) => holds !== true)).toEqual([]);
      const statementsMade = await readStatements(stage.db(), stage.key());
      expect(statementsMade.map(({ kind }) => kind)).toEqual(["closing", "commitment", "result"]);
      const result = readResult(told.result?.text ?? "") ?? expect.fail("a result");
      if (begun !== null) expect(result.drawnAt).toBe(new Date(begun).toISOString());
      const wins = await readWins(stage.db(), stage.key());
      expect(wins.map(({ ticket }) => ticket).toSorted((a, b) => a - b)).toEqual(result.winners.toSorted((a, b) => a - b));
      expect(await readDrawGrants(stage.db(), stage.key())).toMatchObject({ active: 3, completed: 0 });
      results.add(told.entries.length === 20 ? "whole" : "torn");
      stage.rewind();
    }
    expect([...results]).toEqual(["whole"]);
  },
  120_000,
);

test("whoever conducts a draw at the same time, it has one result and no grant too many", async () => {
  await stage.make({ winnerCount: 1_500, seed: 9 });
  await stage.fill(2_000);
  stage.clock().turn(hourMs);
  await Promise.all([stage.conduct(), stage.conduct(), stage.conduct(), stage.conduct()]);
  await stage.conduct();
  expect(verifyTranscript(await stage.transcript()).holds).toBe(true);
  const wins = await readWins(stage.db(), stage.key());
  expect(new Set(wins.map(({ ticket }) => ticket)).size).toBe(1_500);
  expect(wins).toHaveLength(1_500);
  expect(await readDrawGrants(stage.db(), stage.key())).toMatchObject({ active: 1_500 });
}, 60_000);

test("nobody enters or leaves behind the closing, however they race it", async () => {
  await stage.make({ winnerCount: 3, seed: 3 });
  await stage.fill(100);
  const late = { consumerId: randomUUID(), salt: new Uint8Array(16), weight: 1 };
  const at = new Date(stage.clock().now());
  stage.clock().turn(hourMs);
  const outcomes = await Promise.all([
    stage.conduct(),
    ...Array.from({ length: 5 }, (_, n) =>
      insertDrawEntries(stage.db(), stage.key(), [{ ...late, consumerId: randomUUID(), salt: new Uint8Array(16).fill(n) }], at),
    ),
  ]);
  expect(outcomes).toHaveLength(6);
  await stage.conduct();
  const told = await stage.transcript();
  expect(verifyTranscript(told).holds).toBe(true);
  expect(await insertDrawEntries(stage.db(), stage.key(), [late], at)).toEqual({ kind: "closed" });
});

test("unclaimed wins go down the ranking in order, while the draw says so, and never past what was promised", async () => {
  await stage.make({ winnerCount: 2, seed: 5, continueSelecting: true });
  await stage.fill(5);
  stage.clock().turn(hourMs);
  await stage.conduct();
  const ranking: number[] = [];
  for (let round = 0; round < 3; round++) {
    const wins = await readWins(stage.db(), stage.key());
    expect(wins.filter(({ state }) => state === "active").length).toBe(Math.min(2, 5 - 2 * round));
    ranking.splice(0, Infinity, ...wins.map(({ ticket }) => ticket));
    stage.clock().turn(700_000);
    await stage.conduct();
  }
  expect(new Set(ranking).size).toBe(5);
  const told = await stage.transcript();
  const result = readResult(told.result?.text ?? "");
  const given = told.continuations.map(({ text }) => readContinuation(text));
  expect(given.map((one) => [one?.unclaimed.length, one?.withdrawn.length, one?.winners.length])).toEqual([
    [2, 0, 2],
    [2, 0, 1],
  ]);
  expect(verifyTranscript(told).checks.filter(({ holds }) => holds !== true)).toEqual([]);
  expect((await stage.current()).settledAt).toBe(stage.clock().now());
  expect(ranking.slice(0, 2).toSorted((a, b) => a - b)).toEqual([...(result?.winners ?? [])].toSorted((a, b) => a - b));
  expect(await readDrawGrants(stage.db(), stage.key())).toMatchObject({ active: 0 });
});

test("a service that stood still past its promised round promises a later one before it closes", async () => {
  const round = Math.ceil((stage.clock().now() / 1000 + 4_000 - 1_692_803_367) / 3) + 1;
  const at = new Date((1_692_803_367 + 3 * (round - 1)) * 1000);
  await stage.make({ winnerCount: 2, seed: 5, beacon: { chainHash: quicknet, round, at } });
  await stage.fill(5);
  stage.clock().turn(4_500_000);
  await stage.conduct();
  const draw = await stage.current();
  expect(draw?.beacon?.round).toBeGreaterThan(round);
  expect(Date.parse(draw?.beacon?.at ?? "")).toBeGreaterThan(draw?.closedAt ?? Infinity);
  expect(draw).toMatchObject({ rootedAt: stage.clock().now(), drawingAt: null });
});
