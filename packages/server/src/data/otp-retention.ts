import type { Database } from "./database.ts";

const dayMs = 86_400_000;

/** What is deleted, and how long after its instant. What is counted of an address and its askers is counted for a day. */
const forgotten = [
  { table: "otp_challenge", key: "organization_id, address, asker", instant: "expires_at", afterMs: dayMs },
  { table: "otp_address", key: "organization_id, address", instant: "began_at", afterMs: 2 * dayMs },
  { table: "phone_spend", key: "organization_id, day", instant: "day", afterMs: 31 * dayMs },
  { table: "outbox_message", key: "organization_id, id", instant: "created_at", afterMs: 7 * dayMs },
  { table: "inbox_message", key: "organization_id, id", instant: "received_at", afterMs: dayMs },
] as const;

/** Deletes what codes and messages leave behind. Answers the largest number of one kind. */
export async function deleteOldCodes(db: Database, now: number, limit: number): Promise<number> {
  let most = 0;
  for (const { table, key, instant, afterMs } of forgotten) {
    const rows = await db.run(`delete from ${table} where (${key}) in (select ${key} from ${table} where ${instant} < $1 limit $2) returning 1`, [
      new Date(now - afterMs),
      limit,
    ]);
    most = Math.max(most, rows.length);
  }
  return most;
}
