import type { AdmissionStore } from "../data/admission-store.ts";
import type { Lease } from "../data/admissions.ts";
import { freshBucket, planAdmission, restBucket } from "../domain/admission.ts";
import type { Bucket } from "../domain/admission.ts";
import { holdGraceSeconds } from "../domain/grant.ts";
import type { Follower } from "../lines/follow.ts";
import type { LiveQueue } from "../lines/live-queue.ts";
import type { Clock } from "../platform/clock.ts";
import { createLanes } from "../platform/lanes.ts";

// A tick decides from memory. A tenth of a second keeps a minute's admissions within half a percent of the rate.
const tickEveryMs = 100;
/** How often the database is asked while there is nothing to do but keep the lease. */
const askEveryMs = 500;
/** How often it is asked by those who are not the owner, in case the lease of whoever is has ended. */
const othersAskMs = 250;
// A dead owner is followed within two seconds: of the three that are promised, one is left for a machine that is short of time just then.
const leaseMs = 1_500;
/** So many lines are served at once: one whose rows somebody holds locked must not keep those of all others from moving. */
const servedAtOnce = 4;

/** The job that lets people in and ends what ran out. */
export interface AdmissionJob {
  start(): void;
  /** Stops, finishes the tick that runs, and gives the leases back. */
  stop(): Promise<void>;
  /** One round over all queues; `start` calls it by itself. */
  tick(): Promise<void>;
}

interface KeptBucket {
  /** The epoch that this node owned last; null where it only saw that nobody was in line. */
  readonly epoch: number | null;
  readonly bucket: Bucket;
  /** When the lease was asked for. */
  readonly askedAt: number;
  /** An admission whose answer was lost: when it was made, and the bucket if it never happened. */
  readonly doubt?: { readonly at: number; readonly untried: Bucket };
}

/** An epoch that no node has: the lease is another's. */
const othersEpoch = -1;
const neverOwned: KeptBucket = { epoch: othersEpoch, bucket: freshBucket, askedAt: -Infinity };

export interface AdmissionJobDeps {
  readonly store: AdmissionStore;
  readonly clock: Clock;
  readonly follower: Pick<Follower, "all" | "catchUp">;
  /** Names this node in leases. */
  readonly node: string;
  readonly newGrantId: () => string;
  readonly onFault: (error: unknown) => void;
  /** Runs each turn of a queue that asks the database, so that somebody may watch it. */
  readonly around?: (key: LiveQueue["key"], turn: () => Promise<void>) => Promise<void>;
  /** Told how many seconds each of those who went in had waited. */
  readonly onAdmitted?: (key: LiveQueue["key"], waits: readonly number[]) => void;
}

/** Makes the job. Any number of nodes may run it: the lease gives each queue one owner, the counters row keeps the caps. */
export function createAdmissionJob(deps: AdmissionJobDeps): AdmissionJob {
  // The owner's own count is exact, that of the row as old as the last admission.
  const kept = new WeakMap<LiveQueue, KeptBucket>();
  let stopTicking: () => void = () => undefined;
  let stopped = false;
  const lanes = createLanes(servedAtOnce);
  const underWay = new Map<string, Promise<void>>();

  async function serve(live: LiveQueue): Promise<void> {
    const now = deps.clock.now();
    const known = kept.get(live);
    if (live.line.waiting() === 0 && live.admitted() === 0) return rest(live, { ...(known ?? neverOwned), epoch: null }, now);
    if (known !== undefined && mayRest(known, now) && !wantsToAdmit(live, known, now)) return;
    await (deps.around === undefined ? ask(live, known, now) : deps.around(live.key, () => ask(live, known, now)));
  }

  async function ask(live: LiveQueue, known: KeptBucket | undefined, now: number): Promise<void> {
    const lease = await deps.store.holdLease(live.key, deps.node, new Date(now), new Date(now + leaseMs));
    if (lease === null) return void kept.set(live, { ...neverOwned, askedAt: now });
    if (lease.active > 0) await deps.store.expireGrants(live.key, new Date(now), new Date(now - holdGraceSeconds * 1000));
    const mine = known?.epoch === null || known?.epoch === lease.epoch;
    const owned = { epoch: lease.epoch, bucket: mine ? settle(known, lease) : bucketOf(lease), askedAt: now };
    if (live.moves(now)) await admit(live, lease, owned.bucket, now);
    else rest(live, owned, now);
    const { overdue } = live.survey(now);
    if (overdue.length > 0) await deps.store.endPlaces(live.key, overdue, new Date(now), lease.epoch);
    await deps.follower.catchUp(live.key);
  }

  async function admit(live: LiveQueue, lease: Lease, bucket: Bucket, now: number): Promise<void> {
    const plan = planAdmission({ ...live.settings(), active: lease.active, granted: lease.granted, stock: lease.stock, bucket }, now);
    const tickets = live.firstPresent(plan.count, now);
    const after = plan.after(tickets.length);
    const { epoch } = lease;
    if (tickets.length === 0) return void kept.set(live, { epoch, bucket: after, askedAt: now });
    const grantIds = tickets.map(() => deps.newGrantId());
    const admission = { epoch, tickets, grantIds, at: new Date(now), tokensLeft: after.tokens };
    kept.set(live, { epoch, bucket: after, askedAt: now, doubt: { at: now, untried: plan.untried } });
    const waits = await deps.store.admitTickets(live.key, admission);
    if (waits === null) return void kept.set(live, { epoch, bucket: plan.untried, askedAt: now });
    const gone = tickets.length - waits.length;
    kept.set(live, { epoch, bucket: { ...after, tokens: after.tokens + gone, pace: after.pace + gone }, askedAt: now });
    if (waits.length > 0) deps.onAdmitted?.(live.key, waits);
  }

  function mayRest({ epoch, askedAt }: KeptBucket, now: number): boolean {
    return now >= askedAt && now - askedAt < (epoch === null || epoch === othersEpoch ? othersAskMs : askEveryMs);
  }

  /** Whether the owner's memory says that somebody may go in now. */
  function wantsToAdmit(live: LiveQueue, { epoch, bucket }: KeptBucket, now: number): boolean {
    if (epoch === null || epoch === othersEpoch || !live.moves(now)) return false;
    const plan = planAdmission({ ...live.settings(), ...live.grants(), bucket }, now);
    return plan.count > 0 && live.firstPresent(1, now).length > 0;
  }

  function rest(live: LiveQueue, known: KeptBucket, now: number): void {
    kept.set(live, { epoch: known.epoch, askedAt: known.askedAt, bucket: restBucket(known.bucket, live.settings().admitRate, now) });
  }

  /** A line's turn, which is the one that runs where the last is not over yet. */
  function turnOf(live: LiveQueue): Promise<void> {
    const name = `${live.key.organizationId}\n${live.key.queueId}`;
    const running = underWay.get(name);
    if (running !== undefined) return running;
    const turn = lanes
      .run(async () => {
        if (!stopped) await serve(live);
      })
      .catch(deps.onFault)
      .finally(() => underWay.delete(name));
    underWay.set(name, turn);
    return turn;
  }

  async function tick(): Promise<void> {
    await Promise.all([...deps.follower.all()].map(turnOf));
  }

  return Object.freeze({
    start() {
      stopped = false;
      // Not awaited: a line that hangs is in its turn still at the next tick, and all others have theirs.
      stopTicking = deps.clock.every(tickEveryMs, () => void tick());
    },
    async stop() {
      stopTicking();
      stopped = true;
      await Promise.all(underWay.values());
      await deps.store.releaseLeases(deps.node);
    },
    tick,
  });
}

/** The own count, but for an admission whose answer was lost: the row tells whether it happened, and how many had left by then. */
function settle({ bucket, doubt }: KeptBucket, lease: Lease): Bucket {
  if (doubt === undefined) return bucket;
  if (lease.bucket.refilledAt !== doubt.at) return doubt.untried;
  return { ...bucket, tokens: lease.bucket.tokens, pace: bucket.pace + lease.bucket.tokens - bucket.tokens };
}

/** What a new owner takes over: the row's tokens, and nothing of the old owner's pace. */
function bucketOf({ bucket }: Lease): Bucket {
  return bucket.refilledAt === null ? freshBucket : { tokens: bucket.tokens, pace: 0, refilledAt: bucket.refilledAt };
}
