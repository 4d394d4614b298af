import type { QueueConsumerState } from "@fanfare-io/fanfare-contract";
import type { Database } from "../data/database.ts";
import { findAdmission } from "../data/admissions.ts";
import { findLatestEntry, leaveQueue } from "../data/queue-entries.ts";
import type { QueueKey } from "../data/queue-entries.ts";
import { admittedState, pastState } from "../domain/standing.ts";
import type { Clock } from "../platform/clock.ts";
import type { JoinOutcome, Entrance } from "./entrance.ts";
import type { Follower } from "./follow.ts";
import type { LiveQueue } from "./live-queue.ts";

/** All lines of the service, for whoever answers requests. */
export interface Lines {
  find(key: QueueKey): Promise<LiveQueue | null>;
  /** The queues of an experience that this node knows. */
  ofExperience(organizationId: string, experienceId: string): readonly LiveQueue[];
  /** Durable when it resolves; raises `GroupCommitFull` when too many wait already. */
  join(live: LiveQueue, consumerId: string): Promise<JoinOutcome>;
  /** False when there was nothing to give up. */
  leave(live: LiveQueue, consumerId: string): Promise<boolean>;
  /** What a consumer is told. `seenVersion`: the highest version that it was told before; this node catches up with it first (I6). */
  standing(live: LiveQueue, consumerId: string, seenVersion?: number): Promise<QueueConsumerState>;
}

/** Joins the parts that keep the lines. */
export function createLines(deps: { readonly db: Database; readonly clock: Clock; readonly follower: Follower; readonly entrance: Entrance }): Lines {
  const { db, clock, follower } = deps;

  async function standingFromDatabase(live: LiveQueue, consumerId: string): Promise<QueueConsumerState> {
    const entry = await findLatestEntry(db, live.key, consumerId);
    if (entry === null) return pastState(null);
    if (entry.state === "waiting" || entry.state === "admitted") {
      // This node is behind: the entry lives, and memory does not know it yet.
      await follower.catchUp(live.key);
      const standing = live.meet(consumerId, clock.now());
      if (standing !== null) return standing;
      const admission = await findAdmission(db, live.key, consumerId);
      if (admission !== null) return admittedState(admission, clock.now());
      const settled = await findLatestEntry(db, live.key, consumerId);
      return pastState(settled === null || settled.state === "waiting" || settled.state === "admitted" ? null : settled.state);
    }
    return pastState(entry.state);
  }

  return Object.freeze({
    find: (key: QueueKey) => follower.find(key),
    ofExperience: (organizationId: string, experienceId: string) =>
      [...follower.all()].filter((live) => live.key.organizationId === organizationId && live.settings().experienceId === experienceId),
    join: (live: LiveQueue, consumerId: string) => deps.entrance.join(live, consumerId),
    async leave(live: LiveQueue, consumerId: string) {
      const left = await leaveQueue(db, live.key, consumerId, new Date(clock.now()));
      if (left) await follower.catchUp(live.key);
      return left;
    },
    async standing(live: LiveQueue, consumerId: string, seenVersion = 0) {
      if (seenVersion > live.version()) await follower.catchUp(live.key);
      return live.meet(consumerId, clock.now()) ?? standingFromDatabase(live, consumerId);
    },
  });
}
