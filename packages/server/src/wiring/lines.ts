import { performance } from "node:perf_hooks";
import { setImmediate } from "node:timers/promises";
import { createAdmissionStore } from "../data/admission-store.ts";
import type { Database } from "../data/database.ts";
import { createAdmissionJob } from "../jobs/admit.ts";
import type { AdmissionJob } from "../jobs/admit.ts";
import { createSightingJob } from "../jobs/sightings.ts";
import type { SightingJob } from "../jobs/sightings.ts";
import { createEntrance } from "../lines/entrance.ts";
import type { Entrance } from "../lines/entrance.ts";
import { createFollower } from "../lines/follow.ts";
import type { Follower } from "../lines/follow.ts";
import { createLines } from "../lines/lines.ts";
import type { Lines } from "../lines/lines.ts";
import type { LiveQueue } from "../lines/live-queue.ts";
import { createBusyness } from "../platform/busyness.ts";
import type { Busyness } from "../platform/busyness.ts";
import type { Clock } from "../platform/clock.ts";
import type { LineReading, Metrics } from "../platform/metrics.ts";
import { batchesOf } from "./batches.ts";
import type { Watchers } from "./batches.ts";

/** Every line of the service, the way in, and the jobs that move them on. */
export interface LinesRoom {
  readonly follower: Follower;
  readonly entrance: Entrance;
  readonly lines: Lines;
  readonly admission: AdmissionJob;
  readonly sightings: SightingJob;
  /** How far lines stretch their polling while this node is busy. */
  readonly busyness: Busyness;
}

/** What the lines need. */
export interface LinesDeps extends Watchers {
  readonly db: Database;
  readonly clock: Clock;
  readonly metrics: Pick<Metrics, "committed" | "admitted">;
  /** Names this node in leases and to the other nodes. */
  readonly node: string;
  readonly newGrantId: () => string;
  readonly onFault: (error: unknown) => void;
}

/** Wires the lines; `follower.start` loads them. */
export function wireLines({ db, clock, metrics, traces, node, newGrantId, onFault }: LinesDeps): LinesRoom {
  const { now, ...batches } = batchesOf("join", { metrics, traces });
  const entrance = createEntrance({ db, clock, monotonic: now, ...batches });
  const busyness = createBusyness(() => performance.eventLoopUtilization());
  const follower = createFollower({ db, clock, breathe: setImmediate, onFault, stretch: busyness.stretch });
  return {
    follower,
    entrance,
    lines: createLines({ db, clock, follower, entrance }),
    admission: createAdmissionJob({
      store: createAdmissionStore(db),
      clock,
      follower,
      node,
      newGrantId,
      onFault,
      onAdmitted: metrics.admitted,
      ...(traces === null ? {} : { around: (key, turn) => traces.work("fanfare.admission", { "fanfare.queue": key.queueId }, turn) }),
    }),
    sightings: createSightingJob({ db, clock, follower, node }),
    busyness,
  };
}

/** How every line stands, for a scrape. */
export function readingsOf(lines: Iterable<LiveQueue>, now: number): readonly LineReading[] {
  return [...lines].map((live) => {
    const { admitRate, capacity } = live.settings();
    return { ...live.key, ...live.metrics(now), admitRate: live.moves(now) ? admitRate : 0, capacity };
  });
}
