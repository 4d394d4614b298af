import { performance } from "node:perf_hooks";
import { readDatabaseTime } from "../data/database-time.ts";
import type { Database } from "../data/database.ts";
import type { Clock } from "../platform/clock.ts";
import { createSharedClock } from "../platform/shared-clock.ts";

/** Milliseconds of this process, which only ever grow: for how long something took, not for when it was. */
export const monotonic = (): number => performance.now();

/** The time that a service goes by. */
export interface ServiceTime {
  readonly clock: Clock;
  /** Compares the clock with the one that all nodes share. */
  readonly keepTime: () => Promise<void>;
}

/** Nodes over one server go by its clock; an embedded database has this machine's. */
export async function timeOf(db: Database, own: Clock): Promise<ServiceTime> {
  if (db.profile === "embedded") return { clock: own, keepTime: async () => undefined };
  const shared = createSharedClock({ own, monotonic, askDatabase: () => readDatabaseTime(db) });
  await shared.compare();
  return { clock: shared, keepTime: shared.compare };
}
