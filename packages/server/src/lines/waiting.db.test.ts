import { randomUUID } from "node:crypto";
import type { PublicQueue, QueueConsumerState } from "@fanfare-io/fanfare-contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestDatabase } from "../data/testing/open-test-database.ts";
import type { TestDatabase } from "../data/testing/open-test-database.ts";
import { createPublicBodies } from "./public-body.ts";
import { makeTestQueue } from "./testing/make-queue.ts";
import { createTurnedClock, startTestNode } from "./testing/test-node.ts";

let opened: TestDatabase;
beforeAll(async () => {
  opened = await openTestDatabase();
});
afterAll(() => opened.close());

type Queued = Extract<QueueConsumerState, { status: "QUEUED" }>;

interface Person {
  readonly id: string;
  readonly joinedAt: number;
  ticket: number;
  /** What the service said last. */
  told: QueueConsumerState;
  asksAt: number;
  own: number;
  shared: number;
  admittedAt: number | null;
}

/** The position of a ticket by the shared body alone, as the contract says it. */
function positionIn({ departures }: PublicQueue, { ticket, follow }: Queued): number {
  const { from, before, blockSize, counts } = departures;
  const stretch = Math.floor(((ticket ?? 0) - from) / blockSize);
  return (ticket ?? 0) - counts.slice(0, stretch).reduce((sum, count) => sum + count, before) - (follow?.departedInBlock ?? 0);
}

test("four thousand people who ask when they are told to are let in at the rate and in order, with ten questions each at most for five minutes of waiting", async () => {
  const { db } = opened;
  const clock = createTurnedClock();
  const key = await makeTestQueue(db, clock, { admitRate: 600 });
  const node = await startTestNode(db, clock, "a");
  const live = await node.lines.find(key);
  if (live === null) throw new Error("The queue is not there.");
  const publicBody = createPublicBodies();
  const read = (): PublicQueue => JSON.parse(publicBody(live, clock.now()).bytes.toString()) as PublicQueue;

  const began = clock.now();
  const ids = Array.from({ length: 4_000 }, () => randomUUID());
  for (let start = 0; start < ids.length; start += 500) await Promise.all(ids.slice(start, start + 500).map((id) => node.lines.join(live, id)));
  const people: Person[] = [];
  for (const id of ids) {
    const told = await node.lines.standing(live, id);
    if (told.status !== "QUEUED") throw new Error(`Somebody is ${told.status}.`);
    people.push({
      id,
      joinedAt: clock.now(),
      ticket: told.ticket ?? 0,
      told,
      asksAt: clock.now() + told.pollAfterSeconds * 1_000,
      own: 1,
      shared: 0,
      admittedAt: null,
    });
  }

  const ask = async (person: Person): Promise<void> => {
    const { told } = person;
    if (told.status === "QUEUED" && told.follow !== undefined) {
      person.shared++;
      const body = read();
      if (person.ticket > body.window) {
        expect(positionIn(body, told)).toBe(live.line.positionOf(person.ticket));
        person.asksAt = clock.now() + body.pollAfterSeconds * 1_000;
        return;
      }
    }
    person.own++;
    person.told = await node.lines.standing(live, person.id);
    if (person.told.status === "ADMITTED") person.admittedAt = clock.now();
    else if (person.told.status === "QUEUED") person.asksAt = clock.now() + person.told.pollAfterSeconds * 1_000;
  };

  const waiting = (): Person[] => people.filter(({ admittedAt }) => admittedAt === null);
  for (let half = 0; half < 2 * 430 && waiting().length > 0; half++) {
    clock.turn(500);
    await node.admission.tick();
    await node.follower.catchUp(key);
    for (const person of waiting()) if (clock.now() >= person.asksAt) await ask(person);
  }

  expect(waiting()).toEqual([]);
  // By the rate the last of them is in after 400 s; those who waited as long as that asked no more often than the others.
  expect((clock.now() - began) / 1_000).toBeLessThanOrEqual(420);
  const aboutFive = people.filter(({ ticket }) => ticket > 2_900 && ticket <= 3_000);
  expect(Math.max(...aboutFive.map(({ own, shared }) => own + shared))).toBeLessThanOrEqual(10);
  expect(Math.max(...people.map(({ own }) => own))).toBeLessThanOrEqual(10);
  const admitted = await db.run<{ ticket: number }>("select ticket from admission_grant where organization_id = $1 order by granted_at, ticket", [
    key.organizationId,
  ]);
  expect(admitted.map(({ ticket }) => ticket)).toEqual(people.map((_, index) => index + 1));
});
