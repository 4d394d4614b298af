import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Database } from "../data/database.ts";
import type { QueueKey } from "../data/queue-entries.ts";
import { openTestDatabase } from "../data/testing/open-test-database.ts";
import type { TestDatabase } from "../data/testing/open-test-database.ts";
import { placesOf } from "../domain/early-order.ts";
import { drawDueOpenings } from "../jobs/open.ts";
import { seededHash } from "../platform/hashes.ts";
import { admitNow } from "./admit-now.ts";
import type { LiveQueue } from "./live-queue.ts";
import { makeTestQueue } from "./testing/make-queue.ts";
import { createTurnedClock, startTestNode } from "./testing/test-node.ts";
import type { TestNode, TurnedClock } from "./testing/test-node.ts";

const seed = Buffer.from("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", "hex");
const untilOpeningMs = 60_000;

let opened: TestDatabase;
let db: Database;
let clock: TurnedClock;
let key: QueueKey;

beforeAll(async () => {
  opened = await openTestDatabase();
  db = opened.db;
});
afterAll(() => opened.close());
beforeEach(async () => {
  clock = createTurnedClock();
  key = await makeTestQueue(db, clock, { orderSeed: seed, openAt: clock.now() + untilOpeningMs, admitRate: 0 });
});

async function lineOn(node: TestNode): Promise<LiveQueue> {
  const live = await node.lines.find(key);
  if (live === null) throw new Error("The queue is not there.");
  return live;
}
const join = async (node: TestNode, consumer: string): Promise<unknown> => node.lines.join(await lineOn(node), consumer);
const standing = async (node: TestNode, consumer: string, seen = 0): Promise<Record<string, unknown>> => ({
  ...(await node.lines.standing(await lineOn(node), consumer, seen)),
});
const open = (node: TestNode): Promise<void> => drawDueOpenings({ db, clock, follower: node.follower });
const admitOne = async (node: TestNode): Promise<unknown> =>
  admitNow({ db, clock, follower: node.follower, newGrantId: () => `grant_${randomUUID()}` }, await lineOn(node), 1);

describe("early arrivals", () => {
  test("are drawn at their opening, also when the opening of another line fails", async () => {
    const later = await makeTestQueue(db, clock, { orderSeed: seed, openAt: clock.now() + untilOpeningMs });
    const node = await startTestNode(db, clock, "a");
    clock.turn(untilOpeningMs);
    const failing: Database = {
      ...db,
      run: (statement, parameters) => (parameters[0] === key.organizationId ? Promise.reject(new Error("Locked.")) : db.run(statement, parameters)),
    };
    await expect(drawDueOpenings({ db: failing, clock, follower: node.follower })).rejects.toThrow("Locked.");
    const drawn = (of: QueueKey): boolean | undefined => node.follower.known(of)?.isOrdered();
    expect([drawn(key), drawn(later)]).toEqual([false, true]);
  });

  test("have no place before the opening, and nobody can let them in", async () => {
    const node = await startTestNode(db, clock, "a");
    const consumer = randomUUID();
    await join(node, consumer);
    await open(node);
    expect(await standing(node, consumer)).toMatchObject({ status: "QUEUED", ticket: null, position: null, waitingAhead: null, arrival: 1 });
    expect(await admitOne(node)).toEqual({ admitted: 0, limitedBy: "line" });
    await db.run("update queue set admit_rate = 6000 where organization_id = $1", [key.organizationId]);
    clock.turn(1_000);
    await node.follower.catchUp(key);
    await node.admission.tick();
    expect(await standing(node, consumer)).toMatchObject({ status: "QUEUED", position: null });
  });

  test("stand in the drawn order from the opening on, on every node and after a restart, before whoever came later", async () => {
    const [here, there] = [await startTestNode(db, clock, "a"), await startTestNode(db, clock, "b")];
    const early = Array.from({ length: 40 }, () => randomUUID());
    for (const consumer of early) await join(here, consumer);
    clock.turn(untilOpeningMs);
    await Promise.all([open(here), open(there)]);
    const late = randomUUID();
    await join(there, late);
    const restarted = await startTestNode(db, clock, "c");
    const places = placesOf(seededHash(seed), 40);
    for (const node of [here, there, restarted]) {
      await node.follower.catchUp(key);
      for (const [index, consumer] of early.entries()) {
        const place = places.placeOf(index + 1);
        expect(await standing(node, consumer)).toMatchObject({ ticket: place, position: place, waitingAhead: place - 1, arrival: index + 1 });
      }
      expect(await standing(node, late)).toMatchObject({ ticket: 41, position: 41 });
      expect(await standing(node, late)).not.toHaveProperty("arrival");
    }
    expect(await admitOne(there)).toEqual({ admitted: 1, limitedBy: null });
    expect(await standing(there, early[places.arrivalAt(1) - 1] ?? "")).toMatchObject({ status: "ADMITTED" });
  });

  test("are drawn once, however many nodes see the time come, and keep who was there by then apart from who came after", async () => {
    const nodes = await Promise.all(["a", "b", "c"].map((name) => startTestNode(db, clock, name)));
    for (let each = 0; each < 5; each++) await join(nodes[0] as TestNode, randomUUID());
    clock.turn(untilOpeningMs);
    await Promise.all([...nodes, ...nodes].map(open));
    for (let each = 0; each < 5; each++) await join(nodes[0] as TestNode, randomUUID());
    await Promise.all(nodes.map(open));
    const [row] = await db.run<{ early: number; drawn: number }>(
      `select early_tickets as early, (select count(*) from distribution_change where organization_id = $1 and kind = 'drawn') as drawn
         from queue where organization_id = $1`,
      [key.organizationId],
    );
    expect(row).toEqual({ early: 5, drawn: 1 });
  });

  test("who were heard of just before the opening count as there after it, and who were not do not", async () => {
    const node = await startTestNode(db, clock, "a");
    const early = Array.from({ length: 10 }, () => randomUUID());
    for (const consumer of early) await join(node, consumer);
    clock.turn(untilOpeningMs);
    clock.turn(60_000);
    const stayed = early.slice(0, 3);
    for (const consumer of stayed) await standing(node, consumer);
    await open(node);
    const live = await lineOn(node);
    const first = live.firstPresent(10, clock.now());
    expect(first.toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
  });
});

type Step =
  | { readonly kind: "join" | "leave"; readonly who: number; readonly node: 0 | 1 }
  | { readonly kind: "admit"; readonly node: 0 | 1 }
  | { readonly kind: "open" };

const steps: fc.Arbitrary<readonly Step[]> = fc
  .tuple(fc.array(stepOf("join", "join", "leave"), { minLength: 1, maxLength: 10 }), fc.array(stepOf("join", "leave", "admit", "admit"), { maxLength: 10 }))
  .map(([before, after]) => [...before, { kind: "open" as const }, ...after]);

function stepOf(...kinds: readonly ("join" | "leave" | "admit")[]): fc.Arbitrary<Step> {
  return fc.record({ kind: fc.constantFrom(...kinds), who: fc.integer({ min: 0, max: 7 }), node: fc.constantFrom(0 as const, 1 as const) });
}

test("whatever people do before and after the opening, two nodes and a third that starts later agree with a list that is sorted by hand, and no position rises (I3, I6)", async () => {
  const people = Array.from({ length: 8 }, () => randomUUID());
  await fc.assert(
    fc.asyncProperty(steps, async (plan) => {
      clock = createTurnedClock();
      key = await makeTestQueue(db, clock, { orderSeed: seed, openAt: clock.now() + untilOpeningMs, admitRate: 0 });
      const nodes = [await startTestNode(db, clock, "a"), await startTestNode(db, clock, "b")] as const;
      // The model: who waits, by ticket, and after the opening by place.
      let line: { readonly who: number; readonly ticket: number }[] = [];
      const inside = new Set<number>();
      let tickets = 0;
      let early: number | null = null;
      const shown = new Map<string, number>();
      const placed = (ticket: number): number => (early === null ? ticket : placesOf(seededHash(seed), early).placeOf(ticket));

      for (const step of plan) {
        if (step.kind === "open") {
          clock.turn(untilOpeningMs);
          await Promise.all(nodes.map(open));
          early = tickets;
          line = line.toSorted((a, b) => placed(a.ticket) - placed(b.ticket));
        } else if (step.kind === "join") {
          await join(nodes[step.node], people[step.who] ?? "");
          if (!inside.has(step.who) && !line.some(({ who }) => who === step.who)) line.push({ who: step.who, ticket: ++tickets });
        } else if (step.kind === "leave") {
          await nodes[step.node].lines.leave(await lineOn(nodes[step.node]), people[step.who] ?? "");
          line = line.filter(({ who }) => who !== step.who);
          inside.delete(step.who);
        } else {
          await nodes[step.node].follower.catchUp(key);
          await admitOne(nodes[step.node]);
          const first = line.shift();
          if (first !== undefined) inside.add(first.who);
        }
        const asked = [...nodes, ...(step.kind === "open" ? [await startTestNode(db, clock, "c")] : [])];
        for (const node of asked) {
          await node.follower.catchUp(key);
          for (const [index, { who, ticket }] of line.entries()) {
            const state = await standing(node, people[who] ?? "");
            const position = early === null ? null : index + 1;
            expect(state).toMatchObject({ status: "QUEUED", position, ticket: early === null ? null : placed(ticket) });
            if (position === null) continue;
            expect(position).toBeLessThanOrEqual(shown.get(`${who} ${ticket}`) ?? Infinity);
            shown.set(`${who} ${ticket}`, position);
          }
        }
      }
    }),
    { numRuns: 8 },
  );
});
