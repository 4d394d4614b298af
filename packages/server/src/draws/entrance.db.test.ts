import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { insertDrawEntries } from "../data/draw-entering.ts";
import type { Database } from "../data/database.ts";
import { verifyReceipt } from "@fanfare-io/fanfare-draw-proof";
import { createDrawEntrance } from "./entrance.ts";
import { createReceipts } from "./evidence.ts";
import { createSalts } from "./salts.ts";
import { setDrawStage } from "./testing/draw-stage.ts";

const stage = setDrawStage();
const newcomer = (consumerId: string = randomUUID()) => ({ consumerId, salt: new Uint8Array(16), weight: 1 });
const enter = (entering: readonly ReturnType<typeof newcomer>[]) => insertDrawEntries(stage.db(), stage.key(), entering, new Date(stage.clock().now()));

describe("those who enter in one moment", () => {
  test("are entered in their order, and whoever was in is passed over and leaves no hole in the list", async () => {
    await stage.make({ winnerCount: 1, seed: 1 });
    const [in1, in2, new1, new2] = [newcomer(), newcomer(), newcomer(), newcomer()];
    expect(await enter([in1, in2])).toMatchObject({ firstTicket: 1, consumerIds: [in1.consumerId, in2.consumerId] });
    expect(await enter([in2, new1, in1, new2])).toMatchObject({ firstTicket: 3, consumerIds: [new1.consumerId, new2.consumerId] });
    expect((await stage.current()).tickets).toBe(4);
  });

  test("who all were in change nothing", async () => {
    await stage.make({ winnerCount: 1, seed: 1 });
    const known = newcomer();
    await enter([known]);
    const before = await stage.current();
    expect(await enter([known])).toEqual({ kind: "closed" });
    expect(await stage.current()).toEqual(before);
  });

  test("come in once, however many nodes enter the same of them at once", async () => {
    await stage.make({ winnerCount: 1, seed: 1 });
    const everybody = Array.from({ length: 20 }, () => newcomer());
    const outcomes = await Promise.all(Array.from({ length: 8 }, (_, n) => enter([...everybody.slice(n), newcomer()])));
    // Whoever lost the race comes again, as the desk lets them.
    outcomes.push(await enter(everybody));
    const entered = outcomes.flatMap((outcome) => (outcome.kind === "entered" ? outcome.consumerIds : []));
    expect(new Set(entered).size).toBe(entered.length);
    expect(entered).toEqual(expect.arrayContaining(everybody.map(({ consumerId }) => consumerId)));
    expect((await stage.current()).tickets).toBe(entered.length);
  });
});

describe("through the entrance", () => {
  /** An entrance of its own, and what it asks the database. */
  async function openEntrance() {
    await stage.make({ winnerCount: 1, seed: 1 });
    const asked: string[] = [];
    const db: Database = {
      ...stage.db(),
      run: (statement, parameters) => {
        asked.push(statement.includes("insert into draw_entry") ? (statement.includes("is_in") ? "enter the new" : "enter all") : "other");
        return stage.db().run(statement, parameters);
      },
    };
    const receipts = createReceipts({ db, signStatement: (text) => ({ text, signature: "", keyId: "" }) });
    const enterAll = createDrawEntrance({ db, clock: stage.clock(), receipts, saltsOf: createSalts(db), refresh: () => stage.current() });
    const draw = await stage.current();
    const enter = async (consumerIds: readonly string[]) => {
      asked.length = 0;
      return enterAll(consumerIds.map((consumerId) => ({ draw, consumerId })));
    };
    return { enter, asked: () => asked.filter((what) => what !== "other") };
  }
  const people = (count: number): readonly string[] => Array.from({ length: count }, () => randomUUID());

  test("newcomers cost one statement that looks nobody up, and each gets the receipt of their own entry", async () => {
    const { enter, asked } = await openEntrance();
    for (const size of [1, 2, 7]) {
      const newcomers = people(size);
      const entered = await enter(newcomers);
      expect(asked()).toEqual(["enter all"]);
      entered.forEach((one, index) => {
        if (one.kind !== "entered" || one.fresh === null) return expect.fail("entered anew");
        expect(one.fresh.receipt.ticket).toBe(one.fresh.entry.ticket);
        expect(verifyReceipt(one.fresh.receipt, newcomers[index] as string)).toBe(true);
      });
    }
    expect((await stage.current()).tickets).toBe(10);
  });

  test("who enters again takes nobody's ticket, and those after them are looked up for a while, so that nothing is tried in vain each time", async () => {
    const { enter, asked } = await openEntrance();
    const [known, ...others] = people(4) as [string, ...string[]];
    await enter([known]);
    const mixed = await enter([others[0] as string, known, others[1] as string]);
    expect(asked()).toEqual(["enter all", "enter the new"]);
    expect(mixed.map((one) => one.kind === "entered" && (one.fresh?.entry.ticket ?? null))).toEqual([2, null, 3]);
    await enter([known, others[2] as string]);
    expect(asked()).toEqual(["enter the new"]);
    expect((await stage.current()).tickets).toBe(4);
    for (let batch = 0; batch < 63; batch++) await enter(people(1));
    expect(asked()).toEqual(["enter the new"]);
    await enter(people(1));
    expect(asked()).toEqual(["enter all"]);
  });
});
