import type { Database } from "../data/database.ts";

/** What a server's background workers do, and the embedded database has nobody for: statistics, vacuum, checkpoints. */
export interface EmbeddedMaintenance {
  round(now: number): Promise<void>;
}

export const maintenancePeriodMs = 5_000;

const growthFactor = 10;
const checkpointBytes = 128 * 1024 * 1024;
const vacuumMs = 10 * 60 * 1000;

/**
 * Without statistics a look-up of 128 keys takes 47 ms instead of 1.8; without checkpoints the write-ahead log grows without bound.
 * Sizes are read from the files, because counting rows would cost what the statistics are to save.
 */
export function createEmbeddedMaintenance(db: Database): EmbeddedMaintenance {
  let analyzed: ReadonlyMap<string, number> = new Map();
  let checkpointAt = 0;
  let vacuumedAt: number | null = null;
  return Object.freeze<EmbeddedMaintenance>({
    async round(now) {
      const tables = await db.run<{ name: string; bytes: number }>(
        "select name, pg_relation_size(name::regclass)::int8 as bytes from unnest(array['queue_entry', 'draw_entry', 'session', 'consumer']) as name",
        [],
      );
      // Each table by itself: the first draw of a shop with a million sessions would never be looked at.
      if (tables.some(({ name, bytes }) => bytes > 65_536 && bytes >= (analyzed.get(name) ?? 0) * growthFactor)) {
        await db.run("analyze", []);
        analyzed = new Map(tables.map(({ name, bytes }) => [name, bytes]));
      }
      const [log] = await db.run<{ wal: number }>("select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::int8 as wal", []);
      if (log === undefined) return;
      if (checkpointAt === 0) checkpointAt = log.wal;
      if (log.wal - checkpointAt > checkpointBytes) {
        await db.run("checkpoint", []);
        checkpointAt = log.wal;
      }
      vacuumedAt ??= now;
      if (now - vacuumedAt > vacuumMs) {
        await db.run("vacuum", []);
        vacuumedAt = now;
      }
    },
  });
}
