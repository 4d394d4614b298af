import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { insertDrawEntries } from "../data/draw-entries.ts";
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
