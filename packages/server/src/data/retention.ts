import type { Database } from "./database.ts";
import type { Named } from "./draw-retention.ts";

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
 * Rows `t` of a table that are as old as their organization says what has ended is kept (`$1` now, `$2` how many). One organization at a time
 * through the index on its ended rows: a single condition over all of them would read those of the most patient one again and again.
 */
export const fromEachOrganization = (columns: string, table: string, condition: string, order: string): string => `
  select ended.* from organization o cross join lateral (
    select ${columns} from ${table}
     where t.organization_id = o.id and ${order} < $1::timestamptz - make_interval(days => o.retention_days) and ${condition}
     order by ${order} limit $2) as ended limit $2`;

const overPlace = `(t.state in ('expired', 'left', 'denied') or exists (
    select 1 from queue q where q.organization_id = t.organization_id and q.id = t.queue_id and (q.archived or q.killed or q.close_at < $1::timestamptz - make_interval(days => o.retention_days))))`;
const endedSessions = fromEachOrganization(
  "t.organization_id, t.id, t.consumer_id",
  "session t",
  // A place in a line, or a grant, keeps its session beyond the idle limit (rule A4).
  `not exists (select 1 from queue_entry e where e.organization_id = t.organization_id and e.consumer_id = t.consumer_id and e.live and e.state in ('waiting', 'admitted'))
   and not exists (select 1 from draw_entry e join draw d on d.organization_id = e.organization_id and d.id = e.draw_id
                    where e.organization_id = t.organization_id and e.consumer_id = t.consumer_id and e.class = 0 and d.drawn_at is null and d.cancelled_at is null)
   and not exists (select 1 from admission_grant g where g.organization_id = t.organization_id and g.consumer_id = t.consumer_id and g.state in ('active', 'held'))`,
  "t.idle_expires_at",
);
// Who has bought may not come back while the queue goes on, so that such an entry waits for the queue's end.
const endedPlaces = fromEachOrganization("t.organization_id, t.queue_id, t.ticket, t.consumer_id", "queue_entry t", overPlace, "t.ended_at");
// A draw counts on the grants of its winners, whoever they are by now, until nothing more can come of it.
const endedGrants = fromEachOrganization(
  "t.organization_id, t.distribution_id, t.id, t.consumer_id",
  "admission_grant t",
  `t.state not in ('active', 'held')
   and (t.mechanism <> 'draw' or exists (select 1 from draw d where d.organization_id = t.organization_id and d.id = t.distribution_id and d.folded_at is not null))
   and not exists (
     select 1 from queue_entry e where e.organization_id = t.organization_id and e.consumer_id = t.consumer_id and e.queue_id = t.distribution_id and e.live)`,
  "t.expires_at",
);
const oldChecks = fromEachOrganization(
  "t.organization_id, t.distribution_id, t.consumer_id",
  "entry_check t",
  `not exists (select 1 from queue_entry e where e.organization_id = t.organization_id and e.consumer_id = t.consumer_id and e.queue_id = t.distribution_id and e.live)`,
  "t.created_at",
);
const oldKeys = fromEachOrganization(
  "t.organization_id, t.distribution_id, t.consumer_id",
  "entry_key t",
  `not exists (select 1 from queue_entry e where e.organization_id = t.organization_id and e.consumer_id = t.consumer_id and e.queue_id = t.distribution_id and e.live)
   and not exists (select 1 from draw_entry e where e.organization_id = t.organization_id and e.consumer_id = t.consumer_id and e.draw_id = t.distribution_id and e.class = 0)
   and not exists (select 1 from admission_grant g
                    where g.organization_id = t.organization_id and g.consumer_id = t.consumer_id and g.distribution_id = t.distribution_id and g.state in ('active', 'held'))`,
  "t.created_at",
);
const oldCrowds = fromEachOrganization("t.organization_id, t.experience_id, t.key", "entry_crowd t", "true", "t.last_at");
const oldVisits = fromEachOrganization("t.organization_id, t.experience_id, t.consumer_id", "experience_visit t", "true", "t.visited_at");

/** Deletes what ended as long ago as each organization says: sessions, places, grants, visits, what protected launches asked. Answers the largest number of one kind. */
export async function deleteEnded(db: Database, now: Date, limit: number): Promise<number> {
  const deletions = [
    `with due as (${endedSessions}) delete from session t using due where t.organization_id = due.organization_id and t.id = due.id returning t.organization_id, t.consumer_id`,
    `with due as (${endedPlaces}) delete from queue_entry t using due where t.organization_id = due.organization_id and t.queue_id = due.queue_id and t.ticket = due.ticket
     returning t.organization_id, t.consumer_id`,
    `with due as (${endedGrants}) delete from admission_grant t using due
      where t.distribution_id = due.distribution_id and t.organization_id = due.organization_id and t.id = due.id returning t.organization_id, t.consumer_id`,
    `with due as (${oldVisits}) delete from experience_visit t using due
      where t.organization_id = due.organization_id and t.experience_id = due.experience_id and t.consumer_id = due.consumer_id returning t.organization_id, t.consumer_id`,
    `with due as (${oldChecks}) delete from entry_check t using due
      where t.organization_id = due.organization_id and t.distribution_id = due.distribution_id and t.consumer_id = due.consumer_id returning t.organization_id, t.consumer_id`,
    `with due as (${oldKeys}) delete from entry_key t using due
      where t.organization_id = due.organization_id and t.distribution_id = due.distribution_id and t.consumer_id = due.consumer_id returning t.organization_id, t.consumer_id`,
    `with due as (${oldCrowds}) delete from entry_crowd t using due
      where t.organization_id = due.organization_id and t.experience_id = due.experience_id and t.key = due.key returning t.organization_id, null::uuid as consumer_id`,
  ];
  let most = 0;
  for (const deletion of deletions) {
    const gone = await db.run<Named>(deletion, [now, limit]);
    most = Math.max(most, gone.length);
    if (gone.length > 0) await deleteForgottenGuests(db, gone);
  }
  return most;
}

/** Deletes those of these guests whom nothing holds any more: no session, and no participation, live or past. */
export async function deleteForgottenGuests(db: Database, named: readonly Named[]): Promise<void> {
  const held = ["session", "queue_entry", "draw_entry", "admission_grant", "experience_visit"];
  const nothing = held.map((table) => `not exists (select 1 from ${table} t where t.organization_id = c.organization_id and t.consumer_id = c.id)`);
  await db.run(
    `delete from consumer c using unnest($1::text[], $2::uuid[]) as e(organization_id, id)
      where c.organization_id = e.organization_id and c.id = e.id and c.type = 'guest' and ${nothing.join(" and ")}`,
    [named.map((row) => row.organization_id), named.map((row) => row.consumer_id)],
  );
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

/** Takes consumers who are no more out of lines of the audit log that another node wrote while it was erasing them. */
export async function forgetConsumersInSecurityEvents(db: Database, since: Date): Promise<void> {
  await db.run(
    `update security_event e set consumer_id = null, session_id = null, subject = null, network = null
      where e.created_at >= $1 and e.consumer_id is not null
        and not exists (select 1 from consumer c where c.organization_id = e.organization_id and c.id = e.consumer_id)
        and not exists (select 1 from consumer_alias a where a.organization_id = e.organization_id and a.alias_id = e.consumer_id)`,
    [since],
  );
}
