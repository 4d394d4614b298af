import { entryClasses } from "@fanfare-io/fanfare-draw-proof";
import type { Planned } from "../domain/linking.ts";
import type { Database } from "./database.ts";
import { mergeEntryKeys } from "./entry-keys.ts";
import type { Statement } from "./identities.ts";

/** A guest, and the consumer who it turned out to be. */
export interface Pair {
  readonly organizationId: string;
  readonly guestId: string;
  readonly consumerId: string;
}

/** What lives of either in a queue. Instants in milliseconds. */
export interface QueuePart {
  readonly id: string;
  readonly ofGuest: boolean;
  readonly ticket: number;
  readonly state: "waiting" | "admitted" | "completed";
  readonly held: boolean;
  readonly expiresAt: number | null;
  /** Early arrivals stand in an order that was drawn, which tickets do not tell. */
  readonly ordered: boolean;
}

/** An entry of either in a draw that is not over. */
export interface EntryPart {
  readonly id: string;
  readonly ofGuest: boolean;
  readonly ticket: number;
  readonly weight: number;
  readonly open: boolean;
}

/** A win of either in a draw. */
export interface WinPart {
  readonly id: string;
  readonly ofGuest: boolean;
  readonly state: "active" | "held" | "completed";
  readonly expiresAt: number;
}

/** Everything that either takes part in, with a fingerprint that is another as soon as any of it has changed. */
export interface Parts {
  readonly queues: readonly QueuePart[];
  readonly entries: readonly EntryPart[];
  readonly wins: readonly WinPart[];
  readonly fingerprint: string;
}

const millis = (column: string): string => `(extract(epoch from ${column}) * 1000)::bigint`;
const agg = (rows: string, order: string): string => `(select coalesce(json_agg(r order by ${order}), '[]'::json) from (${rows}) as r)`;
const queueParts = `select e.queue_id as id, e.consumer_id = $2::uuid as "ofGuest", e.ticket, e.state, coalesce(g.state = 'held', false) as held,
    ${millis("g.expires_at")} as "expiresAt", q.early_tickets is not null as ordered
  from queue_entry e join queue q on q.organization_id = e.organization_id and q.id = e.queue_id
  left join admission_grant g on g.distribution_id = e.queue_id and g.organization_id = e.organization_id and g.consumer_id = e.consumer_id
   and g.state in ('active', 'held')
 where e.organization_id = $1 and e.consumer_id in ($2::uuid, $3::uuid) and e.live`;
const entryParts = `select e.draw_id as id, e.consumer_id = $2::uuid as "ofGuest", e.ticket, e.weight, d.closed_at is null as open
  from draw_entry e join draw d on d.organization_id = e.organization_id and d.id = e.draw_id
 where e.organization_id = $1 and e.consumer_id in ($2::uuid, $3::uuid) and e.class = 0 and d.drawn_at is null and d.cancelled_at is null and not d.archived`;
const winParts = `select g.distribution_id as id, g.consumer_id = $2::uuid as "ofGuest", g.state, ${millis("g.expires_at")} as "expiresAt"
  from admission_grant g
 where g.organization_id = $1 and g.consumer_id in ($2::uuid, $3::uuid) and g.mechanism = 'draw' and g.state in ('active', 'held', 'completed')`;
const parts = `json_build_object('queues', ${agg(queueParts, "r.id, r.ticket")}, 'entries', ${agg(entryParts, "r.id, r.ticket")},
  'wins', ${agg(winParts, `r.id, r."ofGuest", r.state, r."expiresAt"`)})::text`;

const pairOf = ({ organizationId, guestId, consumerId }: Pair): readonly unknown[] => [organizationId, guestId, consumerId];

/** Reads what both take part in, all of it of one moment. */
export async function readParts(db: Database, pair: Pair): Promise<Parts> {
  const [row] = await db.run<{ parts: string; fingerprint: string }>(
    `select parts, md5(parts) as fingerprint from (select ${parts} as parts) as read`,
    pairOf(pair),
  );
  if (row === undefined) throw new Error("A read without an answer.");
  return { ...(JSON.parse(row.parts) as Omit<Parts, "fingerprint">), fingerprint: row.fingerprint };
}

const duplicate = entryClasses.indexOf("duplicate");

// Lock order as everywhere: grants, then entries, then a draw's row before its entries, then counters and change rows. What is held still
// is compared with what was planned for by a statement of its own, whose snapshot is younger than the locks.
const locks = [
  `select 1 from admission_grant where organization_id = $1 and consumer_id in ($2::uuid, $3::uuid) and state in ('active', 'held')
    order by distribution_id, id for update`,
  "select 1 from queue_entry where organization_id = $1 and consumer_id in ($2::uuid, $3::uuid) and live order by queue_id, ticket for update",
  `select 1 from draw d where d.organization_id = $1 and d.closed_at is null and d.id in (
     select draw_id from draw_entry where organization_id = $1 and consumer_id in ($2::uuid, $3::uuid) and class = 0) order by d.id for no key update`,
];

const closeStatement = `
with closing as (select * from unnest($2::uuid[], $3::text[]) as c (consumer_id, distribution_id)),
ended as (
  update admission_grant g set state = 'expired', presentation_id = null from closing
   where g.organization_id = $1 and g.consumer_id = closing.consumer_id and g.distribution_id = closing.distribution_id and g.state = 'active'
  returning g.distribution_id, g.ticket, g.mechanism),
places as (
  update queue_entry e set state = 'left', live = false, ended_at = $4 from closing
   where e.organization_id = $1 and e.consumer_id = closing.consumer_id and e.queue_id = closing.distribution_id and e.live and e.state in ('waiting', 'admitted')
  returning e.queue_id, e.ticket),
touched as (
  select distribution_id, sum(freed)::integer as freed, array_agg(distinct ticket) as tickets
    from (select distribution_id, 1 as freed, ticket from ended union all select queue_id, 0, ticket from places) as all_of_it group by distribution_id),
counted as (
  update distribution_counters counters set active = counters.active - touched.freed, version = counters.version + 1 from touched
   where counters.distribution_id = touched.distribution_id and counters.organization_id = $1
  returning counters.distribution_id, counters.version, touched.tickets)
insert into distribution_change (distribution_id, organization_id, version, kind, tickets, at)
select distribution_id, $1, version, 'left', tickets, $4 from counted`;

const withdrawStatement = `
with closing as (select * from unnest($2::uuid[], $3::text[]) as c (consumer_id, distribution_id)),
gone as (
  update draw_entry e set class = ${duplicate}, ended_at = $4 from closing, draw d
   where e.organization_id = $1 and e.consumer_id = closing.consumer_id and e.draw_id = closing.distribution_id and e.class = 0
     and d.organization_id = $1 and d.id = e.draw_id and d.closed_at is null
  returning e.draw_id)
update draw d set excluded = d.excluded + gone.n from (select draw_id, count(*) as n from gone group by draw_id) as gone
 where d.organization_id = $1 and d.id = gone.draw_id`;

const moveStatement = `
with grants as (
  update admission_grant set consumer_id = $3
   where organization_id = $1 and consumer_id = $2 and state in ('active', 'held') and distribution_id = any($4::text[])
  returning distribution_id, ticket),
places as (
  update queue_entry set consumer_id = $3 where organization_id = $1 and consumer_id = $2 and (not live or queue_id = any($4::text[]))
  returning queue_id, ticket, live),
touched as (
  select distribution_id, array_agg(distinct ticket) as tickets
    from (select distribution_id, ticket from grants union all select queue_id, ticket from places where live) as all_of_it group by distribution_id),
counted as (
  update distribution_counters counters set version = counters.version + 1 from touched
   where counters.distribution_id = touched.distribution_id and counters.organization_id = $1
  returning counters.distribution_id, counters.version, touched.tickets)
insert into distribution_change (distribution_id, organization_id, version, kind, tickets, moved_tickets, at)
select distribution_id, $1, version, 'moved', '{}', tickets, $5 from counted`;

// The reference in the list was made for the guest's id and stays as it is; so does an entry of a list where the consumer has one too.
const moveEntriesStatement = `
update draw_entry e set consumer_id = $3, entered_as = coalesce(e.entered_as, $2::uuid)
 where e.organization_id = $1 and e.consumer_id = $2
   and (e.class <> 0 or not exists (
     select 1 from draw_entry own where own.organization_id = $1 and own.consumer_id = $3 and own.draw_id = e.draw_id and own.class = 0))`;

// What a protected launch asked goes with the place that it was asked for; where both were noted and neither place moves, the consumer's stands.
const checkStatements = [
  `delete from entry_check own using entry_check g
    where own.organization_id = $1 and own.consumer_id = $3 and g.organization_id = $1 and g.consumer_id = $2
      and g.distribution_id = own.distribution_id and own.distribution_id = any($4::text[])`,
  `update entry_check g set consumer_id = $3
    where g.organization_id = $1 and g.consumer_id = $2 and $4::text[] is not null and not exists (
      select 1 from entry_check own where own.organization_id = $1 and own.consumer_id = $3 and own.distribution_id = g.distribution_id)`,
  "delete from entry_check where organization_id = $1 and consumer_id = $2 and $3::uuid is not null and $4::text[] is not null",
];

const visitStatements = [
  `insert into experience_visit (organization_id, experience_id, consumer_id, visited_at)
   select organization_id, experience_id, $3::uuid, visited_at from experience_visit where organization_id = $1 and consumer_id = $2
   on conflict (organization_id, experience_id, consumer_id) do update set visited_at = least(experience_visit.visited_at, excluded.visited_at)`,
  "delete from experience_visit where organization_id = $1 and consumer_id = $2 and $3::uuid is not null",
];

/**
 * The statements that carry a plan out, for a transaction. They roll all of it back where what was planned for is not so any more: a place that
 * was let in, a grant that a shop took, a list that closed.
 */
export function mergeStatements(pair: Pair, fingerprint: string, plan: readonly Planned[], at: Date): readonly Statement[] {
  const parameters = pairOf(pair);
  const closed = plan.filter(({ other }) => other === "close");
  const closing = [closed.map(({ better }) => (better === "guest" ? pair.consumerId : pair.guestId)), closed.map(({ distributionId }) => distributionId)];
  const moving = plan.filter(({ better }) => better === "guest").map(({ distributionId }) => distributionId);
  return [
    ...locks.map((statement) => ({ statement, parameters })),
    {
      statement: `select 1 / (case when md5(${parts}) = $4::text then 1 else 0 end) as proof`,
      parameters: [...parameters, fingerprint],
    },
    { statement: closeStatement, parameters: [pair.organizationId, ...closing, at] },
    { statement: withdrawStatement, parameters: [pair.organizationId, ...closing, at] },
    { statement: moveStatement, parameters: [...parameters, moving, at] },
    { statement: moveEntriesStatement, parameters },
    ...checkStatements.map((statement) => ({ statement, parameters: [...parameters, moving] })),
    ...mergeEntryKeys(pair, moving),
    ...visitStatements.map((statement) => ({ statement, parameters })),
  ];
}
