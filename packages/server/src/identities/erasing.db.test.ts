import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "../data/database.ts";
import { openTestDatabase } from "../data/testing/open-test-database.ts";
import type { TestDatabase } from "../data/testing/open-test-database.ts";
import { createForgetting } from "../http/forgetting.ts";
import { createTurnedClock } from "../lines/testing/test-node.ts";
import { createStage } from "./testing/stage.ts";
import { createIdentityWorld, email } from "./testing/world.ts";

const clock = createTurnedClock();
let opened: TestDatabase;
beforeAll(async () => {
  opened = await openTestDatabase();
});
afterAll(() => opened.close());

/** Rows that name any of these consumers, in whichever column. */
async function tracesOf(organizationId: string, ids: readonly string[]): Promise<readonly string[]> {
  const columns = await opened.db.run<{ table_name: string; column_name: string }>(
    `select table_name, column_name from information_schema.columns where table_schema = current_schema()
      and column_name in ('consumer_id', 'alias_id', 'from_consumer_id', 'guest_id', 'entered_as')`,
    [],
  );
  const found: string[] = [];
  for (const { table_name: table, column_name: column } of columns)
    if ((await opened.db.run(`select 1 from ${table} where organization_id = $1 and ${column} = any($2::uuid[])`, [organizationId, ids])).length > 0)
      found.push(`${table}.${column}`);
  return found;
}

test("who is being erased at the moment at which a guest turns out to be them leaves nothing behind, under no id", async () => {
  const stage = await createStage(opened.db, clock, { queues: { queue_a: null } });
  const world = await createIdentityWorld(opened.db, clock, { organizationId: stage.organizationId });
  const { session: ada } = await world.prove(null, email("ada"));
  const guest = await world.guest();
  await stage.enter("queue_a", guest.consumerId, ada.consumerId);
  await stage.admit("queue_a", 2);
  // Of two that a shop holds one stays beside under the guest's id, so that erasing has to know that id.
  for (const { consumerId } of [guest, ada]) await stage.hold("queue_a", consumerId);
  let isLinked = false;
  const db: Database = {
    ...opened.db,
    async batch(statements) {
      if (!isLinked && statements.some(({ statement }) => statement.includes("delete from consumer_identity"))) {
        isLinked = true;
        await world.prove(guest, email("ada"));
      }
      return opened.db.batch(statements);
    },
  };
  const forgetting = createForgetting({
    db,
    clock,
    revocations: { isRevoked: () => false, add: () => undefined, follow: async () => undefined },
    follower: world.follower,
    audit: { flush: async () => undefined },
    newUuid: randomUUID,
  });
  await forgetting.erase(stage.organizationId, ada.consumerId);
  expect(isLinked).toBe(true);
  expect(await tracesOf(stage.organizationId, [ada.consumerId, guest.consumerId])).toEqual([]);
  expect(await world.ownerOf(email("ada"))).toBeNull();
});
