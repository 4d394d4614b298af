import type { Database } from "./database.ts";
import type { StoredSession } from "./sessions.ts";

/** Erases what is kept of a session's signals, and of its consumer's entries what was made from them. The session goes on. Safe to repeat. */
export async function eraseSignals(
  db: Database,
  { organizationId, id, consumerId }: Pick<StoredSession, "organizationId" | "id" | "consumerId">,
): Promise<void> {
  await db.batch([
    // The session last: whoever is interrupted between the two is found again at the next renewal.
    {
      statement: "update entry_check set alike_key = null where organization_id = $1 and consumer_id = $2 and alike_key is not null",
      parameters: [organizationId, consumerId],
    },
    { statement: "update session set signals_key = null, signals_driven = false where organization_id = $1 and id = $2", parameters: [organizationId, id] },
  ]);
}

/** Erases the signals of sessions that ended before an instant, with what was made from them. Answers how many sessions. */
export async function eraseOldSignals(db: Database, before: Date, limit: number): Promise<number> {
  const rows = await db.run(
    `with due as (
       select organization_id, id, consumer_id from session
        where signals_key is not null and least(idle_expires_at, revoked_at) < $1 limit $2),
     entries as (
       update entry_check c set alike_key = null from due
        where c.organization_id = due.organization_id and c.consumer_id = due.consumer_id and c.alike_key is not null)
     update session s set signals_key = null, signals_driven = false from due
      where s.organization_id = due.organization_id and s.id = due.id returning 1`,
    [before, limit],
  );
  return rows.length;
}
