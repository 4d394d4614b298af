import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Database } from "../data/database.ts";
import type { QueueKey } from "../data/queue-entries.ts";
import { openTestDatabase } from "../data/testing/open-test-database.ts";
import type { TestDatabase } from "../data/testing/open-test-database.ts";
import { admitNow } from "./admit-now.ts";
import type { LiveQueue } from "./live-queue.ts";
import { createPublicBodies } from "./public-body.ts";
import { makeTestQueue } from "./testing/make-queue.ts";
import { createTurnedClock, startTestNode } from "./testing/test-node.ts";
import type { TestNode, TurnedClock } from "./testing/test-node.ts";

let opened: TestDatabase;
let db: Database;
let clock: TurnedClock;
let key: QueueKey;

beforeAll(async () => {
  opened = await openTestDatabase();
  db = opened.db;
});
afterAll(() => opened.close());
beforeEach(() => {
  clock = createTurnedClock();
});

const settled = 60_000;

async function lineOn(node: TestNode): Promise<LiveQueue> {
  const live = await node.lines.find(key);
  if (live === null) throw new Error("The queue is not there.");
  return live;
}

async function joinInOrder(node: TestNode, count: number): Promise<readonly string[]> {
  const consumers = Array.from({ length: count }, () => randomUUID());
  const live = await lineOn(node);
  for (const consumer of consumers) await node.lines.join(live, consumer);
  return consumers;
}

const ask = async (node: TestNode, consumerId: string) => node.lines.standing(await lineOn(node), consumerId);

/** Turns the clock in steps of a second; on each, those who are there ask, and the nodes do what they do by themselves. */
async function pass(seconds: number, nodes: readonly TestNode[], there: readonly (readonly [TestNode, string])[]): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    clock.turn(1_000);
    for (const [node, consumer] of there) await ask(node, consumer);
    for (const node of nodes) await node.sightings.round();
    for (const node of nodes) await node.admission.tick();
    for (const node of nodes) await node.follower.catchUp(key);
  }
}

test("an absent head is passed over, keeps its ticket, and is next when it returns", async () => {
  key = await makeTestQueue(db, clock, { admitRate: 0 });
  const node = await startTestNode(db, clock, "a");
  const [first = "", second = "", third = "", fourth = ""] = await joinInOrder(node, 4);
  clock.turn(settled + 1_000);
  await db.run("update queue set admit_rate = 60 where organization_id = $1", [key.organizationId]);
  await node.follower.catchUp(key);
  await pass(
    1,
    [node],
    [
      [node, third],
      [node, fourth],
    ],
  );
  expect(await ask(node, third)).toMatchObject({ status: "ADMITTED" });
  expect(await ask(node, fourth)).toMatchObject({ status: "QUEUED", position: 3 });
  expect(await ask(node, first)).toMatchObject({ status: "QUEUED", ticket: 1, position: 1, heldUntil: new Date(clock.now() + 1_800_000).toISOString() });
  await pass(1, [node], [[node, fourth]]);
  expect(await ask(node, first)).toMatchObject({ status: "ADMITTED" });
  expect(await ask(node, fourth)).toMatchObject({ status: "QUEUED", position: 2 });
  expect(await ask(node, second)).toMatchObject({ status: "QUEUED", ticket: 2, position: 1 });
});

test("a node admits those who ask another node, and takes over knowing who is there", async () => {
  key = await makeTestQueue(db, clock, { admitRate: 60, capacity: 1 });
  const nodes = [await startTestNode(db, clock, "a"), await startTestNode(db, clock, "b")] as const;
  const [owner, other] = nodes;
  const consumers = await joinInOrder(owner, 8);
  const [, , third = "", , fifth = "", , seventh = ""] = consumers;
  const there = [
    [other, third],
    [other, fifth],
    [other, seventh],
  ] as const;
  // The first in line gets the only slot; everybody else is away for longer than an interval, but for three who ask the other node.
  await owner.admission.tick();
  await pass(70, nodes, there);
  await db.run("update queue set capacity = 2 where organization_id = $1", [key.organizationId]);
  await pass(2, nodes, there);
  expect(await ask(owner, third)).toMatchObject({ status: "ADMITTED" });
  const ownerDied = [other];
  await db.run("update queue set capacity = 4 where organization_id = $1", [key.organizationId]);
  await pass(6, ownerDied, there);
  expect(await ask(other, fifth)).toMatchObject({ status: "ADMITTED" });
  expect(await ask(other, seventh)).toMatchObject({ status: "ADMITTED" });
  const rows = await db.run<{ ticket: number }>("select ticket from queue_entry where organization_id = $1 and state = 'waiting' order by ticket", [
    key.organizationId,
  ]);
  expect(rows.map((row) => row.ticket)).toEqual([2, 4, 6, 8]);
});

test("after a restart everybody counts as there for one interval", async () => {
  key = await makeTestQueue(db, clock, { admitRate: 60 });
  const before = await startTestNode(db, clock, "a");
  const [first = ""] = await joinInOrder(before, 2);
  clock.turn(settled + 1_000);
  const after = await startTestNode(db, clock, "b");
  await after.admission.tick();
  expect(await ask(after, first)).toMatchObject({ status: "ADMITTED" });
});

test("a place is kept for the hold time, and then ended; its holder may join again at the tail", async () => {
  key = await makeTestQueue(db, clock, { capacity: 1, holdSeconds: 120 });
  const node = await startTestNode(db, clock, "a");
  const [, first = "", second = ""] = await joinInOrder(node, 3);
  await pass(70, [node], [[node, second]]);
  await ask(node, first);
  await pass(119, [node], [[node, second]]);
  expect(await ask(node, second)).toMatchObject({ position: 2 });
  await pass(3, [node], [[node, second]]);
  expect(await ask(node, second)).toMatchObject({ position: 1 });
  expect(await ask(node, first)).toEqual({ status: "EXPIRED" });
  expect(await node.lines.join(await lineOn(node), first)).toMatchObject({ kind: "placed", entry: { ticket: 4 } });
});

test.each([
  ["paused", "paused = true", "paused = false"],
  ["paused beyond its closing time", "paused = true, close_at = open_at", "paused = false"],
  ["set to a rate of nothing", "admit_rate = 0", "admit_rate = 60"],
])("a line that is %s lets nobody in, promises nothing and ends nobody's place, however long it stands", async (_name, stop, go) => {
  let tries = 0;
  key = await makeTestQueue(db, clock, { capacity: 1, holdSeconds: 120, openAt: clock.now() - 1_000 });
  const node = await startTestNode(db, clock, "a", (store) => ({
    ...store,
    admitTickets(...asked) {
      tries++;
      return store.admitTickets(...asked);
    },
  }));
  const [holder = "", first = "", second = ""] = await joinInOrder(node, 3);
  await pass(70, [node], [[node, second]]);
  await db.run(`update queue set ${stop} where organization_id = $1`, [key.organizationId]);
  await node.follower.catchUp(key);
  await node.lines.leave(await lineOn(node), holder);
  const before = tries;
  await pass(200, [node], [[node, second]]);
  expect(tries).toBe(before);
  expect(await ask(node, second)).toMatchObject({ status: "QUEUED", position: 2, estimate: null, admitRatePerMinute: 0 });
  expect(JSON.parse(createPublicBodies()(await lineOn(node), clock.now()).bytes.toString())).toMatchObject({ estimates: [], admitRatePerMinute: 0 });
  await db.run(`update queue set ${go} where organization_id = $1`, [key.organizationId]);
  await pass(3, [node], [[node, second]]);
  expect(await ask(node, second)).toMatchObject({ status: "ADMITTED" });
  await pass(100, [node], []);
  expect(await ask(node, first)).toMatchObject({ status: "QUEUED", position: 1 });
});

test("whoever asked until the node itself was frozen for longer than the hold keeps the place", async () => {
  key = await makeTestQueue(db, clock, { capacity: 1, holdSeconds: 60 });
  const node = await startTestNode(db, clock, "a");
  const [, first = "", second = ""] = await joinInOrder(node, 3);
  const there = [first, second].map((consumer) => [node, consumer] as const);
  await pass(70, [node], there);
  clock.turn(300_000);
  await pass(20, [node], []);
  await pass(2, [node], there);
  expect(await ask(node, second)).toMatchObject({ status: "QUEUED", position: 2 });
  await pass(70, [node], [[node, second]]);
  expect(await ask(node, first)).toEqual({ status: "EXPIRED" });
});

test("an operator lets people in by hand past a head of absent ones, also while the line is paused", async () => {
  key = await makeTestQueue(db, clock, { admitRate: 30 });
  const node = await startTestNode(db, clock, "a");
  const consumers = await joinInOrder(node, 250);
  await db.run("update queue set paused = true where organization_id = $1", [key.organizationId]);
  const there = consumers.slice(150).map((consumer) => [node, consumer] as const);
  await pass(70, [node], []);
  const admit = async () => admitNow({ db, clock, follower: node.follower, newGrantId: () => `grant_${randomUUID()}` }, await lineOn(node), 20);
  expect(await admit()).toEqual({ admitted: 0, limitedBy: "presence" });
  for (let minute = 0; minute < 4; minute++) {
    await pass(29, [node], []);
    await pass(1, [node], there);
  }
  expect(await admit()).toEqual({ admitted: 20, limitedBy: null });
  expect(await ask(node, consumers[150] ?? "")).toMatchObject({ status: "ADMITTED" });
  expect((await lineOn(node)).line.waiting()).toBe(230);
});

test("an operator lets in by hand also those who are far from their turn, as soon as they have come", async () => {
  key = await makeTestQueue(db, clock, { admitRate: 0 });
  const node = await startTestNode(db, clock, "a");
  const consumers = await joinInOrder(node, 130);
  const far = consumers.slice(100);
  const admit = async (count: number) => admitNow({ db, clock, follower: node.follower, newGrantId: () => `grant_${randomUUID()}` }, await lineOn(node), count);
  // Beyond the first hundred they live on what everybody reads, and are heard of by nobody.
  clock.turn(settled + 1_000);
  for (const consumer of consumers.slice(0, 100)) await ask(node, consumer);
  clock.turn(120_000);
  for (const consumer of consumers.slice(0, 100)) await ask(node, consumer);
  expect(await admit(130)).toEqual({ admitted: 100, limitedBy: "presence" });
  // The window has reached them, which their next look at the shared body tells them.
  for (const consumer of far) await ask(node, consumer);
  expect(await admit(130)).toEqual({ admitted: 30, limitedBy: "line" });
});
