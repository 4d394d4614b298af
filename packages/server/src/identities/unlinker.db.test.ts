import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestDatabase } from "../data/testing/open-test-database.ts";
import type { TestDatabase } from "../data/testing/open-test-database.ts";
import type { StoredSession } from "../data/sessions.ts";
import { createTurnedClock, startTestNode } from "../lines/testing/test-node.ts";
import type { TestNode } from "../lines/testing/test-node.ts";
import { createStage } from "./testing/stage.ts";
import type { Stage } from "./testing/stage.ts";
import { createIdentityWorld, email } from "./testing/world.ts";
import type { IdentityWorld } from "./testing/world.ts";
import { unlink } from "./unlinker.ts";

const clock = createTurnedClock();
let opened: TestDatabase;
let stage: Stage;
let world: IdentityWorld;
let node: TestNode;
let guest: StoredSession;
let ada: StoredSession;
beforeAll(async () => {
  opened = await openTestDatabase();
  stage = await createStage(opened.db, clock, { queues: { queue_a: null } });
  world = await createIdentityWorld(opened.db, clock, { organizationId: stage.organizationId });
  node = await startTestNode(opened.db, clock, "node");
  [{ session: ada }, guest] = [await world.prove(null, email("ada")), await world.guest()];
  await stage.enter("queue_a", guest.consumerId);
  await world.prove(guest, email("ada"));
});
afterAll(() => opened.close());

const undo = (lines: Parameters<typeof unlink>[0]["lines"] = node.lines) =>
  unlink(
    { db: opened.db, clock, newUuid: randomUUID, aliases: world.aliases, revocations: { add: () => undefined }, lines },
    stage.organizationId,
    guest.consumerId,
  );
const reentered = [{ mechanism: "queue", distributionId: "queue_a" }];

test("a node that dies between an undo and the lines leaves nobody out: the operator asks again and gets the same answer, however often", async () => {
  const died = new Error("The node is gone.");
  await expect(undo({ ...node.lines, find: () => Promise.reject(died) })).rejects.toBe(died);
  expect(await world.ownerOf(email("ada"))).toBe(ada.consumerId);
  const answer = { consumerId: guest.consumerId, fromConsumerId: ada.consumerId, reentered };
  expect(await undo()).toEqual(answer);
  expect(await undo()).toEqual(answer);
  const entries = "select ticket from queue_entry where organization_id = $1 and consumer_id = $2 and live";
  expect(await opened.db.run(entries, [stage.organizationId, guest.consumerId])).toHaveLength(1);
});

test("whoever leaves the line after an undo is not put into it by an operator who asks again", async () => {
  await stage.leave("queue_a", guest.consumerId);
  expect(await undo()).toMatchObject({ reentered: [] });
});
