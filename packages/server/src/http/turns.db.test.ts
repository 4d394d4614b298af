import { randomUUID } from "node:crypto";
import type { QueueConsumerState } from "@fanfare-io/fanfare-contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestDatabase } from "../data/testing/open-test-database.ts";
import type { TestDatabase } from "../data/testing/open-test-database.ts";
import type { LiveQueue } from "../lines/live-queue.ts";
import { makeTestQueue } from "../lines/testing/make-queue.ts";
import { createTurnedClock, startTestNode } from "../lines/testing/test-node.ts";
import type { TestNode, TurnedClock } from "../lines/testing/test-node.ts";
import { createSeededRandom } from "../rehearsal/random.ts";
import type { SeededRandom } from "../rehearsal/random.ts";
import { createStatusStreams, streamPeriodMs } from "./consumer/status-streams.ts";
import type { StatusStreams } from "./consumer/status-streams.ts";

let opened: TestDatabase;
beforeAll(async () => {
  opened = await openTestDatabase();
});
afterAll(() => opened.close());

interface World {
  readonly clock: TurnedClock;
  readonly random: SeededRandom;
  readonly node: TestNode;
  readonly live: LiveQueue;
  /** Null for pages that take no events. */
  readonly streams: StatusStreams | null;
}

interface Shopper {
  readonly id: string;
  readonly questions: () => number;
  /** How long after the turn it was known; null before. */
  readonly lateMs: () => number | null;
  /** What a moment of the clock brings. */
  live(): Promise<void>;
}

/** Waits in line as the SDK does: asks when told to, listens where it may, and shops for half a minute to a whole one. */
async function joinLine({ clock, random, node, live, streams }: World): Promise<Shopper> {
  const id = randomUUID();
  await node.lines.join(live, id);
  await node.follower.catchUp(live.key);
  let [questions, asksAt, leavesAt] = [0, Infinity, Infinity];
  let lateMs: number | null = null;

  const learn = (state: QueueConsumerState): void => {
    if (state.status !== "ADMITTED" || lateMs !== null) return;
    lateMs = clock.now() - Date.parse(state.admittedAt);
    leavesAt = clock.now() + random.between(30_000, 60_000);
  };
  const rest = (state: QueueConsumerState, mayBeTold: boolean): void => {
    if (state.status !== "QUEUED") return;
    const told = state.pollAfterSeconds * 1_000;
    asksAt = clock.now() + (mayBeTold && state.stream === true ? random.between(0, told / 20) : told * random.between(0.9, 1.1));
  };
  const ask = async (): Promise<void> => {
    questions++;
    asksAt = Infinity;
    const state = await node.lines.standing(live, id);
    learn(state);
    const events = streams?.open(live.key, id, state) ?? null;
    if (events === null) return rest(state, false);
    const send = (event: string): void => {
      if (event.startsWith("event: ask")) asksAt = clock.now();
      else learn(JSON.parse(event.replace(/^data: /, "")) as QueueConsumerState);
    };
    events({ send, end: () => undefined });
  };
  const first = await node.lines.standing(live, id);
  learn(first);
  rest(first, streams !== null);
  return {
    ...{ id, questions: () => questions, lateMs: () => lateMs },
    async live() {
      if (clock.now() >= asksAt) await ask();
      if (clock.now() < leavesAt) return;
      leavesAt = Infinity;
      await node.lines.leave(live, id);
    },
  };
}

/** Twenty slots, all taken at once, of which none comes back for half a minute, and then one every one and a half seconds. */
async function playWaves(isTold: boolean): Promise<readonly Shopper[]> {
  const clock = createTurnedClock();
  const random = createSeededRandom(7, "turns");
  const key = await makeTestQueue(opened.db, clock, { admitRate: 6_000, capacity: 20 });
  const node = await startTestNode(opened.db, clock, "a");
  const live = await node.lines.find(key);
  if (live === null) throw new Error("The queue is not there.");
  const streams = isTold ? createStatusStreams({ clock, follower: node.follower, random: random.next }) : null;
  const shoppers: Shopper[] = [];
  const until = clock.now() + 180_000;
  for (; clock.now() < until; clock.turn(streamPeriodMs)) {
    for (let each = 0; each < 10 && shoppers.length < 70; each++) shoppers.push(await joinLine({ clock, random, node, live, streams }));
    await node.admission.tick();
    streams?.round();
    for (const shopper of shoppers) await shopper.live();
  }
  return shoppers;
}

const latest = (shoppers: readonly Shopper[], share: number): number =>
  shoppers.map((shopper) => shopper.lateMs() ?? Infinity).toSorted((a, b) => a - b)[Math.floor(shoppers.length * share)] ?? Infinity;

test("where slots come back in waves that nobody could foresee, whoever listens knows of the turn within a second, and asks for it no more often than others", async () => {
  const shoppers = await playWaves(true);
  expect(latest(shoppers, 0.9)).toBeLessThanOrEqual(1_000);
  expect(Math.max(...shoppers.map(({ questions }) => questions()))).toBeLessThanOrEqual(10);
});

test("and whoever is told nothing by itself sleeps through no wave", async () => {
  const shoppers = await playWaves(false);
  expect(latest(shoppers, 0.9)).toBeLessThanOrEqual(20_000);
});
