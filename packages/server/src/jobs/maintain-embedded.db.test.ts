import { expect, test } from "vitest";
import { setDrawStage } from "../draws/testing/draw-stage.ts";
import { createEmbeddedMaintenance } from "./maintain-embedded.ts";

const stage = setDrawStage();

/** What the planner takes a table to hold; 0 or below = it has never looked. */
async function counted(table: string): Promise<number> {
  const [row] = await stage.db().run<{ rows: number }>("select reltuples::int8 as rows from pg_class where oid = $1::regclass", [table]);
  return row?.rows ?? expect.fail(`there is a table ${table}`);
}

test("a table that has grown is counted anew, however much larger another one is", async () => {
  await stage.make({ winnerCount: 1, seed: 1 });
  const maintenance = createEmbeddedMaintenance(stage.db());
  await stage
    .db()
    .run("insert into consumer (id, organization_id, type, created_at) select gen_random_uuid(), $1, 'guest', now() from generate_series(1, 20000)", [
      stage.key().organizationId,
    ]);
  await maintenance.round(0);
  expect(await counted("consumer")).toBe(20_000);
  await stage.fill(2_000);
  await maintenance.round(5_000);
  expect(await counted("draw_entry")).toBe(2_000);
  // Not again before it is ten times as large.
  await stage.fill(2_000);
  await maintenance.round(10_000);
  expect(await counted("draw_entry")).toBe(2_000);
});
