import { readAdmissions } from "../data/admissions.ts";
import type { Database } from "../data/database.ts";
import { readAsides } from "../data/entry-checks.ts";
import { readChanges, readQueueHead, readQueueHeads } from "../data/line-feed.ts";
import type { QueueHead } from "../data/line-feed.ts";
import { readWaiting, readWaitingTickets } from "../data/queue-entries.ts";
import type { QueueKey } from "../data/queue-entries.ts";
import { orderArrivals } from "../domain/early-order.ts";
import type { EarlyPlaces } from "../domain/early-order.ts";
import { seededHash } from "../platform/hashes.ts";
import type { Clock } from "../platform/clock.ts";
import { createRounds } from "../platform/rounds.ts";
import { createLiveQueue } from "./live-queue.ts";
import type { LiveQueue } from "./live-queue.ts";

const followEveryMs = 300;
// So few that taking a block in is no pause that anybody notices.
const entriesAtOnce = 5_000;
const changesAtOnce = 1_000;

/** Keeps every queue of the service in memory, at most one follow behind the database. */
export interface Follower {
  /** Loads all queues, then follows. */
  start(): Promise<void>;
  /** Resolves when nothing of it asks the database any more. */
  stop(): Promise<void>;
  all(): Iterable<LiveQueue>;
  /** A queue that this node knows already. */
  known(key: QueueKey): LiveQueue | undefined;
  /** A queue by its key; one that was made elsewhere a moment ago is looked up once. */
  find(key: QueueKey): Promise<LiveQueue | null>;
  /** Catches up with one queue now. */
  catchUp(key: QueueKey): Promise<void>;
}

/** What following needs. */
export interface FollowerDeps {
  readonly db: Database;
  readonly clock: Clock;
  /** Lets other work run in between; awaited where a long line is gone through in this thread. */
  readonly breathe: () => Promise<void>;
  /** Told of a follow that failed; the next one tries again. */
  readonly onFault: (error: unknown) => void;
  /** See `Busyness`. */
  readonly stretch?: () => number;
}

/** Makes the follower of a service. */
export function createFollower(deps: FollowerDeps): Follower {
  const queues = new Map<string, LiveQueue>();
  const catching = new Map<string, Promise<void>>();
  const started = new Map<string, number>();
  let runs = 0;
  const rounds = createRounds(deps.clock);

  const nameOf = (key: QueueKey): string => `${key.organizationId}\n${key.queueId}`;

  async function bringUp(head: QueueHead): Promise<void> {
    const key = { organizationId: head.settings.organizationId, queueId: head.settings.id };
    const known = queues.get(nameOf(key));
    if (known === undefined) return load(head);
    const { early } = head.settings;
    if (early !== null && early.drawn !== null && !known.isOrdered()) {
      // Before its version is taken: whoever is told of a version that has places has to be told the place too (I6).
      const now = deps.clock.now();
      await readJoins(known, early.drawn, (entries, upToTicket) => known.takeJoins(entries, upToTicket, now));
      await known.order(await placesAfter(early.seed, early.drawn), deps.breathe);
    }
    if (!(await takeChanges(known, head))) {
      // Older changes were cleaned away while this node was not following: the line is read anew.
      queues.delete(nameOf(key));
      return load(head);
    }
    const now = deps.clock.now();
    known.takeHead(head, now);
    await readJoins(known, head.tail, (entries, upToTicket) => known.takeJoins(entries, upToTicket, now));
  }

  async function load(head: QueueHead): Promise<void> {
    const { early } = head.settings;
    const places = early === null || early.drawn === null ? null : await placesAfter(early.seed, early.drawn);
    const live = createLiveQueue(head, deps.clock.now(), { places, ...(deps.stretch !== undefined && { stretch: deps.stretch }) });
    live.takeHead(head, deps.clock.now());
    await readJoins(live, head.tail, live.load);
    live.restoreAsides(await readAsides(deps.db, live.key, null));
    live.takeAdmissions(await readAdmissions(deps.db, live.key, null));
    // Whoever went while the line was being read is out of it already; its version has to say so before anybody sees a position (I6).
    const now = await readQueueHead(deps.db, live.key, deps.clock.now());
    if (now !== null && (await takeChanges(live, now))) queues.set(nameOf(live.key), live);
  }

  async function readJoins(live: LiveQueue, tail: number, take: LiveQueue["load"]): Promise<void> {
    while (live.readTo() < tail) {
      const entries = await readWaiting(deps.db, live.key, live.readTo(), entriesAtOnce);
      take(entries, entries.count === entriesAtOnce ? entries.lastTicket : Math.max(tail, entries.lastTicket));
    }
  }

  async function placesAfter(seed: Uint8Array, drawn: number): Promise<EarlyPlaces> {
    const ordering = orderArrivals(seededHash(seed), drawn);
    for (let step = ordering.next(); ; step = ordering.next()) {
      if (step.done === true) return step.value;
      await deps.breathe();
    }
  }

  /** All or nothing of what was read: a version without its grants would never be read again, and they would never end. */
  async function takeChanges(live: LiveQueue, head: QueueHead): Promise<boolean> {
    while (live.version() < head.version) {
      const changes = await readChanges(deps.db, live.key, live.version(), changesAtOnce);
      const first = live.version() + 1;
      if (changes.length === 0 || changes.some((change, index) => change.version !== first + index)) return false;
      const moved = changes.flatMap((change) => change.movedTickets);
      const admitted = [...changes.flatMap((change) => (change.kind === "admitted" ? change.tickets : [])), ...moved];
      const handed = moved.length > 0 ? await readWaitingTickets(deps.db, live.key, moved) : null;
      const admissions = admitted.length > 0 ? await readAdmissions(deps.db, live.key, admitted) : [];
      const asked = changes.flatMap((change) => (change.kind === "asked" ? change.tickets : []));
      const asides = asked.length > 0 ? await readAsides(deps.db, live.key, asked) : [];
      for (const change of changes) live.takeChange(change);
      if (handed !== null) live.handOver(handed);
      live.takeAdmissions(admissions);
      live.asides.take(asides);
    }
    return true;
  }

  // One at a time for a queue: two runs over the same memory could each apply half of what they read.
  function catchUpOnce(key: QueueKey, head: () => Promise<QueueHead | null>): Promise<void> {
    const name = nameOf(key);
    const running = catching.get(name);
    if (running !== undefined) return running;
    started.set(name, ++runs);
    const run = (async () => {
      const found = await head();
      if (found === null) queues.delete(name);
      else await bringUp(found);
    })().finally(() => {
      catching.delete(name);
      if (!queues.has(name)) started.delete(name);
    });
    catching.set(name, run);
    return run;
  }

  async function followAll(): Promise<void> {
    const before = runs;
    const heads = await readQueueHeads(deps.db, deps.clock.now());
    const named = new Set<string>();
    for (const head of heads) {
      const key = { organizationId: head.settings.organizationId, queueId: head.settings.id };
      named.add(nameOf(key));
      // Caught up with since these heads were asked for: this one may be older, and its settings would be those of before.
      if ((started.get(nameOf(key)) ?? 0) > before) continue;
      // One line that cannot be read must not keep all others of all tenants from being followed.
      await catchUpOnce(key, () => Promise.resolve(head)).catch(deps.onFault);
    }
    for (const [name, live] of queues)
      if (!named.has(name) && !catching.has(name) && (await readQueueHead(deps.db, live.key, deps.clock.now())) === null) queues.delete(name);
  }

  const follower: Follower = {
    async start() {
      await followAll();
      rounds.every(followEveryMs, () => followAll().catch(deps.onFault));
    },
    async stop() {
      await rounds.stop();
      await Promise.allSettled(catching.values());
    },
    all: () => queues.values(),
    known: (key) => queues.get(nameOf(key)),
    async find(key) {
      const known = queues.get(nameOf(key));
      if (known !== undefined) return known;
      await follower.catchUp(key);
      return queues.get(nameOf(key)) ?? null;
    },
    catchUp: async (key) => {
      // What is running may have read its head before the change that the caller knows of.
      await catching.get(nameOf(key));
      return catchUpOnce(key, () => readQueueHead(deps.db, key, deps.clock.now()));
    },
  };
  return Object.freeze(follower);
}
