import { readContinuation, verifyTranscript } from "@fanfare-io/fanfare-draw-proof";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { readEntries } from "../data/draw-entries.ts";
import { readDrawGrants, readWins } from "../data/draw-results.ts";
import { recordBeacon } from "../data/draw-beacons.ts";
import { readStatements, updateDrawDetails } from "../data/draw-statements.ts";
import { findDraw, findDueDraws } from "../data/draws.ts";
import type { DrawKey } from "../data/draws.ts";
import type { Database } from "../data/database.ts";
import { revokeParticipations } from "../data/end-participations.ts";
import { openTestDatabase } from "../data/testing/open-test-database.ts";
import type { TestDatabase } from "../data/testing/open-test-database.ts";
import type { DrawFacts } from "../domain/draw.ts";
import { retain } from "../jobs/retain.ts";
import { createTurnedClock } from "../lines/testing/test-node.ts";
import type { TurnedClock } from "../lines/testing/test-node.ts";
import { changeTerms } from "./commitments.ts";
import { conductDraw } from "./conduct.ts";
import { writeProof } from "./evidence.ts";
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

const quicknet = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971";
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
let grants = 0;
const conduct = (db: Database = opened.db): Promise<void> => conductDraw({ db, clock, newGrantId: () => `grant_${grants++}` }, key);
const current = async (): Promise<DrawFacts> => (await findDraw(opened.db, key)) ?? expect.fail("the draw is there");
const isDue = async (): Promise<boolean> =>
  (await findDueDraws(opened.db, new Date(clock.now()))).some(({ organizationId }) => organizationId === key.organizationId);

describe("two changes at once", () => {
  test("of terms: one is made and the other refused, and neither takes the other back", async () => {
    key = await makeTestDraw(opened.db, clock, { winnerCount: 2, seed: 1 });
    const seen = await current();
    const later = seen.drawAt + hourMs;
    const outcomes = await Promise.all([
      changeTerms(opened.db, seen, { drawAt: later }, clock.now(), { name: "Later" }),
      changeTerms(opened.db, seen, { closeAt: seen.drawAt - 1_000 }, clock.now(), { name: "Shorter" }),
    ]);
    expect(outcomes.filter((outcome) => outcome === null)).toHaveLength(1);
    const made = outcomes.find((outcome) => outcome !== null) ?? expect.fail("one was made");
    expect(await current()).toEqual(made);
    expect(made).toMatchObject(made.name === "Later" ? { drawAt: later, closeAt: null } : { drawAt: seen.drawAt, closeAt: seen.drawAt - 1_000 });
    expect(await readStatements(opened.db, key)).toHaveLength(2);
    // What was read before the other change is refused also when it comes long after it.
    expect(await changeTerms(opened.db, seen, { drawAt: later + 1 }, clock.now())).toBeNull();
  });

  test("of details: each writes what it names and nothing else", async () => {
    key = await makeTestDraw(opened.db, clock, { winnerCount: 2, seed: 1 });
    const at = new Date(clock.now());
    await Promise.all([updateDrawDetails(opened.db, key, { name: "New" }, at), updateDrawDetails(opened.db, key, { capacity: 7, message: null }, at)]);
    await changeTerms(opened.db, await current(), { drawAt: clock.now() + 2 * hourMs }, clock.now(), { archived: true });
    expect(await updateDrawDetails(opened.db, key, { admissionExpirationSeconds: 60 }, at)).toMatchObject({
      name: "New",
      capacity: 7,
      admissionExpirationSeconds: 60,
      archived: true,
      commitments: 2,
    });
    expect(await changeTerms(opened.db, await current(), { drawAt: clock.now() + 3 * hourMs }, clock.now())).toBeNull();
  });

  test("killed on its way, a change of terms and details is there in whole or not at all", async () => {
    for (const arrives of [true, false]) {
      let survived = false;
      for (let statements = 0; !survived; statements++) {
        key = await makeTestDraw(opened.db, clock, { winnerCount: 2, seed: 1 });
        const seen = await current();
        const change = changeTerms(dyingAfter(opened.db, statements, arrives), seen, { drawAt: seen.drawAt + 1 }, clock.now(), { name: "New" });
        survived = await change.then(
          () => true,
          () => false,
        );
        const { name, drawAt, commitments } = await current();
        expect([name === "New", drawAt === seen.drawAt + 1, commitments === 2]).toEqual(Array(3).fill(name === "New"));
      }
    }
  });
});

test("a signature belongs to a round of one chain: the same round of another is another promise", async () => {
  key = await makeTestDraw(opened.db, clock, { winnerCount: 1, seed: 1, beacon: { chainHash: quicknet, round: 7, at: new Date(clock.now() + 2 * hourMs) } });
  const signature = new Uint8Array(48).fill(1);
  await recordBeacon(opened.db, key, { chainHash: "00".repeat(32), round: 7 }, signature);
  expect(await current()).toMatchObject({ hasBeaconSignature: false });
  await recordBeacon(opened.db, key, { chainHash: quicknet, round: 7 }, signature);
  expect(await current()).toMatchObject({ hasBeaconSignature: true });
  const other = { chainHash: "00".repeat(32), round: 7, at: new Date(clock.now() + 2 * hourMs).toISOString() };
  expect(await changeTerms(opened.db, await current(), { beacon: other }, clock.now())).toMatchObject({ hasBeaconSignature: false });
});

test("the job looks at a draw only when there is something to do", async () => {
  key = await makeTestDraw(opened.db, clock, { winnerCount: 2, seed: 1, beacon: { chainHash: quicknet, round: 7, at: new Date(clock.now() + 2 * hourMs) } });
  await fillDraw(opened.db, key, 3, new Date(clock.now()));
  expect(await isDue()).toBe(false);
  clock.turn(hourMs);
  expect(await isDue()).toBe(true);
  await conduct();
  clock.turn(2 * hourMs);
  // The round is over, and nobody brought its signature.
  expect(await isDue()).toBe(false);
  await recordBeacon(opened.db, key, { chainHash: quicknet, round: 7 }, new Uint8Array(48).fill(1));
  expect(await isDue()).toBe(true);
  await conduct();
  expect(await current()).toMatchObject({ offered: 2, settledAt: null });
  expect(await isDue()).toBe(false);
  clock.turn(700_000);
  expect(await isDue()).toBe(true);
  await conduct();
  expect(await current()).toMatchObject({ settledAt: clock.now() });
  expect(await isDue()).toBe(false);
});

test.each([true, false])("killed at any statement (which arrives: %s) while wins are given on, each is given once, and in public", async (arrives) => {
  let survived = false;
  for (let statements = 0; !survived; statements++) {
    clock = createTurnedClock();
    key = await makeTestDraw(opened.db, clock, { winnerCount: 3, seed: 11, continueSelecting: true });
    await fillDraw(opened.db, key, 8, new Date(clock.now()));
    clock.turn(hourMs);
    await conduct();
    const [first] = await readWins(opened.db, key);
    const { drawId: distributionId, organizationId } = key;
    const taken = { kind: "grant", distributionId, grantId: first?.grantId ?? "" } as const;
    await revokeParticipations(opened.db, organizationId, taken, "BOT_DETECTED", new Date(clock.now()));
    clock.turn(700_000);
    survived = await conduct(dyingAfter(opened.db, statements, arrives)).then(
      () => true,
      () => false,
    );
    await Promise.all([conduct(), conduct()]);
    await conduct();
    const told = await readTestTranscript(opened.db, key);
    expect(verifyTranscript(told).checks.filter(({ holds }) => holds !== true)).toEqual([]);
    const given = told.continuations.map(({ text }) => readContinuation(text) ?? expect.fail("a continuation"));
    expect(given.flatMap(({ withdrawn }) => withdrawn)).toEqual([first?.ticket]);
    expect(given.flatMap(({ winners }) => winners)).toHaveLength(3);
    expect(await readDrawGrants(opened.db, key)).toMatchObject({ active: 3 });
    expect(await current()).toMatchObject({ offered: 6 });
  }
});

describe("when the time of keeping is over", () => {
  const rowsOf = async (table: string): Promise<number> =>
    (await opened.db.run(`select 1 from ${table} where organization_id = $1`, [key.organizationId])).length;

  test("the proof stays byte for byte, and who stood behind it goes; broken off anywhere, it goes on", async () => {
    for (let statements = 0, survived = false; !survived; statements++) {
      clock = createTurnedClock();
      key = await makeTestDraw(opened.db, clock, { winnerCount: 2, seed: 1 });
      await fillDraw(opened.db, key, 5_000, new Date(clock.now()));
      clock.turn(hourMs);
      await conduct();
      const before = await readTestTranscript(opened.db, key);
      const proof = await writeProof(opened.db, await current(), 4_500);
      clock.turn(700_000);
      await conduct();
      clock.turn(29 * dayMs);
      await retain(opened.db, clock);
      expect(await rowsOf("draw_entry")).toBe(5_000);
      clock.turn(2 * dayMs);
      survived = await retain(dyingAfter(opened.db, statements, statements % 2 === 0), clock).then(
        () => true,
        () => false,
      );
      expect(await readTestTranscript(opened.db, key)).toEqual(before);
      await retain(opened.db, clock);
      for (const table of ["draw_entry", "draw_batch", "draw_ranking", "admission_grant"]) expect([table, await rowsOf(table)]).toEqual([table, 0]);
      expect(await readTestTranscript(opened.db, key)).toEqual(before);
      expect(await writeProof(opened.db, await current(), 4_500)).toEqual(proof);
      expect(await readEntries(opened.db, key, 4_090, 10)).toHaveLength(350);
      expect(await readEntries(opened.db, key, 4_999, 10)).toHaveLength(70);
    }
  }, 120_000);

  test("what was bought is counted until nothing more can be given on", async () => {
    key = await makeTestDraw(opened.db, clock, { winnerCount: 1, seed: 1, continueSelecting: true });
    await opened.db.run("update organization set retention_days = 1 where id = $1", [key.organizationId]);
    await fillDraw(opened.db, key, 3, new Date(clock.now()));
    clock.turn(hourMs);
    await conduct();
    await opened.db.run("update admission_grant set state = 'completed', order_id = 'a' where organization_id = $1", [key.organizationId]);
    await opened.db.run("update distribution_counters set active = 0, version = version + 1 where organization_id = $1", [key.organizationId]);
    clock.turn(2 * dayMs);
    await retain(opened.db, clock);
    await conduct();
    expect(await readDrawGrants(opened.db, key)).toMatchObject({ completed: 1, active: 0 });
    expect(await current()).toMatchObject({ offered: 1, settledAt: clock.now() });
  });

  test("a draw that was called off before anything was published leaves no list behind", async () => {
    key = await makeTestDraw(opened.db, clock, { winnerCount: 1, seed: 1 });
    await fillDraw(opened.db, key, 3, new Date(clock.now()));
    await opened.db.run("update draw set cancelled_at = $2 where organization_id = $1", [key.organizationId, new Date(clock.now())]);
    clock.turn(31 * dayMs);
    await retain(opened.db, clock);
    expect([await rowsOf("draw_entry"), await rowsOf("draw_list")]).toEqual([0, 0]);
  });
});
