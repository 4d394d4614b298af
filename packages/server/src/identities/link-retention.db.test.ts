import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openTestDatabase } from "../data/testing/open-test-database.ts";
import type { TestDatabase } from "../data/testing/open-test-database.ts";
import { revokeSession } from "../data/sessions.ts";
import type { StoredSession } from "../data/sessions.ts";
import { retain } from "../jobs/retain.ts";
import { createTurnedClock } from "../lines/testing/test-node.ts";
import { createStage } from "./testing/stage.ts";
import type { Stage } from "./testing/stage.ts";
import { createIdentityWorld, email } from "./testing/world.ts";
import type { IdentityWorld } from "./testing/world.ts";

const clock = createTurnedClock();
/** Longer than a session lives and what has ended is kept, together. */
const longMs = 70 * 86_400_000;
let opened: TestDatabase;
let stage: Stage;
let world: IdentityWorld;
let ada: StoredSession;

beforeAll(async () => {
  opened = await openTestDatabase();
});
afterAll(() => opened.close());
beforeEach(async () => {
  stage = await createStage(opened.db, clock, { queues: { queue_a: null }, draws: { draw_a: 1 } });
  world = await createIdentityWorld(opened.db, clock, { organizationId: stage.organizationId });
  ({ session: ada } = await world.prove(null, email("ada")));
});

const count = async (table: string): Promise<number> =>
  (await opened.db.run(`select 1 from ${table} where organization_id = $1`, [stage.organizationId])).length;
const traces = async () => ({ links: await count("consumer_link"), aliases: await count("consumer_alias"), identities: await count("consumer_identity") });
const forget = () => retain(opened.db, clock);

test("what proving did goes when it is as old as the organization says and its session is gone; whom the consumer is known by stays", async () => {
  await world.prove(await world.guest(), email("ada"));
  await world.prove(await world.guest(), email("bob"));
  expect(await traces()).toEqual({ links: 3, aliases: 1, identities: 2 });
  clock.turn(29 * 86_400_000);
  await forget();
  expect(await traces()).toEqual({ links: 3, aliases: 1, identities: 2 });
  clock.turn(longMs);
  await forget();
  expect(await traces()).toEqual({ links: 0, aliases: 0, identities: 2 });
  expect(await world.ownerOf(email("ada"))).toBe(ada.consumerId);
});

test("while the place that came along is waited in, the session, the guest's id and the link stay, and a late proof is answered the same", async () => {
  const guest = await world.guest();
  await stage.enter("queue_a", guest.consumerId);
  const { session, linked } = await world.prove(guest, email("ada"));
  clock.turn(20 * 86_400_000);
  await forget();
  expect((await world.prove(session, email("ada"))).linked).toEqual(linked);
  clock.turn(longMs);
  await forget();
  expect((await traces()).aliases).toBe(1);
  await stage.leave("queue_a", ada.consumerId);
  clock.turn(longMs);
  await forget();
  expect(await traces()).toMatchObject({ links: 0, aliases: 0 });
});

test("what was bought under the guest's id leads to the consumer for as long as the purchase is kept", async () => {
  const guest = await world.guest();
  await stage.enter("queue_a", guest.consumerId, ada.consumerId);
  await stage.admit("queue_a", 2);
  const [theirs, own] = [await stage.hold("queue_a", guest.consumerId), await stage.hold("queue_a", ada.consumerId)];
  await world.prove(guest, email("ada"));
  for (const held of [theirs, own]) await stage.complete(held ?? "");
  clock.turn(longMs);
  await forget();
  expect(await traces()).toMatchObject({ aliases: 1 });
  await opened.db.run("update queue set archived = true where organization_id = $1", [stage.organizationId]);
  await forget();
  await forget();
  expect(await traces()).toMatchObject({ links: 0, aliases: 0 });
});

test("an entry keeps the id that its receipt was made for until the draw is folded", async () => {
  const guest = await world.guest();
  await stage.enterDraw("draw_a", guest.consumerId);
  const { session } = await world.prove(guest, email("ada"));
  await revokeSession(opened.db, stage.organizationId, session.id, "logout", clock.now());
  clock.turn(longMs);
  await forget();
  expect(await traces()).toMatchObject({ aliases: 1 });
  await opened.db.run("update draw set settled_at = $2 where organization_id = $1", [stage.organizationId, new Date(clock.now())]);
  clock.turn(longMs);
  await forget();
  expect(await traces()).toMatchObject({ links: 0, aliases: 0 });
});
