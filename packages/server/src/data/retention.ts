import type { Database } from "./database.ts";

/** Deletes line changes that every running node has followed long ago. A node that missed them reads the line anew. */
export async function deleteOldChanges(db: Database, before: Date, limit: number): Promise<number> {
  const rows = await db.run(
    `delete from distribution_change where (distribution_id, organization_id, version) in
       (select distribution_id, organization_id, version from distribution_change where at < $1 order by at limit $2)
     returning 1`,
    [before, limit],
  );
  return rows.length;
}

/**
 * Deletes sessions that ended before an instant, and their guests where nothing else holds them: no other session and no
 * participation, live or past. Answers how many sessions went.
 */
export async function deleteEndedSessions(db: Database, before: Date, limit: number): Promise<number> {
  const ended = await db.run<{ organization_id: string; id: string; consumer_id: string }>(
    "select organization_id, id, consumer_id from session where idle_expires_at < $1 and family_expires_at < $1 order by idle_expires_at limit $2",
    [before, limit],
  );
  if (ended.length === 0) return 0;
  const organizations = ended.map((row) => row.organization_id);
  await db.batch([
    {
      statement: `delete from session s using unnest($1::text[], $2::uuid[]) as e(organization_id, id) where s.organization_id = e.organization_id and s.id = e.id`,
      parameters: [organizations, ended.map((row) => row.id)],
    },
    {
      // Live and past entries apart, as their indexes are.
      statement: `delete from consumer c using unnest($1::text[], $2::uuid[]) as e(organization_id, id)
        where c.organization_id = e.organization_id and c.id = e.id and c.type = 'guest'
          and not exists (select 1 from session s where s.organization_id = c.organization_id and s.consumer_id = c.id)
          and not exists (select 1 from queue_entry q where q.organization_id = c.organization_id and q.consumer_id = c.id and q.live)
          and not exists (select 1 from queue_entry q where q.organization_id = c.organization_id and q.consumer_id = c.id and not q.live)`,
      parameters: [organizations, ended.map((row) => row.consumer_id)],
    },
    {
      statement: `delete from experience_visit v using unnest($1::text[], $2::uuid[]) as e(organization_id, id)
        where v.organization_id = e.organization_id and v.consumer_id = e.id
          and not exists (select 1 from consumer c where c.organization_id = v.organization_id and c.id = v.consumer_id)`,
      parameters: [organizations, ended.map((row) => row.consumer_id)],
    },
  ]);
  return ended.length;
}

/** Deletes proofs that no longer could be used again. */
export async function deleteSpentProofs(db: Database, now: Date, limit: number): Promise<number> {
  const rows = await db.run(
    "delete from spent_proof where (organization_id, id) in (select organization_id, id from spent_proof where expires_at < $1 limit $2) returning 1",
    [now, limit],
  );
  return rows.length;
}

/** Deletes lines of the audit log that began before an instant. */
export async function deleteOldSecurityEvents(db: Database, before: Date, limit: number): Promise<number> {
  const rows = await db.run(
    "delete from security_event where (organization_id, id) in (select organization_id, id from security_event where created_at < $1 limit $2) returning 1",
    [before, limit],
  );
  return rows.length;
}
