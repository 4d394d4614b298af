import { isPassing } from "../data/conflicts.ts";
import type { Database } from "../data/database.ts";
import { findOverLimit } from "../data/entry-limits.ts";
import { findLiveEntries, insertEntries, insertEntriesWithinLimit, readRoom } from "../data/queue-entries.ts";
import type { Entry, InsertOutcome, QueueKey } from "../data/queue-entries.ts";
import type { Clock } from "../platform/clock.ts";
import { createGroupCommit } from "../platform/group-commit.ts";
import type { GroupCommit, GroupCommitOptions } from "../platform/group-commit.ts";
import type { LiveQueue } from "./live-queue.ts";

/** What became of a join: a live entry, new or known, a queue that takes nobody, one with as many people as may wait, or somebody who takes part as often as they may. */
export type JoinOutcome =
  | { readonly kind: "placed"; readonly entry: Entry; readonly isNew: boolean }
  | { readonly kind: "closed" }
  | { readonly kind: "full" }
  | { readonly kind: "limited" };

/** Where newcomers join. */
export interface Entrance {
  /**
   * Joins the queue, or finds the place that the consumer has. Durable when it resolves. Raises `GroupCommitFull`. `isLimited`: the experience
   * limits how often one person takes part.
   */
  join(live: LiveQueue, consumerId: string, isLimited: boolean): Promise<JoinOutcome>;
  /** Whether a newcomer would be placed in good time. */
  hasRoom(key: QueueKey): boolean;
  /** Resolves when every join that was asked for is answered. */
  idle(): Promise<void>;
}

/** One who wants to join. */
interface Joining {
  readonly live: LiveQueue;
  readonly consumerId: string;
  readonly isLimited: boolean;
}

const maxBatch = 512;

/** Why a batch that was let through by memory met a bound: nobody may join, or not so many at once. */
type Refusal = { readonly kind: "full" } | { readonly kind: "fewer"; readonly room: number };

/** Makes the entrance: one group commit a queue, so that a thousand joins cost one statement. */
export function createEntrance(deps: {
  readonly db: Database;
  readonly clock: Clock;
  /** Milliseconds, monotonic: how long joins wait is no matter of the time of day. */
  readonly monotonic: () => number;
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly onCommitted?: (size: number) => void;
  readonly around?: GroupCommitOptions<unknown, unknown>["around"];
}): Entrance {
  const commits = new Map<string, GroupCommit<Joining, JoinOutcome>>();

  async function flush(items: readonly Joining[]): Promise<readonly JoinOutcome[]> {
    const live = items[0]?.live;
    if (live === undefined) return [];
    const isLimited = items.some((item) => item.isLimited);
    const placed = await place(live, [...new Set(items.map((item) => item.consumerId))], isLimited);
    return items.map((item) => placed.get(item.consumerId) ?? { kind: "closed" });
  }

  async function place(live: LiveQueue, consumerIds: readonly string[], isLimited: boolean): Promise<ReadonlyMap<string, JoinOutcome>> {
    const outcomes = new Map<string, JoinOutcome>();
    let newcomers = consumerIds;
    let room = roomIn(live);
    while (newcomers.length > 0) {
      const joining = newcomers.slice(0, room);
      const outcome = await tryInsert(live, joining, isLimited, outcomes);
      if (outcome.kind !== "inserted") {
        const known = await findLiveEntries(deps.db, live.key, newcomers);
        for (const entry of known) {
          if (entry.state === "waiting" && entry.ticket !== null) live.welcome({ ...entry, ticket: entry.ticket }, deps.clock.now());
          outcomes.set(entry.consumerId, { kind: "placed", entry, isNew: false });
        }
      }
      newcomers = newcomers.filter((consumerId) => !outcomes.has(consumerId));
      if (isLimited && outcome.kind === "repeated" && newcomers.length > 0) newcomers = await withinLimit(live, newcomers, outcomes);
      if (outcome.kind === "full") for (const consumerId of newcomers) outcomes.set(consumerId, outcome);
      if (outcome.kind === "full" || outcome.kind === "closed") return outcomes;
      room = outcome.kind === "fewer" ? outcome.room : roomIn(live);
    }
    return outcomes;
  }

  /** Turns away who takes part as often as they may, so that the others of the batch can join. */
  async function withinLimit(live: LiveQueue, newcomers: readonly string[], outcomes: Map<string, JoinOutcome>): Promise<readonly string[]> {
    const { organizationId, queueId: distributionId } = live.key;
    const over = new Set(await findOverLimit(deps.db, { organizationId, distributionId, experienceId: live.settings().experienceId }, newcomers));
    for (const consumerId of over) outcomes.set(consumerId, { kind: "limited" });
    return newcomers.filter((consumerId) => !over.has(consumerId));
  }

  /** The row refuses a batch as a whole: whether it takes a part of it, or nobody, is asked of the row as well. */
  async function tryInsert(
    live: LiveQueue,
    joining: readonly string[],
    isLimited: boolean,
    outcomes: Map<string, JoinOutcome>,
  ): Promise<InsertOutcome | Refusal> {
    if (joining.length === 0) return { kind: "full" };
    const outcome = isLimited ? await insertLimited(live, joining) : await insert(live, joining, outcomes);
    if (outcome.kind !== "closed") return outcome;
    const room = await readRoom(deps.db, live.key, new Date(deps.clock.now()), live.line.departed());
    if (room === null) return outcome;
    return room === 0 ? { kind: "full" } : { kind: "fewer", room };
  }

  function insertLimited(live: LiveQueue, joining: readonly string[]): Promise<InsertOutcome> {
    const key = { ...live.key, experienceId: live.settings().experienceId };
    return insertEntriesWithinLimit(deps.db, key, joining, new Date(deps.clock.now()), live.line.departed());
  }

  async function insert(live: LiveQueue, joining: readonly string[], outcomes: Map<string, JoinOutcome>): Promise<InsertOutcome> {
    const departed = live.line.departed();
    const outcome = await insertEntries(deps.db, live.key, joining, new Date(deps.clock.now()), departed);
    if (outcome.kind !== "inserted") return outcome;
    joining.forEach((consumerId, index) => {
      const ticket = outcome.firstTicket + index;
      const aheadAtEntry = Math.max(0, ticket - 1 - departed);
      live.welcome({ ticket, consumerId, aheadAtEntry }, deps.clock.now());
      outcomes.set(consumerId, { kind: "placed", entry: { consumerId, ticket, state: "waiting", aheadAtEntry }, isNew: true });
    });
    return outcome;
  }

  function commitOf(key: QueueKey): GroupCommit<Joining, JoinOutcome> {
    const name = nameOf(key);
    const known = commits.get(name);
    if (known !== undefined) return known;
    const commit = createGroupCommit({
      maxBatch,
      now: deps.monotonic,
      flush,
      mayRepeat: isPassing,
      pause: deps.pause,
      ...(deps.onCommitted === undefined ? {} : { onCommitted: deps.onCommitted }),
      ...(deps.around === undefined ? {} : { around: deps.around }),
    });
    commits.set(name, commit);
    return commit;
  }

  return Object.freeze({
    join: (live: LiveQueue, consumerId: string, isLimited: boolean) => commitOf(live.key).submit({ live, consumerId, isLimited }),
    hasRoom: (key: QueueKey) => commits.get(nameOf(key))?.hasRoom() ?? true,
    idle: async () => {
      await Promise.all([...commits.values()].map((commit) => commit.idle()));
    },
  });
}

const nameOf = (key: QueueKey): string => `${key.organizationId}\n${key.queueId}`;

/** How many may join before the line is as long as it may be, as far as this node knows: what others do meanwhile, the row knows. */
function roomIn(live: LiveQueue): number {
  const { maxWaiting } = live.settings();
  return maxWaiting === null ? maxBatch : Math.max(0, maxWaiting - live.line.waiting());
}
