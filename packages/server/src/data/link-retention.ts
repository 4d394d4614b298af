import type { Database } from "./database.ts";
import { fromEachOrganization } from "./retention.ts";

// Whatever still stands under an id that was a guest's leads to its consumer by the alias alone: what a shop holds or has sold, an entry of a
// draw and its receipt, a session that goes by it. Each of these reads an index by a consumer's id.
const needed = `
     exists (select 1 from session s where s.organization_id = t.organization_id and s.consumer_id = t.consumer_id and s.guest_id = t.alias_id)
  or exists (select 1 from queue_entry e where e.organization_id = t.organization_id and e.consumer_id = t.alias_id)
  or exists (select 1 from admission_grant g where g.organization_id = t.organization_id and g.consumer_id = t.alias_id)
  or exists (select 1 from draw_entry d where d.organization_id = t.organization_id and d.consumer_id = t.alias_id)
  or exists (select 1 from draw_entry d where d.organization_id = t.organization_id and d.consumer_id = t.consumer_id and d.entered_as = t.alias_id)
  or exists (select 1 from experience_visit v where v.organization_id = t.organization_id and v.consumer_id = t.alias_id)`;
const kept = (end: string): string => `coalesce(t.${end}, t.linked_at) < $1::timestamptz - make_interval(days => o.retention_days)`;
const oldAliases = fromEachOrganization(
  "t.organization_id, t.alias_id",
  "consumer_alias t",
  `${kept("ended_at")} and (t.ended_at is not null or not (${needed}))`,
  "t.linked_at",
);
// The same proof by the same session is answered from the link, and an operator takes a merge apart by it.
const oldLinks = fromEachOrganization(
  "t.organization_id, t.id",
  "consumer_link t",
  `${kept("undone_at")}
   and not exists (select 1 from session s where s.organization_id = t.organization_id and s.id = t.session_id)
   and (t.undone_at is not null or not exists (
     select 1 from consumer_alias a where a.organization_id = t.organization_id and a.alias_id = t.from_consumer_id and a.consumer_id = t.consumer_id and a.ended_at is null))`,
  "t.linked_at",
);

/**
 * Deletes what proofs did, and the ids that consumers came by as guests, as long after as each organization says, once nothing goes by them. Whom a consumer
 * is known by stays. Answers the larger number of the two.
 */
export async function deleteOldLinks(db: Database, now: Date, limit: number): Promise<number> {
  const aliases = await db.run(
    `with due as (${oldAliases}) delete from consumer_alias t using due where t.organization_id = due.organization_id and t.alias_id = due.alias_id returning 1`,
    [now, limit],
  );
  const links = await db.run(
    `with due as (${oldLinks}) delete from consumer_link t using due where t.organization_id = due.organization_id and t.id = due.id returning 1`,
    [now, limit],
  );
  return Math.max(aliases.length, links.length);
}
