import { entryBytes, entryClasses } from "@fanfare-io/fanfare-draw-proof";
import type { EntryClass } from "@fanfare-io/fanfare-draw-proof";
import type { DrawStanding } from "../domain/draw.ts";
import { retryConflicts } from "./conflicts.ts";
import type { Database } from "./database.ts";
import type { DrawKey } from "./draws.ts";

const lossesStatement = `
select c.id as consumer_id, c.lost_draws + (
    select count(*)::integer from draw_entry e join draw d on d.organization_id = e.organization_id and d.id = e.draw_id
     where e.organization_id = $1 and e.consumer_id = c.id and e.class = 0 and e.draw_id <> $3 and d.drawn_at is not null
       and not exists (select 1 from admission_grant g
                        where g.organization_id = e.organization_id and g.consumer_id = e.consumer_id and g.distribution_id = e.draw_id and g.mechanism = 'draw')) as lost
  from consumer c where c.organization_id = $1 and c.id = any($2::uuid[])`;

/** How many earlier draws of the organization each of these consumers stood in to the end without being selected, forgotten ones included. */
export async function countLosses(db: Database, key: DrawKey, consumerIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const rows = await db.run<{ consumer_id: string; lost: number }>(lossesStatement, [key.organizationId, consumerIds, key.drawId]);
  return new Map(rows.map((row) => [row.consumer_id, row.lost]));
}

/**
 * What names the draw where an entry is looked up by its consumer. Written so that the primary key, whose first columns are the draw's, cannot
 * serve: of a draw that has grown since the last statistics the planner knows nothing, takes that key for as good as the consumer's own, and
 * would read the whole draw for each of those who ask.
 */
export const ofDraw = (alias: string, id: string): string => `${alias}.draw_id || '' = ${id}`;

const standingStatement = `
select c.consumer_id, e.ticket, e.class, e.weight, e.entered_at, e.entered_as, g.id as grant_id, g.state as grant_state, g.granted_at, g.expires_at,
       substring(r.ranks from (4 * (e.ticket - 1) + 1)::integer for 4) as rank
  from unnest($3::uuid[]) as c (consumer_id)
  left join lateral (
    (select ticket, class, weight, entered_at, entered_as from draw_entry d
      where organization_id = $1 and ${ofDraw("d", "$2")} and consumer_id = c.consumer_id and class = 0)
    union all
    (select ticket, class, weight, entered_at, entered_as from draw_entry d
      where organization_id = $1 and ${ofDraw("d", "$2")} and consumer_id = c.consumer_id and class <> 0 order by ticket desc limit 1)
    limit 1) as e on true
  left join lateral (
    select id, state, granted_at, expires_at from admission_grant
     where organization_id = $1 and distribution_id = $2 and consumer_id = c.consumer_id and mechanism = 'draw' order by granted_at desc limit 1) as g on true
  left join draw_ranking r on r.draw_id = $2 and r.organization_id = $1`;

/** What the database knows of these consumers in one draw, for one who asks or for a thousand who ask at once. */
export async function readStandings(db: Database, key: DrawKey, consumerIds: readonly string[]): Promise<readonly DrawStanding[]> {
  const rows = await db.run<{
    consumer_id: string;
    ticket: number | null;
    class: number;
    weight: number;
    entered_at: Date;
    entered_as: string | null;
    grant_id: string | null;
    grant_state: string;
    granted_at: Date;
    expires_at: Date;
    rank: Uint8Array | null;
  }>(standingStatement, [key.organizationId, key.drawId, consumerIds]);
  return rows.map((row) => {
    const rank = row.rank === null || row.rank.length < 4 ? 0 : new DataView(row.rank.buffer, row.rank.byteOffset).getUint32(0);
    return {
      consumerId: row.consumer_id,
      entry:
        row.ticket === null
          ? null
          : {
              ticket: row.ticket,
              class: row.class,
              weight: row.weight,
              enteredAt: row.entered_at.getTime(),
              ...(row.entered_as === null ? {} : { enteredAs: row.entered_as }),
            },
      grant:
        row.grant_id === null ? null : { id: row.grant_id, state: row.grant_state, grantedAt: row.granted_at.getTime(), expiresAt: row.expires_at.getTime() },
      rank: rank === 0 ? null : rank,
    };
  });
}

// The draw's row is locked first, as the closing locks it: an entry that leaves does so before the list is closed, or not at all.
const leaveStatement = `
with standing as (
  select 1 from draw where organization_id = $1 and id = $2 and closed_at is null and cancelled_at is null and coalesce(close_at, draw_at) > $4 for no key update),
gone as (
  update draw_entry e set class = $5, ended_at = $4 from standing
   where ${ofDraw("e", "$2")} and organization_id = $1 and consumer_id = $3 and class = 0
  returning 1)
update draw set excluded = excluded + 1 where organization_id = $1 and id = $2 and exists (select 1 from gone)
returning 1`;

/** Takes an entry out of the draw while entries are open; false when there was none, or it is too late. Its ticket stays in the list, under its class. */
export async function leaveDraw(db: Database, key: DrawKey, consumerId: string, at: Date, as: EntryClass = "withdrawn"): Promise<boolean> {
  const parameters = [key.organizationId, key.drawId, consumerId, at, entryClasses.indexOf(as)];
  return (await retryConflicts(() => db.run(leaveStatement, parameters))).length > 0;
}

/** Takes a consumer's entries out of every draw that is still open. */
export async function leaveOpenDraws(db: Database, organizationId: string, consumerId: string, at: Date, as: EntryClass): Promise<void> {
  const standing = await db.run<{ draw_id: string }>(
    `select e.draw_id from draw_entry e join draw d on d.organization_id = e.organization_id and d.id = e.draw_id
      where e.organization_id = $1 and e.consumer_id = $2 and e.class = 0 and d.closed_at is null`,
    [organizationId, consumerId],
  );
  for (const { draw_id: drawId } of standing) await leaveDraw(db, { organizationId, drawId }, consumerId, at, as);
}

/** Who came in the same moment, as it was written down. */
export interface BatchRow {
  readonly firstTicket: number;
  readonly size: number;
  readonly receivedAt: number;
  /** How many commitments the draw had made by then; null for entries that are older than this column. */
  readonly commitments: number | null;
}

/** The batches that tickets came in, in the order of the tickets; null for one whose batch is not known any more. */
export async function findBatches(db: Database, key: DrawKey, tickets: readonly number[]): Promise<readonly (BatchRow | null)[]> {
  const rows = await db.run<{ first_ticket: number | null; size: number; received_at: Date; commitments: number | null }>(
    `select b.* from unnest($3::bigint[]) with ordinality as asked (ticket, place)
       left join lateral (
         select first_ticket, size, received_at, commitments from draw_batch
          where draw_id = $2 and organization_id = $1 and first_ticket <= asked.ticket order by first_ticket desc limit 1) as b on true
      order by asked.place`,
    [key.organizationId, key.drawId, tickets],
  );
  return rows.map((row) =>
    row.first_ticket === null ? null : { firstTicket: row.first_ticket, size: row.size, receivedAt: row.received_at.getTime(), commitments: row.commitments },
  );
}

/** The entries of so many tickets as the tree hashes them, 35 bytes each. `asEntered` = with the class that they came with. */
export async function readEntries(db: Database, key: DrawKey, firstTicket: number, count: number, asEntered = false): Promise<Uint8Array> {
  const [row] = await db.run<{ bytes: Uint8Array | null }>(
    `select string_agg(ref || int2send(weight) || substring(int2send(${asEntered ? "0::smallint" : "class"}) from 2 for 1), ''::bytea order by ticket) as bytes
       from draw_entry where draw_id = $2 and organization_id = $1 and ticket >= $3 and ticket < $3 + $4::bigint`,
    [key.organizationId, key.drawId, firstTicket, count],
  );
  const bytes = row?.bytes ?? new Uint8Array();
  if (bytes.length % entryBytes !== 0) throw new Error("An entry of another size.");
  return bytes.length < count * entryBytes && !asEntered ? Buffer.concat([await readFolded(db, key, firstTicket, count), bytes]) : bytes;
}

/** The same of a list whose people were forgotten. It is folded from its first ticket on, so that what is folded comes before what is not. */
async function readFolded(db: Database, key: DrawKey, firstTicket: number, count: number): Promise<Uint8Array> {
  const [row] = await db.run<{ bytes: Uint8Array | null }>(
    `select string_agg(substring(entries from (greatest($3::bigint - first_ticket, 0) * ${entryBytes} + 1)::integer
                                 for ((least($3::bigint + $4::bigint - first_ticket, length(entries) / ${entryBytes}) - greatest($3::bigint - first_ticket, 0)) * ${entryBytes})::integer),
                       ''::bytea order by first_ticket) as bytes
       from draw_list where draw_id = $2 and organization_id = $1 and first_ticket < $3::bigint + $4::bigint and first_ticket + length(entries) / ${entryBytes} > $3::bigint`,
    [key.organizationId, key.drawId, firstTicket, count],
  );
  return row?.bytes ?? new Uint8Array();
}
