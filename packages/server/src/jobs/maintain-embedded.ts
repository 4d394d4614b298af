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
  let analyzedBytes = 0;
  let checkpointAt = 0;
  let vacuumedAt: number | null = null;
  return Object.freeze<EmbeddedMaintenance>({
    async round(now) {
      const [sizes] = await db.run<{ bytes: number; wal: number }>(
        `select (pg_relation_size('queue_entry') + pg_relation_size('draw_entry') + pg_relation_size('session') + pg_relation_size('consumer'))::int8 as bytes,
                pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::int8 as wal`,
        [],
      );
      if (sizes === undefined) return;
      if (sizes.bytes > 65_536 && sizes.bytes >= analyzedBytes * growthFactor) {
        await db.run("analyze", []);
        analyzedBytes = sizes.bytes;
      }
      if (checkpointAt === 0) checkpointAt = sizes.wal;
      if (sizes.wal - checkpointAt > checkpointBytes) {
        await db.run("checkpoint", []);
        checkpointAt = sizes.wal;
      }
      vacuumedAt ??= now;
      if (now - vacuumedAt > vacuumMs) {
        await db.run("vacuum", []);
        vacuumedAt = now;
      }
    },
  });
}
