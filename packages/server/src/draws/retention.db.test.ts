import { describe, expect, test } from "vitest";
import { countLosses, leaveDraw, readEntries } from "../data/draw-entries.ts";
import { readDrawGrants, readWins } from "../data/draw-results.ts";
import { retain } from "../jobs/retain.ts";
import { writeProof } from "./evidence.ts";
import { dyingAfter } from "./testing/conducting.ts";
import { dayMs, hourMs, setDrawStage } from "./testing/draw-stage.ts";

const stage = setDrawStage();

describe("when the time of keeping is over", () => {
  const rowsOf = async (table: string): Promise<number> =>
    (await stage.db().run(`select 1 from ${table} where organization_id = $1`, [stage.key().organizationId])).length;

  // Counted are the statements that fold: the rest of what is forgotten is no step of this.
  test.each([true, false])(
    "broken off anywhere (arrives: %s), the proof stays byte for byte, and who stood behind it goes",
    async (arrives) => {
      for (let statements = 0, survived = false; !survived; statements++) {
        stage.rewind();
        await stage.make({ winnerCount: 2, seed: 1 });
        await stage.fill(4_500);
        stage.clock().turn(hourMs);
        await stage.conduct();
        const before = await stage.transcript();
        const proof = await writeProof(stage.db(), await stage.current(), 4_400);
        stage.clock().turn(700_000);
        await stage.conduct();
        stage.clock().turn(29 * dayMs);
        await retain(stage.db(), stage.clock());
        expect(await rowsOf("draw_entry")).toBe(4_500);
        stage.clock().turn(2 * dayMs);
        survived = await retain(dyingAfter(stage.db(), statements, arrives, /draw_(list|batch)/), stage.clock()).then(
          () => true,
          () => false,
        );
        if (!survived) expect(await stage.transcript()).toEqual(before);
        await retain(stage.db(), stage.clock());
        for (const table of ["draw_entry", "draw_batch", "draw_ranking", "admission_grant"]) expect([table, await rowsOf(table)]).toEqual([table, 0]);
        expect(await stage.transcript()).toEqual(before);
        expect(await writeProof(stage.db(), await stage.current(), 4_400)).toEqual(proof);
        expect(await readEntries(stage.db(), stage.key(), 4_090, 10)).toHaveLength(350);
        expect(await readEntries(stage.db(), stage.key(), 4_499, 10)).toHaveLength(70);
      }
    },
    120_000,
  );

  test("what was bought is counted until nothing more can be given on", async () => {
    await stage.make({ winnerCount: 1, seed: 1, continueSelecting: true });
    await stage.db().run("update organization set retention_days = 1 where id = $1", [stage.key().organizationId]);
    await stage.fill(3);
    stage.clock().turn(hourMs);
    await stage.conduct();
    await stage.db().run("update admission_grant set state = 'completed', order_id = 'a' where organization_id = $1", [stage.key().organizationId]);
    await stage.db().run("update distribution_counters set active = 0, version = version + 1 where organization_id = $1", [stage.key().organizationId]);
    stage.clock().turn(2 * dayMs);
    await retain(stage.db(), stage.clock());
    await stage.conduct();
    expect(await readDrawGrants(stage.db(), stage.key())).toMatchObject({ completed: 1, active: 0 });
    expect(await stage.current()).toMatchObject({ offered: 1, settledAt: stage.clock().now() });
  });

  test("a draw that passed somebody over is counted still, once and as a number, broken off or not; a win, and a place given up, are not", async () => {
    await stage.make({ winnerCount: 1, seed: 1 });
    const { organizationId } = stage.key();
    await stage.fill(4);
    const entered = await stage
      .db()
      .run<{ consumer_id: string }>("select consumer_id from draw_entry where organization_id = $1 order by ticket", [organizationId]);
    const people = entered.map((one) => one.consumer_id);
    await stage
      .db()
      .run(
        "insert into consumer (organization_id, id, type, email, created_at) select $1, id, 'identified', id || '@shop.example', now() from unnest($2::uuid[]) as one (id)",
        [organizationId, people],
      );
    await leaveDraw(stage.db(), stage.key(), people[3] ?? "", new Date(stage.clock().now()));
    stage.clock().turn(hourMs);
    await stage.conduct();
    const [win] = await readWins(stage.db(), stage.key());
    const lost = async () => {
      const counted = await countLosses(stage.db(), { organizationId, drawId: "draw_next" }, people);
      return people.map((id) => counted.get(id));
    };
    const before = await lost();
    expect(before).toEqual([0, 1, 2, 3].map((at) => (at === 3 || at + 1 === win?.ticket ? 0 : 1)));
    stage.clock().turn(700_000);
    await stage.conduct();
    stage.clock().turn(31 * dayMs);
    for (let statements = 0; statements < 3; statements++)
      await retain(dyingAfter(stage.db(), statements, true, /draw_(list|batch)/), stage.clock()).catch(() => undefined);
    await retain(stage.db(), stage.clock());
    expect(await rowsOf("draw_entry")).toBe(0);
    expect(await lost()).toEqual(before);
  });

  test("a draw that was called off before anything was published leaves no list behind", async () => {
    await stage.make({ winnerCount: 1, seed: 1 });
    await stage.fill(3);
    await stage.db().run("update draw set cancelled_at = $2 where organization_id = $1", [stage.key().organizationId, new Date(stage.clock().now())]);
    stage.clock().turn(31 * dayMs);
    await retain(stage.db(), stage.clock());
    expect([await rowsOf("draw_entry"), await rowsOf("draw_list")]).toEqual([0, 0]);
  });
});
