import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { DatabaseError } from "../data/database.ts";
import type { Database } from "../data/database.ts";
import * as grants from "../data/grants.ts";
import { admitTickets, holdLease } from "../data/admissions.ts";
import { leaveQueue } from "../data/queue-entries.ts";
import type { QueueKey } from "../data/queue-entries.ts";
import { openTestDatabase } from "../data/testing/open-test-database.ts";
import type { TestDatabase } from "../data/testing/open-test-database.ts";
import { createFollower } from "./follow.ts";
import type { LiveQueue } from "./live-queue.ts";
import { makeTestQueue } from "./testing/make-queue.ts";
import type { QueueLimits } from "./testing/make-queue.ts";
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

const makeQueue = (limits: QueueLimits = {}): Promise<QueueKey> => makeTestQueue(db, clock, limits);

async function lineOn(node: TestNode): Promise<LiveQueue> {
  const live = await node.lines.find(key);
  if (live === null) throw new Error("The queue is not there.");
  return live;
}

const newConsumers = (count: number): string[] => Array.from({ length: count }, () => randomUUID());

async function joinAll(node: TestNode, consumers: readonly string[]): Promise<void> {
  const live = await lineOn(node);
  await Promise.all(consumers.map((consumer) => node.lines.join(live, consumer)));
}

async function tickUntil(node: TestNode, seconds: number): Promise<void> {
  for (let elapsed = 0; elapsed < seconds * 1000; elapsed += 250) {
    clock.turn(250);
    await node.admission.tick();
  }
}

async function counts(): Promise<{ active: number; granted: number; live: number; all: number }> {
  const [row] = await db.run<{ active: number; granted: number; live: number; all: number }>(
    `select active, granted,
            (select count(*)::integer from admission_grant where organization_id = $1 and state in ('active', 'held')) as live,
            (select count(*)::integer from admission_grant where organization_id = $1) as all
       from distribution_counters where organization_id = $1`,
    [key.organizationId],
  );
  if (row === undefined) throw new Error("The counters are not there.");
  return row;
}

describe("joining", () => {
  test("gives dense tickets in order, one place a consumer however often it asks, on two nodes at once (I2, I3)", async () => {
    key = await makeQueue({ admitRate: 0 });
    const nodes = [await startTestNode(db, clock, "a"), await startTestNode(db, clock, "b")] as const;
    const consumers = newConsumers(200);
    await Promise.all(
      [...consumers, ...consumers.slice(50), ...consumers].map(async (consumer, index) => {
        const node = nodes[index % 2 === 0 ? 0 : 1];
        await node.lines.join(await lineOn(node), consumer);
      }),
    );
    const rows = await db.run<{ ticket: number; consumer_id: string }>(
      `select ticket, consumer_id from queue_entry where organization_id = $1 order by ticket`,
      [key.organizationId],
    );
    expect(rows.map((row) => row.ticket)).toEqual(consumers.map((_, index) => index + 1));
    expect(new Set(rows.map((row) => row.consumer_id))).toEqual(new Set(consumers));
    for (const node of nodes) {
      const live = await lineOn(node);
      await node.follower.catchUp(key);
      for (const row of rows)
        expect(await node.lines.standing(live, row.consumer_id)).toMatchObject({ status: "QUEUED", ticket: row.ticket, position: row.ticket });
    }
  });

  test("whoever leaves may come back, at the tail, and those behind move up", async () => {
    key = await makeQueue({ admitRate: 0 });
    const node = await startTestNode(db, clock, "a");
    const [first = "", second = "", third = ""] = newConsumers(3);
    for (const consumer of [first, second, third]) await joinAll(node, [consumer]);
    const live = await lineOn(node);
    expect(await node.lines.leave(live, first)).toBe(true);
    expect(await node.lines.leave(live, first)).toBe(false);
    expect(await node.lines.standing(live, first)).toEqual({ status: "LEFT" });
    expect(await node.lines.standing(live, third)).toMatchObject({ position: 2, progress: 0.5 });
    await joinAll(node, [first]);
    expect(await node.lines.standing(live, first)).toMatchObject({ ticket: 4, position: 3 });
  });

  test("a place given up through another node is not told again to whoever comes back", async () => {
    key = await makeQueue({ admitRate: 0 });
    const [here, there] = [await startTestNode(db, clock, "a"), await startTestNode(db, clock, "b")];
    const consumer = randomUUID();
    await joinAll(here, [consumer]);
    await there.lines.leave(await lineOn(there), consumer);
    expect(await here.lines.knownPlace(await lineOn(here), consumer)).toBeNull();
  });

  test("who enters again on a node that has heard of nothing yet is shown no worse a position than before (I6)", async () => {
    key = await makeQueue({ admitRate: 0 });
    const [here, there] = [await startTestNode(db, clock, "a"), await startTestNode(db, clock, "b")];
    const [first = "", second = "", third = ""] = newConsumers(3);
    for (const consumer of [first, second]) await joinAll(here, [consumer]);
    await there.follower.catchUp(key);
    await joinAll(here, [third]);
    await here.lines.leave(await lineOn(here), first);
    expect(await here.lines.standing(await lineOn(here), third)).toMatchObject({ position: 2 });
    await there.lines.join(await lineOn(there), third);
    expect(await there.lines.standing(await lineOn(there), third)).toMatchObject({ position: 2 });
  });

  test("no more wait than may, however many come in one batch, and a second one counts who is there", async () => {
    key = await makeQueue({ admitRate: 0, maxWaiting: 10 });
    const node = await startTestNode(db, clock, "a");
    const live = await lineOn(node);
    const consumers = newConsumers(50);
    const outcomes = await Promise.all(consumers.map((consumer) => node.lines.join(live, consumer)));
    expect(outcomes.map((outcome) => outcome.kind)).toEqual(consumers.map((_, index) => (index < 10 ? "placed" : "full")));
    expect(await node.lines.join(live, consumers[3] ?? "")).toMatchObject({ kind: "placed", entry: { ticket: 4 } });
    expect(await node.lines.join(live, randomUUID())).toEqual({ kind: "full" });
    await node.lines.leave(live, consumers[3] ?? "");
    expect(await node.lines.join(live, randomUUID())).toMatchObject({ kind: "placed", entry: { ticket: 11 } });
  });

  test("a line that closed takes nobody, whatever this node believed", async () => {
    key = await makeQueue();
    const node = await startTestNode(db, clock, "a");
    const live = await lineOn(node);
    await db.queries
      .updateTable("queue")
      .set({ closeAt: new Date(clock.now()) })
      .where("organizationId", "=", key.organizationId)
      .execute();
    expect(await node.lines.join(live, randomUUID())).toEqual({ kind: "closed" });
    expect(live.state(clock.now())).toBe("ended");
  });

  test("a node that starts later knows the same line", async () => {
    key = await makeQueue({ admitRate: 240, capacity: 3 });
    const first = await startTestNode(db, clock, "a");
    const consumers = newConsumers(20);
    for (const consumer of consumers) await joinAll(first, [consumer]);
    await tickUntil(first, 2);
    await first.lines.leave(await lineOn(first), consumers[10] ?? "");
    const second = await startTestNode(db, clock, "b");
    for (const consumer of consumers) {
      const there = await second.lines.standing(await lineOn(second), consumer);
      const here = await first.lines.standing(await lineOn(first), consumer);
      expect({ ...there, estimate: null, estimatedWaitTimeInSeconds: null, pollAfterSeconds: 0 }).toEqual({
        ...here,
        estimate: null,
        estimatedWaitTimeInSeconds: null,
        pollAfterSeconds: 0,
      });
    }
  });
});

describe("admission", () => {
  test("never passes capacity or total, with two nodes admitting and slots coming back all the time (I4)", async () => {
    key = await makeQueue({ admitRate: 60_000, capacity: 5, maxAdmissions: 40, lifetime: 1 });
    const nodes = [await startTestNode(db, clock, "a"), await startTestNode(db, clock, "b")] as const;
    await joinAll(nodes[0], newConsumers(80));
    for (let round = 0; round < 40; round++) {
      clock.turn(400);
      await Promise.all(nodes.map((node) => node.admission.tick()));
      const { active, granted, live, all } = await counts();
      expect(active).toBeLessThanOrEqual(5);
      expect({ active, granted }).toEqual({ active: live, granted: all });
    }
    expect(await counts()).toMatchObject({ granted: 40, active: 0 });
  });

  test("an owner whose epoch has passed admits nobody", async () => {
    key = await makeQueue();
    const node = await startTestNode(db, clock, "a");
    await joinAll(node, newConsumers(2));
    const at = new Date(clock.now());
    const frozen = await holdLease(db, key, "frozen", at, new Date(clock.now() + 1000));
    clock.turn(2000);
    const taken = await holdLease(db, key, "a", new Date(clock.now()), new Date(clock.now() + 1000));
    expect(taken?.epoch).toBe((frozen?.epoch ?? 0) + 1);
    const late = { epoch: frozen?.epoch ?? 0, tickets: [1], grantIds: ["grant_late"], at, tokensLeft: 0 };
    expect(await admitTickets(db, key, late)).toBeNull();
    expect(await counts()).toMatchObject({ active: 0, all: 0 });
  });

  test("lets people in in the order of their tickets, at the rate", async () => {
    key = await makeQueue({ admitRate: 60 });
    const node = await startTestNode(db, clock, "a");
    const consumers = newConsumers(5);
    for (const consumer of consumers) await joinAll(node, [consumer]);
    await tickUntil(node, 2);
    const live = await lineOn(node);
    const standings = await Promise.all(consumers.map((consumer) => node.lines.standing(live, consumer)));
    expect(standings.map((standing) => standing.status)).toEqual(["ADMITTED", "ADMITTED", "QUEUED", "QUEUED", "QUEUED"]);
    expect(standings[2]).toMatchObject({ position: 1, waitingAhead: 0 });
  });

  test("a grant that nobody used ends on time, frees its slot, and its holder may join again at the tail", async () => {
    key = await makeQueue({ capacity: 1, lifetime: 30 });
    const node = await startTestNode(db, clock, "a");
    const [first = "", second = ""] = newConsumers(2);
    for (const consumer of [first, second]) await joinAll(node, [consumer]);
    await tickUntil(node, 1);
    const live = await lineOn(node);
    expect(await node.lines.standing(live, first)).toMatchObject({ status: "ADMITTED" });
    await tickUntil(node, 30);
    expect(await node.lines.standing(live, first)).toEqual({ status: "EXPIRED" });
    expect(await node.lines.standing(live, second)).toMatchObject({ status: "ADMITTED" });
    await joinAll(node, [first]);
    expect(await node.lines.standing(live, first)).toMatchObject({ status: "QUEUED", ticket: 3 });
  });
});

describe("a grant", () => {
  const order = (redemptionId: string, orderId: string) => ({
    redemptionId,
    orderId,
    receiptId: `rcpt_${randomUUID()}`,
    orderAmount: "10.00",
    at: new Date(clock.now()),
  });

  async function heldGrant(node: TestNode): Promise<{ consumerId: string; redemptionId: string; presentationId: string; grantId: string }> {
    const consumerId = randomUUID();
    await joinAll(node, [consumerId]);
    await tickUntil(node, 1);
    const presentationId = randomUUID();
    const presented = await grants.replacePresentation(db, key.organizationId, {
      consumerId,
      distributionId: key.queueId,
      presentationId,
      sessionId: null,
      at: new Date(clock.now()),
    });
    const hold = {
      distributionId: key.queueId,
      grantId: presented?.id ?? "",
      presentationId,
      redemptionId: `red_${randomUUID()}`,
      at: new Date(clock.now()),
      heldUntil: new Date(clock.now() + 900_000),
    };
    const held = await grants.holdGrant(db, key.organizationId, hold);
    return { consumerId, presentationId, redemptionId: held?.redemptionId ?? "", grantId: held?.id ?? "" };
  }

  test("of many completions at once exactly one order wins, and that order always gets the same receipt (I5)", async () => {
    key = await makeQueue({ capacity: 1 });
    const node = await startTestNode(db, clock, "a");
    const { redemptionId, consumerId } = await heldGrant(node);
    const attempts = Array.from({ length: 60 }, (_, index) => order(redemptionId, `order-${index % 20}`));
    const answers = await Promise.all(attempts.map((attempt) => grants.completeGrant(db, key.organizationId, attempt)));
    const winners = answers.filter((answer) => answer !== null);
    expect(new Set(winners.map((winner) => winner.orderId)).size).toBe(1);
    expect(new Set(winners.map((winner) => winner.receiptId)).size).toBe(1);
    expect(winners).toHaveLength(3);
    expect(await counts()).toMatchObject({ active: 0, granted: 1 });
    await node.follower.catchUp(key);
    expect(await node.lines.standing(await lineOn(node), consumerId)).toEqual({ status: "COMPLETED" });
    expect(await node.lines.join(await lineOn(node), consumerId)).toMatchObject({ kind: "placed", entry: { state: "completed" } });
  });

  test("a presentation opens a hold once; a newer one voids it, and joins the hold that is open", async () => {
    key = await makeQueue();
    const node = await startTestNode(db, clock, "a");
    const { consumerId, presentationId, redemptionId, grantId } = await heldGrant(node);
    const again = { distributionId: key.queueId, grantId, redemptionId: "red_other", at: new Date(clock.now()), heldUntil: new Date(clock.now() + 1) };
    expect(await grants.holdGrant(db, key.organizationId, { ...again, presentationId })).toBeNull();
    const newer = randomUUID();
    await grants.replacePresentation(db, key.organizationId, {
      consumerId,
      distributionId: key.queueId,
      presentationId: newer,
      sessionId: null,
      at: new Date(clock.now()),
    });
    expect(await grants.holdGrant(db, key.organizationId, { ...again, presentationId: newer })).toMatchObject({ redemptionId, state: "held" });
  });

  test("is held by the shop or given up by its holder, never both, however the two cross", async () => {
    key = await makeQueue();
    const node = await startTestNode(db, clock, "a");
    const consumers = newConsumers(40);
    await joinAll(node, consumers);
    await tickUntil(node, 1);
    const outcomes = await Promise.all(
      consumers.map(async (consumerId) => {
        const presentationId = randomUUID();
        const at = new Date(clock.now());
        const presented = await grants.replacePresentation(db, key.organizationId, {
          consumerId,
          distributionId: key.queueId,
          presentationId,
          sessionId: null,
          at,
        });
        const hold = {
          distributionId: key.queueId,
          grantId: presented?.id ?? "",
          presentationId,
          redemptionId: `red_${randomUUID()}`,
          at,
          heldUntil: new Date(clock.now() + 900_000),
        };
        const [held, left] = await Promise.all([grants.holdGrant(db, key.organizationId, hold), leaveQueue(db, key, consumerId, at)]);
        return [held !== null, left];
      }),
    );
    expect(outcomes.filter(([held, left]) => held === left)).toEqual([]);
    const { active, live } = await counts();
    expect(active).toBe(live);
  });

  test("given back after a failed payment, it can be used again and its old redemption cannot", async () => {
    key = await makeQueue({ lifetime: 60 });
    const node = await startTestNode(db, clock, "a");
    const { redemptionId } = await heldGrant(node);
    clock.turn(300_000);
    await node.admission.tick();
    const released = await grants.releaseGrant(db, key.organizationId, redemptionId, new Date(clock.now()), new Date(clock.now() + 120_000));
    expect(released).toMatchObject({ state: "active", redemptionId: null, expiresAt: clock.now() + 120_000 });
    expect(await grants.completeGrant(db, key.organizationId, order(redemptionId, "order-1"))).toBeNull();
    expect(await counts()).toMatchObject({ active: 1 });
  });

  test("a hold keeps its slot past the grant's own end, and gives it back after its grace", async () => {
    key = await makeQueue({ capacity: 1, lifetime: 60 });
    const node = await startTestNode(db, clock, "a");
    const { redemptionId } = await heldGrant(node);
    clock.turn(900_000);
    await node.admission.tick();
    expect(await counts()).toMatchObject({ active: 1 });
    clock.turn(31_000);
    await node.admission.tick();
    expect(await counts()).toMatchObject({ active: 0 });
    expect(await grants.completeGrant(db, key.organizationId, order(redemptionId, "order-1"))).toBeNull();
  });

  test("is nobody else's: another organization finds, completes and releases nothing (I7)", async () => {
    key = await makeQueue();
    const node = await startTestNode(db, clock, "a");
    const { redemptionId, grantId } = await heldGrant(node);
    expect(await grants.findGrant(db, "org_other", key.queueId, grantId)).toBeNull();
    expect(await grants.completeGrant(db, "org_other", order(redemptionId, "order-1"))).toBeNull();
    expect(await grants.releaseGrant(db, "org_other", redemptionId, new Date(clock.now()), new Date(clock.now()))).toBeNull();
    expect(await counts()).toMatchObject({ active: 1 });
  });
});

describe("following", () => {
  test("shows no position of a version that it has not told, whoever leaves while it reads (I6)", async () => {
    key = await makeQueue({ admitRate: 0 });
    const there = await startTestNode(db, clock, "a");
    const [first = "", second = "", third = ""] = newConsumers(3);
    let leaveNow = true;
    const crossed = async <Row>(statement: string, parameters: readonly unknown[]): Promise<readonly Row[]> => {
      if (leaveNow && parameters[0] === key.organizationId && statement.includes("state = 'waiting' order by ticket")) {
        leaveNow = false;
        await there.lines.leave(await lineOn(there), first);
      }
      return db.run(statement, parameters);
    };
    const running = await startTestNode({ ...db, run: crossed }, clock, "b");
    for (const consumer of [first, second, third]) await joinAll(there, [consumer]);
    await running.follower.catchUp(key);
    const before = { status: "QUEUED", ticket: 3, version: 0, position: 3 };
    const after = { status: "QUEUED", ticket: 3, version: 1, position: 2 };
    expect(await running.lines.standing(await lineOn(running), third)).toMatchObject(before);
    expect(await running.lines.standing(await lineOn(running), third, 1)).toMatchObject(after);
    leaveNow = true;
    await joinAll(there, [first]);
    const starting = await startTestNode({ ...db, run: crossed }, clock, "c");
    expect(await starting.lines.standing(await lineOn(starting), third)).toMatchObject({ ...after, version: 2 });
  });

  test("goes on with the other lines when one cannot be read", async () => {
    const broken = await makeQueue();
    key = broken;
    await joinAll(await startTestNode(db, clock, "a"), newConsumers(1));
    const sound = await makeQueue();
    const failing = async <Row>(statement: string, parameters: readonly unknown[]): Promise<readonly Row[]> => {
      if (statement.includes("state = 'waiting' order by ticket") && parameters[0] === broken.organizationId) throw new DatabaseError("57014", "Timed out.");
      return db.run(statement, parameters);
    };
    const faults: unknown[] = [];
    const follower = createFollower({ db: { ...db, run: failing }, clock, breathe: () => Promise.resolve(), onFault: (error) => void faults.push(error) });
    await follower.start();
    expect(faults).toHaveLength(1);
    expect([...follower.all()].map((live) => live.key)).toContainEqual(sound);
  });

  test("reads a grant again that it could not read, so that it ends on time", async () => {
    key = await makeQueue({ lifetime: 60 });
    let failures = 1;
    const failing = async <Row>(statement: string, parameters: readonly unknown[]): Promise<readonly Row[]> => {
      if (failures > 0 && parameters[0] === key.organizationId && statement.includes("ticket = any($3::bigint[])") && parameters[2] !== null) {
        failures--;
        throw new DatabaseError("connection", "The connection broke.");
      }
      return db.run(statement, parameters);
    };
    const other = await startTestNode(db, clock, "a");
    const node = await startTestNode({ ...db, run: failing }, clock, "b");
    const consumer = randomUUID();
    await joinAll(other, [consumer]);
    await tickUntil(other, 1);
    await expect(node.follower.catchUp(key)).rejects.toThrow("The connection broke.");
    await node.follower.catchUp(key);
    expect((await lineOn(node)).admitted()).toBe(1);
  });
});
