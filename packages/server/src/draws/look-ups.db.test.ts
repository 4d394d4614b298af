import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import type { Database } from "../data/database.ts";
import { insertDrawEntries } from "../data/draw-entering.ts";
import { leaveDraw, readStandings } from "../data/draw-entries.ts";
import { setDrawStage } from "./testing/draw-stage.ts";

const stage = setDrawStage();

test("in a draw that has grown since the database counted last, whoever comes, asks or leaves costs the entries that are meant, and not all", async () => {
  await stage.db().run("analyze", []);
  await stage.make({ winnerCount: 1, seed: 1 });
  const now = new Date(stage.clock().now());
  const consumerIds = Array.from({ length: 64 }, () => randomUUID());
  const key = stage.key();
  const planOf = async (work: (db: Database) => Promise<unknown>): Promise<string> => {
    let plan = "";
    const run = async (statement: string, parameters: readonly unknown[]) => {
      plan = JSON.stringify(await stage.db().run(`explain ${statement}`, parameters));
      return [];
    };
    await work({ ...stage.db(), run });
    return plan;
  };
  const entering = consumerIds.map((consumerId) => ({ consumerId, salt: new Uint8Array(16), weight: 1 }));
  // Which of two indexes looks cheaper to a planner that knows nothing turns with the size of either.
  for (let filled = 0; filled < 12_000; filled += 1_000) {
    await stage.fill(1_000);
    const plans = [
      await planOf((db) => insertDrawEntries(db, key, entering, now)),
      await planOf((db) => readStandings(db, key, consumerIds)),
      await planOf((db) => leaveDraw(db, key, randomUUID(), now)),
    ];
    for (const plan of plans) {
      expect(plan).toContain("draw_entry_live");
      expect(plan).not.toMatch(/draw_entry_pkey|Seq Scan on draw_entry/);
    }
  }
});
