import { holdLease } from "../data/admissions.ts";
import type { Database } from "../data/database.ts";
import { findDueDraws, keyOf } from "../data/draws.ts";
import { conductDraw } from "../draws/conduct.ts";
import type { ConductDeps } from "../draws/conduct.ts";
import type { DrawFacts } from "../domain/draw.ts";
import type { Clock } from "../platform/clock.ts";

/** How often draws are looked after: what is late by this much, nobody notices. */
export const drawPeriodMs = 500;
const leaseMs = 6_000;

/** The job that closes, draws, publishes and grants. */
export interface DrawJob {
  /** One round over the draws that are due. Raises nothing: what failed is told, and tried again. */
  round(): Promise<void>;
  /** Resolves when no round is under way. */
  idle(): Promise<void>;
}

export interface DrawJobDeps extends ConductDeps {
  readonly db: Database;
  readonly clock: Clock;
  /** Names this node in leases. */
  readonly node: string;
  /** Brings wins over to whom their winners have turned out to be since the list was closed. */
  readonly settle: (organizationId: string, drawId: string) => Promise<void>;
  readonly onFault: (error: unknown) => void;
}

/** Makes the job. Any number of nodes may run it; the lease saves the others the work, the statements keep the result one. */
export function createDrawJob(deps: DrawJobDeps): DrawJob {
  const { db, clock, node } = deps;

  function hold(draw: DrawFacts): Promise<unknown> {
    const now = clock.now();
    return holdLease(db, { organizationId: draw.organizationId, queueId: draw.id }, node, new Date(now), new Date(now + leaseMs));
  }

  async function serve(draw: DrawFacts): Promise<void> {
    if ((await hold(draw)) === null) return;
    // A million entries take seconds: the lease is renewed while the thread computes.
    const stop = clock.every(leaseMs / 3, async () => void (await hold(draw).catch(deps.onFault)));
    try {
      await conductDraw(deps, keyOf(draw));
      await deps.settle(draw.organizationId, draw.id);
    } finally {
      stop();
    }
  }

  async function serveAll(): Promise<void> {
    try {
      for (const draw of await findDueDraws(db, new Date(clock.now()))) await serve(draw).catch(deps.onFault);
    } catch (error) {
      deps.onFault(error);
    }
  }

  let running: Promise<void> = Promise.resolve();
  return Object.freeze<DrawJob>({ round: () => (running = serveAll()), idle: () => running });
}
