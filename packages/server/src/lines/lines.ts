import type { QueueConsumerState } from "@fanfare-io/fanfare-contract";
import type { Database } from "../data/database.ts";
import { findAliasOwner } from "../data/aliases.ts";
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
  /** Whether a newcomer would be placed in good time; true also for whoever has a place or a grant already, as far as this node knows. */
  hasRoom(key: QueueKey, consumerId: string | undefined): boolean;
  /** The place or grant that a consumer has here already, as of now. Null = none. */
  knownPlace(live: LiveQueue, consumerId: string): Promise<QueueConsumerState | null>;
  /** Durable when it resolves; raises `GroupCommitFull` when too many wait already. `isLimited`: one person may not take part in all of the experience. */
  join(live: LiveQueue, consumerId: string, isLimited?: boolean): Promise<JoinOutcome>;
  /** False when there was nothing to give up. */
  leave(live: LiveQueue, consumerId: string): Promise<boolean>;
  /** What a consumer is told. `seenVersion`: the highest version that it was told before; this node catches up with it first (I6). */
  standing(live: LiveQueue, consumerId: string, seenVersion?: number): Promise<QueueConsumerState>;
}

/** Joins the parts that keep the lines. */
export function createLines(deps: { readonly db: Database; readonly clock: Clock; readonly follower: Follower; readonly entrance: Entrance }): Lines {
  const { db, clock, follower } = deps;

  /** The queue as it is now; another object where the line had to be read anew. */
  async function caughtUp(live: LiveQueue): Promise<LiveQueue> {
    await follower.catchUp(live.key);
    return (await follower.find(live.key)) ?? live;
  }

  async function standingFromDatabase(live: LiveQueue, consumerId: string): Promise<QueueConsumerState> {
    const entry = await findLatestEntry(db, live.key, consumerId);
    if (entry === null) {
      // A poll token may name a guest who has become somebody: its place is theirs now.
      const owner = await findAliasOwner(db, live.key.organizationId, consumerId);
      return owner === null ? pastState(null) : (live.meet(owner, clock.now()) ?? standingFromDatabase(live, owner));
    }
    if (entry.state === "waiting" || entry.state === "admitted") {
      // This node is behind: the entry lives, and memory does not know it yet.
      const standing = (await caughtUp(live)).meet(consumerId, clock.now());
      if (standing !== null) return standing;
      const admission = await findAdmission(db, live.key, consumerId);
      if (admission !== null) return admittedState(admission, clock.now());
      const settled = await findLatestEntry(db, live.key, consumerId);
      return settled === null || settled.state === "waiting" || settled.state === "admitted" ? pastState(null) : pastState(settled.state, settled.denyReason);
    }
    return pastState(entry.state, entry.denyReason);
  }

  return Object.freeze({
    find: (key: QueueKey) => follower.find(key),
    ofExperience: (organizationId: string, experienceId: string) =>
      [...follower.all()].filter(
        (live) => live.key.organizationId === organizationId && live.settings().experienceId === experienceId && !live.settings().archived,
      ),
    hasRoom: (key: QueueKey, consumerId: string | undefined) =>
      deps.entrance.hasRoom(key) || (consumerId !== undefined && (follower.known(key)?.knows(consumerId) ?? false)),
    async knownPlace(live: LiveQueue, consumerId: string) {
      if (live.standingOf(consumerId, clock.now()) === null) return null;
      // It may have been given up through another node a moment ago: who asks for a place must not be told the old one.
      return (await caughtUp(live)).meet(consumerId, clock.now());
    },
    async join(live: LiveQueue, consumerId: string, isLimited = false) {
      const outcome = await deps.entrance.join(live, consumerId, isLimited);
      // The database knows a schedule that this node does not: whoever says why has to know it too. And who has a place already may have
      // been told a position by a node that knows of more departures (I6).
      if (outcome.kind === "closed" || (outcome.kind === "placed" && !outcome.isNew)) await follower.catchUp(live.key);
      return outcome;
    },
    async leave(live: LiveQueue, consumerId: string) {
      const left = await leaveQueue(db, live.key, consumerId, new Date(clock.now()));
      // Also where nothing was given up: it may have been given up, or turned into a grant, on another node.
      await follower.catchUp(live.key);
      return left;
    },
    async standing(live: LiveQueue, consumerId: string, seenVersion = 0) {
      const current = seenVersion > live.version() ? await caughtUp(live) : live;
      return current.meet(consumerId, clock.now()) ?? standingFromDatabase(current, consumerId);
    },
  });
}
