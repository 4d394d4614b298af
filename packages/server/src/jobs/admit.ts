import { admitTickets, holdLease, releaseLeases } from "../data/admissions.ts";
import type { Database } from "../data/database.ts";
import { expireGrants } from "../data/grants.ts";
import { planAdmission } from "../domain/admission.ts";
import { holdGraceSeconds } from "../domain/grant.ts";
import { admitsWaiters } from "../domain/queue-settings.ts";
import type { Follower } from "../lines/follow.ts";
import type { LiveQueue } from "../lines/live-queue.ts";
import type { Clock } from "../platform/clock.ts";

const tickEveryMs = 250;
const leaseMs = 3_000;

/** The job that lets people in and ends what ran out. */
export interface AdmissionJob {
  start(): void;
  /** Stops, finishes the tick that runs, and gives the leases back. */
  stop(): Promise<void>;
  /** One round over all queues; `start` calls it by itself. */
  tick(): Promise<void>;
}

export interface AdmissionJobDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly follower: Follower;
  /** Names this node in leases. */
  readonly node: string;
  readonly newGrantId: () => string;
  readonly onFault: (error: unknown) => void;
}

/** Makes the job. Any number of nodes may run it: the lease gives each queue one owner, the counters row keeps the caps. */
export function createAdmissionJob(deps: AdmissionJobDeps): AdmissionJob {
  let stopTicking: () => void = () => undefined;
  let running: Promise<void> = Promise.resolve();

  async function serve(live: LiveQueue): Promise<void> {
    if (live.line.waiting() === 0 && live.admitted() === 0) return;
    const now = deps.clock.now();
    const lease = await holdLease(deps.db, live.key, deps.node, new Date(now), new Date(now + leaseMs));
    if (lease === null) return;
    if (lease.active > 0) await expireGrants(deps.db, live.key, new Date(now), new Date(now - holdGraceSeconds * 1000));
    if (admitsWaiters(live.state(now))) {
      const plan = planAdmission({ ...live.settings(), ...lease, waiting: live.line.waiting() }, now);
      const tickets = live.line.first(plan.count);
      if (tickets.length > 0) {
        await admitTickets(deps.db, live.key, {
          epoch: lease.epoch,
          tickets,
          grantIds: tickets.map(() => deps.newGrantId()),
          at: new Date(now),
          tokensLeft: plan.tokensLeft + (plan.count - tickets.length),
        });
      }
    }
    await deps.follower.catchUp(live.key);
  }

  async function tick(): Promise<void> {
    for (const live of deps.follower.all()) await serve(live).catch(deps.onFault);
  }

  return Object.freeze({
    start() {
      stopTicking = deps.clock.every(tickEveryMs, () => (running = tick()));
    },
    async stop() {
      stopTicking();
      await running;
      await releaseLeases(deps.db, deps.node);
    },
    tick,
  });
}
