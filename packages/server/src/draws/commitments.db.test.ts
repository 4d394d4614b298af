import { randomUUID } from "node:crypto";
import { agreesWithKept, createHmac } from "@fanfare-io/fanfare-draw-proof";
import { describe, expect, test } from "vitest";
import { recordBeacon } from "../data/draw-beacons.ts";
import { insertDrawEntries } from "../data/draw-entering.ts";
import { findBatches } from "../data/draw-entries.ts";
import { readStatements, updateDrawDetails } from "../data/draw-statements.ts";
import { changeTerms } from "./commitments.ts";
import { createReceipts } from "./evidence.ts";
import { dyingAfter } from "./testing/conducting.ts";
import { hourMs, quicknet, setDrawStage } from "./testing/draw-stage.ts";

const stage = setDrawStage();

describe("two changes at once", () => {
  test("of terms: one is made and the other refused, and neither takes the other back", async () => {
    await stage.make({ winnerCount: 2, seed: 1 });
    const seen = await stage.current();
    const later = seen.drawAt + hourMs;
    const outcomes = await Promise.all([
      changeTerms(stage.db(), seen, { drawAt: later }, stage.clock().now(), { name: "Later" }),
      changeTerms(stage.db(), seen, { closeAt: seen.drawAt - 1_000 }, stage.clock().now(), { name: "Shorter" }),
    ]);
    expect(outcomes.filter((outcome) => outcome === null)).toHaveLength(1);
    const made = outcomes.find((outcome) => outcome !== null) ?? expect.fail("one was made");
    expect(await stage.current()).toEqual(made);
    expect(made).toMatchObject(made.name === "Later" ? { drawAt: later, closeAt: null } : { drawAt: seen.drawAt, closeAt: seen.drawAt - 1_000 });
    expect(await readStatements(stage.db(), stage.key())).toHaveLength(2);
    // What was read before the other change is refused also when it comes long after it.
    expect(await changeTerms(stage.db(), seen, { drawAt: later + 1 }, stage.clock().now())).toBeNull();
  });

  test("of details: each writes what it names and nothing else", async () => {
    await stage.make({ winnerCount: 2, seed: 1 });
    const at = new Date(stage.clock().now());
    await Promise.all([
      updateDrawDetails(stage.db(), stage.key(), { name: "New" }, at),
      updateDrawDetails(stage.db(), stage.key(), { capacity: 7, message: null }, at),
    ]);
    await changeTerms(stage.db(), await stage.current(), { drawAt: stage.clock().now() + 2 * hourMs }, stage.clock().now(), { archived: true });
    expect(await updateDrawDetails(stage.db(), stage.key(), { admissionExpirationSeconds: 60 }, at)).toMatchObject({
      name: "New",
      capacity: 7,
      admissionExpirationSeconds: 60,
      archived: true,
      commitments: 2,
    });
    expect(await changeTerms(stage.db(), await stage.current(), { drawAt: stage.clock().now() + 3 * hourMs }, stage.clock().now())).toBeNull();
  });

  test("killed on its way, a change of terms and details is there in whole or not at all", async () => {
    for (const arrives of [true, false]) {
      let survived = false;
      for (let statements = 0; !survived; statements++) {
        await stage.make({ winnerCount: 2, seed: 1 });
        const seen = await stage.current();
        const change = changeTerms(dyingAfter(stage.db(), statements, arrives), seen, { drawAt: seen.drawAt + 1 }, stage.clock().now(), { name: "New" });
        survived = await change.then(
          () => true,
          () => false,
        );
        const { name, drawAt, commitments } = await stage.current();
        expect([name === "New", drawAt === seen.drawAt + 1, commitments === 2]).toEqual(Array(3).fill(name === "New"));
      }
    }
  });
});

test("a signature belongs to a round of one chain: the same round of another is another promise", async () => {
  await stage.make({ winnerCount: 1, seed: 1, beacon: { chainHash: quicknet, round: 7, at: new Date(stage.clock().now() + 2 * hourMs) } });
  const signature = new Uint8Array(48).fill(1);
  await recordBeacon(stage.db(), stage.key(), { chainHash: "00".repeat(32), round: 7 }, signature);
  expect(await stage.current()).toMatchObject({ hasBeaconSignature: false });
  await recordBeacon(stage.db(), stage.key(), { chainHash: quicknet, round: 7 }, signature);
  expect(await stage.current()).toMatchObject({ hasBeaconSignature: true });
  const other = { chainHash: "00".repeat(32), round: 7, at: new Date(stage.clock().now() + 2 * hourMs).toISOString() };
  expect(await changeTerms(stage.db(), await stage.current(), { beacon: other }, stage.clock().now())).toMatchObject({ hasBeaconSignature: false });
});

describe("a receipt and the rules that it names", () => {
  const salts = createHmac(new Uint8Array(32));
  const saltOf = (consumerId: string): Uint8Array => {
    const salt = new Uint8Array(32);
    salts(salt, 0, Buffer.from(consumerId), 0, 36);
    return salt.slice(0, 16);
  };
  const enter = async (consumerId: string, at: number) => {
    const outcome = await insertDrawEntries(stage.db(), stage.key(), [{ consumerId, salt: saltOf(consumerId), weight: 1 }], new Date(at));
    return outcome.kind === "entered" ? outcome.firstTicket : expect.fail(outcome.kind);
  };
  const receiptOf = async (consumerId: string, ticket: number) => {
    const [batch] = await findBatches(stage.db(), stage.key(), [ticket]);
    const receipts = createReceipts({ db: stage.db(), signStatement: (text) => ({ text, signature: "", keyId: "" }) });
    return receipts.again(await stage.current(), batch ?? expect.fail("the batch is known"), { ticket, consumerId, salt: saltOf(consumerId) });
  };

  test("stay the same when a further commitment bears an earlier instant than the entry, because it was long on its way", async () => {
    await stage.make({ winnerCount: 1, seed: 1 });
    const consumerId = randomUUID();
    const ticket = await enter(consumerId, stage.clock().now() + 50);
    const before = await receiptOf(consumerId, ticket);
    const seen = await stage.current();
    expect(await changeTerms(stage.db(), seen, { drawAt: seen.drawAt + hourMs }, stage.clock().now() + 20)).not.toBeNull();
    expect(await receiptOf(consumerId, ticket)).toEqual(before);
    stage.clock().turn(3 * hourMs);
    await stage.conduct();
    expect(agreesWithKept(before, await stage.transcript(), consumerId)).toBe(true);
  });

  test("may not change once somebody has entered, though whoever changes them saw the draw before it opened", async () => {
    const opensAt = new Date(stage.clock().now() + 1_000);
    await stage.make({ winnerCount: 1, seed: 1 });
    await stage.db().run("update draw set opens_at = $2 where organization_id = $1", [stage.key().organizationId, opensAt]);
    const seen = await stage.current();
    await enter(randomUUID(), opensAt.getTime());
    expect(await changeTerms(stage.db(), seen, { winnerCount: 2 }, opensAt.getTime() - 1)).toBeNull();
  });
});
