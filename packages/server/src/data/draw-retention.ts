import type { Database } from "./database.ts";
import { keyOf } from "./draws.ts";
import type { DrawKey } from "./draws.ts";

/** A draw whose organization's time of keeping is over. */
export interface ForgettableDraw extends DrawKey {
  readonly tickets: number;
}

/** Somebody whose row was deleted. */
export interface Named {
  readonly organization_id: string;
  readonly consumer_id: string;
}

/** A draw that ended as long ago as its organization says, and is not folded yet; null where there is none. */
export async function findForgettableDraw(db: Database, now: Date): Promise<ForgettableDraw | null> {
  const [row] = await db.run<{ organization_id: string; id: string; tickets: number }>(
    `select old.* from organization o cross join lateral (
       select d.organization_id, d.id, d.next_ticket - 1 as tickets from draw d
        where d.organization_id = o.id and d.folded_at is null and coalesce(d.settled_at, d.cancelled_at) < $1::timestamptz - make_interval(days => o.retention_days)
        limit 1) as old limit 1`,
    [now],
  );
  return row === undefined ? null : { ...keyOf({ organizationId: row.organization_id, id: row.id }), tickets: row.tickets };
}

// The proof stays byte for byte: references, weights and classes, as they were hashed. A list that was never published is of use to nobody.
const foldStatement = `
with gone as (
  delete from draw_entry where draw_id = $2 and organization_id = $1 and ticket >= $3 and ticket < $3 + $4::bigint
  returning ticket, consumer_id, ref, weight, class),
folded as (
  insert into draw_list (draw_id, organization_id, first_ticket, entries)
  select $2, $1, min(ticket), string_agg(ref || int2send(weight) || substring(int2send(class) from 2 for 1), ''::bytea order by ticket) from gone
   where exists (select 1 from draw where organization_id = $1 and id = $2 and root is not null) having count(*) > 0),
counted as (
  update consumer c set lost_draws = c.lost_draws + 1 from gone
   where c.organization_id = $1 and c.id = gone.consumer_id and gone.class = 0
     and exists (select 1 from draw where organization_id = $1 and id = $2 and drawn_at is not null)
     and not exists (select 1 from admission_grant g
                      where g.organization_id = $1 and g.consumer_id = gone.consumer_id and g.distribution_id = $2 and g.mechanism = 'draw'))
select $1::text as organization_id, consumer_id from gone`;

/** Folds so many tickets: takes who stood behind them out of the list, counts for those who did not win that they did not, and answers who that was. Nothing where it was done already. */
export async function foldEntries(db: Database, key: DrawKey, firstTicket: number, count: number): Promise<readonly Named[]> {
  return db.run<Named>(foldStatement, [key.organizationId, key.drawId, firstTicket, count]);
}

/** Ends the folding: receipts and ranks go too, and the key without which no reference can ever be opened again. */
export async function finishFolding(db: Database, { organizationId, drawId }: DrawKey, at: Date): Promise<void> {
  const parameters = [organizationId, drawId];
  await db.batch([
    { statement: "delete from draw_batch where organization_id = $1 and draw_id = $2", parameters },
    { statement: "delete from draw_ranking where organization_id = $1 and draw_id = $2", parameters },
    { statement: "update draw set folded_at = $3, blinding_key = '' where organization_id = $1 and id = $2", parameters: [...parameters, at] },
  ]);
}
