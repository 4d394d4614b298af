import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "../data/database.ts";
import { openTestDatabase } from "../data/testing/open-test-database.ts";
import type { TestDatabase } from "../data/testing/open-test-database.ts";
import type { StoredSession } from "../data/sessions.ts";
import { createTurnedClock } from "../lines/testing/test-node.ts";
import { createStage } from "./testing/stage.ts";
import type { Stage } from "./testing/stage.ts";
import { createIdentityWorld, email } from "./testing/world.ts";
import type { IdentityWorld } from "./testing/world.ts";

let opened: TestDatabase;
beforeAll(async () => {
  opened = await openTestDatabase();
});
afterAll(() => opened.close());

const tables = [
  "admission_grant",
  "consumer",
  "consumer_alias",
  "consumer_identity",
  "consumer_link",
  "distribution_change",
  "distribution_counters",
  "draw",
  "draw_entry",
  "experience_visit",
  "queue",
  "queue_entry",
  "session",
];

/** Everything that the database holds of an organization. */
async function everything(organizationId: string): Promise<string> {
  const rows = await Promise.all(
    tables.map((table) => opened.db.run<{ row: string }>(`select t::text as row from ${table} t where organization_id = $1 order by 1`, [organizationId])),
  );
  return rows.map((found, index) => `${tables[index]}\n${found.map(({ row }) => row).join("\n")}`).join("\n\n");
}

/** The process is gone at the n-th statement of its transaction; on a server its connection really is. */
const killing = { pglite: "select this_process_is_gone", postgres: "select pg_terminate_backend(pg_backend_pid())" };

/** A database whose transaction is cut off at a statement, or right after it has committed, and which answers nobody from then on. */
function dyingAt(statement: number): { readonly db: Database; readonly died: () => "inside" | "after" | null } {
  let died: "inside" | "after" | null = null;
  const gone = (): never => {
    throw new Error("killed");
  };
  const db: Database = {
    ...opened.db,
    run: async (text, parameters) => (died === null ? opened.db.run(text, parameters) : gone()),
    async batch(statements) {
      if (died !== null) return gone();
      const kill = { statement: opened.db.profile === "embedded" ? killing.pglite : killing.postgres, parameters: [] };
      died = statement < statements.length ? "inside" : "after";
      await opened.db.batch(died === "inside" ? [...statements.slice(0, statement), kill, ...statements.slice(statement)] : statements).catch(gone);
      return gone();
    },
  };
  return { db, died: () => died };
}

interface Scene {
  readonly stage: Stage;
  readonly world: IdentityWorld;
  readonly guest: StoredSession;
  readonly owner: StoredSession;
}

/** A guest and somebody known who take part in the same things: one better here, the other there, one payment in flight. */
async function prepare(): Promise<Scene> {
  const clock = createTurnedClock();
  const stage = await createStage(opened.db, clock, { queues: { queue_a: null, queue_b: null, queue_c: null }, draws: { draw_a: 1 } });
  const world = await createIdentityWorld(opened.db, clock, { organizationId: stage.organizationId });
  const { session: owner } = await world.prove(null, email("ada"));
  const guest = await world.guest();
  await stage.enter("queue_a", guest.consumerId, owner.consumerId);
  await stage.enter("queue_b", owner.consumerId, guest.consumerId);
  await stage.enter("queue_c", guest.consumerId, owner.consumerId);
  await stage.admit("queue_c", 2);
  await stage.hold("queue_c", guest.consumerId);
  await stage.enterDraw("draw_a", guest.consumerId);
  await stage.enterDraw("draw_a", owner.consumerId);
  return { stage, world, guest, owner };
}

test("killed at any statement, a merge has happened or not, never in part; asked again, it has", async () => {
  let outcome: unknown;
  const deaths = { inside: 0, after: 0 };
  for (let statement = 0; deaths.after === 0; statement++) {
    const { stage, world, guest, owner } = await prepare();
    const before = await everything(stage.organizationId);
    const dying = dyingAt(statement);
    await expect(world.provingWith(dying.db)(guest, email("ada"))).rejects.toThrow();
    const after = await everything(stage.organizationId);
    const died = dying.died() ?? expect.fail("a transaction");
    deaths[died]++;
    expect(after === before, `after statement ${statement}`).toBe(died === "inside");
    const { session, linked } = await world.prove(guest, email("ada"));
    expect(session).toMatchObject({ id: guest.id, consumerId: owner.consumerId, refreshCounter: guest.refreshCounter + 1 });
    outcome ??= linked;
    expect(linked).toMatchObject({ ...(outcome as object), fromConsumerId: guest.consumerId });
    if (died === "after") expect(await everything(stage.organizationId)).toBe(after);
  }
  expect(outcome).toMatchObject({
    kind: "merged",
    moved: [{ distributionId: "queue_a" }, { distributionId: "queue_c" }, { distributionId: "draw_a" }],
    kept: [{ distributionId: "queue_b" }],
  });
  expect(deaths.inside).toBeGreaterThan(15);
}, 240_000);
