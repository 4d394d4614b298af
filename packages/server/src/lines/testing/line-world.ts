import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach } from "vitest";
import type { Database } from "../../data/database.ts";
import type { QueueKey } from "../../data/queue-entries.ts";
import { openTestDatabase } from "../../data/testing/open-test-database.ts";
import type { TestDatabase } from "../../data/testing/open-test-database.ts";
import type { LiveQueue } from "../live-queue.ts";
import { makeTestQueue } from "./make-queue.ts";
import type { QueueLimits } from "./make-queue.ts";
import { createTurnedClock, startTestNode } from "./test-node.ts";
import type { Between, TestNode, TurnedClock } from "./test-node.ts";

/** What the tests of one file share: a database, and for each test a clock of its own. */
export interface LineWorld {
  readonly db: Database;
  readonly clock: TurnedClock;
  /** Starts a node over the database. */
  startNode(name: string, between?: Between): Promise<TestNode>;
  makeQueue(limits?: QueueLimits): Promise<QueueKey>;
  /** The queue as a node knows it. */
  lineOn(node: TestNode, key: QueueKey): Promise<LiveQueue>;
  joinAll(node: TestNode, key: QueueKey, consumers: readonly string[]): Promise<void>;
  /** Turns the clock on, and lets a node admit four times a second meanwhile. */
  tickUntil(node: TestNode, seconds: number): Promise<void>;
  /** The counters row, beside the grants that it counts. */
  counts(key: QueueKey): Promise<{ readonly active: number; readonly granted: number; readonly live: number; readonly all: number }>;
}

/** Ids of people who were never there before. */
export const newConsumers = (count: number): string[] => Array.from({ length: count }, () => randomUUID());

/** Opens the world for the tests of the file that calls it. */
export function openLineWorld(): LineWorld {
  let opened: TestDatabase;
  let clock: TurnedClock;
  beforeAll(async () => {
    opened = await openTestDatabase();
  });
  afterAll(() => opened.close());
  beforeEach(() => {
    clock = createTurnedClock();
  });

  const world: LineWorld = {
    // oxfmt-ignore
    get db() { return opened.db; },
    // oxfmt-ignore
    get clock() { return clock; },
    startNode: (name, between) => startTestNode(opened.db, clock, name, between),
    makeQueue: (limits = {}) => makeTestQueue(opened.db, clock, limits),
    async lineOn(node, key) {
      const live = await node.lines.find(key);
      if (live === null) throw new Error("The queue is not there.");
      return live;
    },
    async joinAll(node, key, consumers) {
      const live = await world.lineOn(node, key);
      await Promise.all(consumers.map((consumer) => node.lines.join(live, consumer)));
    },
    async tickUntil(node, seconds) {
      for (let elapsed = 0; elapsed < seconds * 1000; elapsed += 250) {
        clock.turn(250);
        await node.admission.tick();
      }
    },
    async counts(key) {
      const [row] = await opened.db.run<{ active: number; granted: number; live: number; all: number }>(
        `select active, granted,
                (select count(*)::integer from admission_grant where organization_id = $1 and state in ('active', 'held')) as live,
                (select count(*)::integer from admission_grant where organization_id = $1) as all
           from distribution_counters where organization_id = $1`,
        [key.organizationId],
      );
      if (row === undefined) throw new Error("The counters are not there.");
      return row;
    },
  };
  return Object.freeze(world);
}
