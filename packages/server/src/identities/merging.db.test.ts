import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openTestDatabase } from "../data/testing/open-test-database.ts";
import type { TestDatabase } from "../data/testing/open-test-database.ts";
import type { StoredSession } from "../data/sessions.ts";
import { createTurnedClock } from "../lines/testing/test-node.ts";
import type { TurnedClock } from "../lines/testing/test-node.ts";
import { createStage } from "./testing/stage.ts";
import type { Stage } from "./testing/stage.ts";
import { createIdentityWorld, email } from "./testing/world.ts";
import type { IdentityWorld } from "./testing/world.ts";

let opened: TestDatabase;
let clock: TurnedClock;
let stage: Stage;
let world: IdentityWorld;
let ada: StoredSession;
beforeAll(async () => {
  opened = await openTestDatabase();
});
afterAll(() => opened.close());
beforeEach(async () => {
  clock = createTurnedClock();
  stage = await createStage(opened.db, clock, { queues: { queue_a: 10, queue_b: null }, draws: { draw_a: 1 } });
  world = await createIdentityWorld(opened.db, clock, { organizationId: stage.organizationId });
  ({ session: ada } = await world.prove(null, email("ada")));
});

const queueA = { mechanism: "queue", distributionId: "queue_a" };
const queueB = { mechanism: "queue", distributionId: "queue_b" };
const drawA = { mechanism: "draw", distributionId: "draw_a" };
async function entries(queueId = "queue_a") {
  return opened.db.run<{ ticket: number; consumer_id: string; state: string }>(
    "select ticket, consumer_id, state from queue_entry where organization_id = $1 and queue_id = $2 order by ticket",
    [stage.organizationId, queueId],
  );
}
async function positionOf(consumerId: string, queueId = "queue_a"): Promise<unknown> {
  const key = { organizationId: stage.organizationId, queueId };
  await world.follower.catchUp(key);
  const standing = (await world.follower.find(key))?.standingOf(consumerId, clock.now());
  return standing?.status === "QUEUED" ? standing.position : standing?.status;
}
async function activeOf(distributionId: string): Promise<readonly [counted: number, live: number]> {
  const [row] = await opened.db.run<{ active: number; live: number }>(
    `select active, (select count(*) from admission_grant g where g.organization_id = $1 and g.distribution_id = $2 and state in ('active', 'held')) as live
       from distribution_counters where organization_id = $1 and distribution_id = $2`,
    [stage.organizationId, distributionId],
  );
  return [row?.active ?? -1, row?.live ?? -1];
}
const noStray = async (guest: StoredSession): Promise<void> => expect(await entriesOf(guest.consumerId)).toEqual([]);
const entriesOf = async (consumerId: string) => (await entries()).filter((row) => row.consumer_id === consumerId);

test("a guest's place goes over to the consumer it turns out to be, at the same position, on a node that follows", async () => {
  const guest = await world.guest();
  const [first, last] = [await world.guest(), await world.guest()];
  await stage.enter("queue_a", first.consumerId, guest.consumerId, last.consumerId);
  expect(await positionOf(guest.consumerId)).toBe(2);
  const { session, linked } = await world.prove(guest, email("ada"));
  expect(session).toMatchObject({ id: guest.id, consumerId: ada.consumerId, guestId: guest.consumerId, refreshCounter: guest.refreshCounter + 1 });
  expect(linked).toEqual({ kind: "merged", fromConsumerId: guest.consumerId, moved: [queueA], kept: [] });
  expect(await positionOf(ada.consumerId)).toBe(2);
  expect(await positionOf(guest.consumerId)).toBeUndefined();
  expect(await positionOf(last.consumerId)).toBe(3);
  expect(world.aliases.resolve(stage.organizationId, guest.consumerId)).toBe(ada.consumerId);
  expect(await opened.db.run("select 1 from consumer where id = $1", [guest.consumerId])).toEqual([]);
  expect(await world.prove(session, email("ada"))).toMatchObject({ linked });
  await noStray(guest);
});

test("of two places the better one is kept and the other one frees its position", async () => {
  const guest = await world.guest();
  const between = await world.guest();
  await stage.enter("queue_a", guest.consumerId, between.consumerId, ada.consumerId);
  await stage.enter("queue_b", ada.consumerId, between.consumerId, guest.consumerId);
  for (const id of ["queue_a", "queue_b"]) await positionOf(ada.consumerId, id);
  expect((await world.prove(guest, email("ada"))).linked).toMatchObject({ moved: [queueA], kept: [queueB] });
  expect(await positionOf(ada.consumerId)).toBe(1);
  expect(await positionOf(between.consumerId)).toBe(2);
  expect(await positionOf(ada.consumerId, "queue_b")).toBe(1);
  expect(await positionOf(between.consumerId, "queue_b")).toBe(2);
  expect((await entries()).map(({ state }) => state)).toEqual(["waiting", "waiting", "left"]);
  expect((await entries("queue_b")).map(({ state }) => state)).toEqual(["waiting", "waiting", "left"]);
});

test("a grant that a shop holds goes on and completes, and its page's new session may present it", async () => {
  const guest = await world.guest();
  await stage.enter("queue_a", guest.consumerId, ada.consumerId);
  await stage.admit("queue_a", 1);
  const held = (await stage.hold("queue_a", guest.consumerId)) ?? expect.fail("a hold");
  await positionOf(guest.consumerId);
  expect((await world.prove(guest, email("ada"))).linked).toMatchObject({ moved: [queueA], kept: [] });
  expect(await positionOf(ada.consumerId)).toBe("ADMITTED");
  expect(await activeOf("queue_a")).toEqual([1, 1]);
  expect(await stage.hold("queue_a", ada.consumerId)).toBe(held);
  expect(await stage.complete(held)).toBe(ada.consumerId);
  expect((await entries()).map(({ state }) => state)).toEqual(["completed", "left"]);
  expect(await activeOf("queue_a")).toEqual([0, 0]);
});

test("of two grants that may be used one is kept, and the other one's slot is free", async () => {
  const guest = await world.guest();
  await stage.enter("queue_a", ada.consumerId);
  await stage.admit("queue_a", 1);
  clock.turn(60_000);
  await stage.enter("queue_a", guest.consumerId);
  await stage.admit("queue_a", 1);
  expect(await activeOf("queue_a")).toEqual([2, 2]);
  expect((await world.prove(guest, email("ada"))).linked).toMatchObject({ moved: [queueA], kept: [] });
  expect(await activeOf("queue_a")).toEqual([1, 1]);
  expect(await stage.hold("queue_a", ada.consumerId)).not.toBeNull();
});

test("two payments in flight both go on, and nothing else is the guest's", async () => {
  const guest = await world.guest();
  await stage.enter("queue_a", guest.consumerId, ada.consumerId);
  await stage.admit("queue_a", 2);
  const holds = [await stage.hold("queue_a", guest.consumerId), await stage.hold("queue_a", ada.consumerId)];
  expect((await world.prove(guest, email("ada"))).linked).toMatchObject({ moved: [], kept: [queueA] });
  for (const held of holds) expect(await stage.complete(held ?? "")).not.toBeNull();
  expect(await activeOf("queue_a")).toEqual([0, 0]);
});

test("whoever has bought as either has bought as both: no second grant, no second place", async () => {
  const guest = await world.guest();
  await stage.enter("queue_a", guest.consumerId);
  await stage.admit("queue_a", 1);
  await stage.complete((await stage.hold("queue_a", guest.consumerId)) ?? "");
  await stage.enter("queue_a", ada.consumerId);
  await stage.admit("queue_a", 1);
  expect((await world.prove(guest, email("ada"))).linked).toMatchObject({ moved: [queueA] });
  expect(await activeOf("queue_a")).toEqual([0, 0]);
  expect(await stage.hold("queue_a", ada.consumerId)).toBeNull();
  await stage.enter("queue_a", ada.consumerId);
  expect((await entries()).map(({ state }) => state)).toEqual(["completed", "left"]);
});

test("draws that passed the guest over long ago go on counting for the consumer", async () => {
  const guest = await world.guest();
  await opened.db.run("update consumer set lost_draws = case when id = $2 then 2 else 1 end where organization_id = $1", [
    stage.organizationId,
    guest.consumerId,
  ]);
  expect((await world.prove(guest, email("ada"))).linked).toMatchObject({ kind: "merged" });
  const counted = await opened.db.run("select lost_draws from consumer where organization_id = $1 and id = $2", [stage.organizationId, ada.consumerId]);
  expect(counted).toEqual([{ lost_draws: 3 }]);
});

test("of two entries of an open draw the better stays, as it was promised, and the other one is told as a duplicate", async () => {
  const guest = await world.guest();
  await stage.enterDraw("draw_a", guest.consumerId);
  await stage.enterDraw("draw_a", ada.consumerId);
  expect((await world.prove(guest, email("ada"))).linked).toMatchObject({ moved: [drawA], kept: [] });
  const rows = await opened.db.run("select ticket, consumer_id, entered_as, class from draw_entry where organization_id = $1 order by ticket", [
    stage.organizationId,
  ]);
  expect(rows).toEqual([
    { ticket: 1, consumer_id: ada.consumerId, entered_as: guest.consumerId, class: 0 },
    { ticket: 2, consumer_id: ada.consumerId, entered_as: null, class: 2 },
  ]);
  clock.turn(3_600_001);
  await stage.conduct("draw_a");
  expect(await activeOf("draw_a")).toEqual([1, 1]);
  expect(await stage.hold("draw_a", ada.consumerId)).not.toBeNull();
});

test("entries of a closed list stay where the root says; whichever wins, the consumer has the win, and one only", async () => {
  const guest = await world.guest();
  const other = await world.guest();
  stage = await createStage(opened.db, clock, { draws: { draw_a: 2 } });
  world = await createIdentityWorld(opened.db, clock, { organizationId: stage.organizationId });
  ({ session: ada } = await world.prove(null, email("ada")));
  const here = await world.guest();
  for (const entrant of [here, ada, other]) await stage.enterDraw("draw_a", entrant.consumerId);
  await opened.db.run("update draw set closed_at = $2 where organization_id = $1", [stage.organizationId, new Date(clock.now())]);
  expect((await world.prove(here, email("ada"))).linked).toMatchObject({ moved: [drawA], kept: [] });
  clock.turn(3_600_001);
  await stage.conduct("draw_a");
  await world.merger.settleDraw(stage.organizationId, "draw_a");
  await stage.conduct("draw_a");
  await world.merger.settleDraw(stage.organizationId, "draw_a");
  const grants = await opened.db.run<{ consumer_id: string }>(
    "select consumer_id from admission_grant where organization_id = $1 and state = 'active' order by consumer_id",
    [stage.organizationId],
  );
  expect(grants.map((grant) => grant.consumer_id)).toEqual([ada.consumerId, other.consumerId].toSorted());
  expect(guest.consumerId).not.toBe(here.consumerId);
});

test("where the organization keeps guests apart from whom they prove to be, nothing at all changes", async () => {
  world = await createIdentityWorld(opened.db, clock, { onIdentityConflict: "reject" });
  await world.prove(null, email("bob"));
  const guest = await world.guest();
  await expect(world.prove(guest, email("bob"))).rejects.toMatchObject({ code: "identity_conflict" });
  expect(await world.look(guest)).toEqual(guest);
  expect(world.noted.at(-1)).toMatchObject({ kind: "identity_conflict" });
  expect((await world.prove(guest, email("nobody-yet"))).linked).toMatchObject({ kind: "upgraded" });
});

test("what was being written while the link was made comes over as soon as it is seen", async () => {
  const guest = await world.guest();
  await world.prove(guest, email("ada"));
  await stage.enter("queue_a", guest.consumerId);
  await stage.enterDraw("draw_a", guest.consumerId);
  expect(await entriesOf(guest.consumerId)).toHaveLength(1);
  await world.merger.round();
  await noStray(guest);
  expect(await positionOf(ada.consumerId)).toBe(1);
  expect(await opened.db.run("select 1 from draw_entry where consumer_id = $1", [ada.consumerId])).toHaveLength(1);
});

test("any number of guests become one consumer at the same moment, and it has the best of their places", async () => {
  const guests = await Promise.all(Array.from({ length: 6 }, () => world.guest()));
  await stage.enter("queue_a", ...guests.map(({ consumerId }) => consumerId));
  await positionOf(ada.consumerId);
  await Promise.all(guests.toReversed().map((guest) => world.prove(guest, email("ada"))));
  expect(await positionOf(ada.consumerId)).toBe(1);
  const rows = await entries();
  expect(rows.map(({ state }) => state)).toEqual(["waiting", "left", "left", "left", "left", "left"]);
  expect(new Set(rows.map(({ consumer_id: consumerId }) => consumerId))).toEqual(new Set([ada.consumerId]));
});
