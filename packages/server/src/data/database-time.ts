import type { Database } from "./database.ts";

/** The database's clock, in milliseconds since the epoch. */
export async function readDatabaseTime(db: Database): Promise<number> {
  const [row] = await db.run<{ now: number }>("select (extract(epoch from clock_timestamp()) * 1000)::float8 as now", []);
  if (row === undefined) throw new Error("The database does not tell the time.");
  return row.now;
}
