import type { SignedStatement } from "@fanfare-io/fanfare-draw-proof";
import type { Database } from "../data/database.ts";
import { createDrawDesk } from "../draws/desk.ts";
import type { DrawDesk } from "../draws/desk.ts";
import { createBeaconJob } from "../jobs/beacons.ts";
import type { BeaconJob } from "../jobs/beacons.ts";
import { createDrawJob } from "../jobs/draw.ts";
import type { DrawJob } from "../jobs/draw.ts";
import type { Clock } from "../platform/clock.ts";
import { createFetchJson } from "../platform/fetch-json.ts";
import type { Log } from "../platform/log.ts";
import { batchesOf } from "./batches.ts";
import type { Watchers } from "./batches.ts";

/** Every draw of the service: where people enter, and the job that conducts them. */
export interface DrawsRoom {
  readonly desk: DrawDesk;
  readonly drawing: DrawJob;
  readonly beacons: BeaconJob;
}

/** What draws need. */
export interface DrawsDeps extends Watchers {
  readonly db: Database;
  readonly clock: Clock;
  readonly signStatement: (text: string) => SignedStatement;
  /** Names this node in leases. */
  readonly node: string;
  readonly newGrantId: () => string;
  /** Brings wins over to whom their winners have turned out to be. */
  readonly settle: (organizationId: string, drawId: string) => Promise<void>;
  readonly onFault: (error: unknown) => void;
  /** Addresses of public beacons. */
  readonly beaconUrls: readonly string[];
  readonly log: Pick<Log, "warn">;
}

/** A round is some hundred bytes. */
const beaconLimits = { timeoutMs: 5_000, maxBytes: 4_096 };

/** Wires the draws. */
export function wireDraws({ db, clock, metrics, traces, signStatement, node, newGrantId, settle, onFault, beaconUrls, log }: DrawsDeps): DrawsRoom {
  const { now, ...batches } = batchesOf("draw_entry", { metrics, traces });
  return {
    desk: createDrawDesk({ db, clock, monotonic: now, batches, signStatement, random: Math.random }),
    drawing: createDrawJob({ db, clock, node, newGrantId, settle, onFault }),
    beacons: createBeaconJob({
      db,
      clock,
      sources: beaconUrls,
      fetchJson: createFetchJson(beaconLimits),
      onTrouble: ({ round, draws }, trouble) =>
        log.warn({ round, draws: draws.map(({ drawId }) => drawId), trouble }, "Draws wait for a round of their beacon."),
    }),
  };
}
