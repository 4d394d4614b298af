import { refusedItself } from "./conflicts.ts";
import type { Database } from "./database.ts";
import type { Statement } from "./identities.ts";

/** A queue or a draw of an experience that limits how often one person takes part. */
export interface LimitedDistribution {
  readonly organizationId: string;
  readonly experienceId: string;
  readonly distributionId: string;
}

const ownerOf = (id: string): string =>
  `coalesce((select consumer_id from consumer_alias where organization_id = $1 and alias_id = ${id} and ended_at is null), ${id})`;

// Whoever enters two distributions at once, on two nodes or two devices, does so one after the other: the second finds the first one's place.
// Consumers come before draws, entries and counters in everybody's order of locks.
const lockStatement = `
select 1 from consumer where organization_id = $1 and id in (select ${ownerOf("entering.id")} from unnest($2::uuid[]) as entering (id))
 order by id for no key update`;

// What counts is what lives or was bought, each distribution once: a place that was left or ran out does not, nor does an entry that a draw passed over.
const overStatement = `
select entering.id from experience x, unnest($2::uuid[]) as entering (id)
 cross join lateral (select ${ownerOf("entering.id")} as id) as owner
 cross join lateral (
   select array_append(array(select alias_id from consumer_alias where organization_id = $1 and consumer_id = owner.id and ended_at is null), owner.id) as ids) as names
 where x.organization_id = $1 and x.id = $3 and x.max_entries_per_consumer <= (
   select count(*) from (
     select e.queue_id from queue_entry e join queue q on q.organization_id = e.organization_id and q.id = e.queue_id
      where e.organization_id = $1 and e.consumer_id = any(names.ids) and e.live and q.experience_id = $3 and e.queue_id <> $4
     union
     select e.draw_id from draw_entry e join draw d on d.organization_id = e.organization_id and d.id = e.draw_id
      where e.organization_id = $1 and e.consumer_id = any(names.ids) and e.class = 0 and d.experience_id = $3 and e.draw_id <> $4
        and d.drawn_at is null and d.cancelled_at is null and not d.archived
     union
     select g.distribution_id from admission_grant g
      where g.organization_id = $1 and g.consumer_id = any(names.ids) and g.mechanism = 'draw' and g.experience_id = $3 and g.distribution_id <> $4
        and g.state in ('active', 'held', 'completed')) as taking)`;

const parametersOf = (limited: LimitedDistribution, consumerIds: readonly string[]): readonly unknown[] => [
  limited.organizationId,
  consumerIds,
  limited.experienceId,
  limited.distributionId,
];

/** Those of these consumers who take part as often as they may, elsewhere in the experience. Their ids as a guest count with them. */
export async function findOverLimit(db: Database, limited: LimitedDistribution, consumerIds: readonly string[]): Promise<readonly string[]> {
  const rows = await db.run<{ id: string }>(overStatement, parametersOf(limited, consumerIds));
  return rows.map((row) => row.id);
}

/**
 * Enters consumers by a statement, unless one of them takes part as often as they may: in one transaction, that holds them still and counts
 * afterwards. False where nobody was entered, be it for that or because the statement refused itself; who it was is to be read.
 */
export async function enterWithinLimit(db: Database, limited: LimitedDistribution, consumerIds: readonly string[], entering: Statement): Promise<boolean> {
  try {
    await db.batch([
      { statement: lockStatement, parameters: [limited.organizationId, consumerIds] },
      { statement: `select 1 / (case when exists (${overStatement}) then 0 else 1 end) as proof`, parameters: parametersOf(limited, consumerIds) },
      entering,
    ]);
    return true;
  } catch (error) {
    if (refusedItself(error)) return false;
    throw error;
  }
}
