import { randomUUID } from "node:crypto";
import { setImmediate, setTimeout as pause } from "node:timers/promises";
import { createAdmissionStore } from "../../data/admission-store.ts";
import type { AdmissionStore } from "../../data/admission-store.ts";
import type { Database } from "../../data/database.ts";
import { createAdmissionJob } from "../../jobs/admit.ts";
import type { AdmissionJob } from "../../jobs/admit.ts";
import { createSightingJob } from "../../jobs/sightings.ts";
import type { SightingJob } from "../../jobs/sightings.ts";
import type { Clock } from "../../platform/clock.ts";
import { createEntrance } from "../entrance.ts";
import { createFollower } from "../follow.ts";
import type { Follower } from "../follow.ts";
import { createLines } from "../lines.ts";
import type { Lines } from "../lines.ts";

/** A clock that stands until it is turned; nothing happens on it by itself. */
export interface TurnedClock extends Clock {
  turn(milliseconds: number): void;
}

/** Makes a clock at a fixed instant. */
export function createTurnedClock(): TurnedClock {
  let now = Date.parse("2026-11-22T10:00:00.000Z");
  return { now: () => now, turn: (milliseconds) => (now += milliseconds), every: () => () => undefined };
}

/** One node of the service as far as lines go: what it knows, how people join, and its admission job, driven by hand. */
export interface TestNode {
  readonly follower: Follower;
  readonly lines: Lines;
  readonly admission: AdmissionJob;
  readonly sightings: SightingJob;
}

/** What a statement fails with whose answer a test loses on purpose: the one fault that nobody has to hear of. */
export const lostAnswer = new Error("The answer was lost.");

/** Stands between a node's admission job and the rows, so that something may go wrong there. */
export type Between = (store: AdmissionStore) => AdmissionStore;

/** Starts a node over a database that other nodes may share. */
export async function startTestNode(db: Database, clock: Clock, node: string, between: Between = (store) => store): Promise<TestNode> {
  const onFault = (error: unknown): void => {
    if (error !== lostAnswer) throw error;
  };
  const follower = createFollower({ db, clock, breathe: setImmediate, onFault });
  await follower.start();
  const lines = createLines({
    db,
    clock,
    follower,
    entrance: createEntrance({ db, clock, monotonic: clock.now, pause: (milliseconds) => pause(milliseconds) }),
  });
  const store = between(createAdmissionStore(db));
  const admission = createAdmissionJob({ store, clock, follower, node, newGrantId: () => `grant_${randomUUID()}`, onFault });
  const sightings = createSightingJob({ db, clock, follower, node });
  return { follower, lines, admission, sightings };
}
