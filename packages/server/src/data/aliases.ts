import type { Database } from "./database.ts";
import type { Statement } from "./identities.ts";
import type { Pair } from "./merging.ts";

/** Whose an id is that was a guest's once; null where it is nobody's alias. */
export async function findAliasOwner(db: Database, organizationId: string, consumerId: string): Promise<string | null> {
  const [row] = await db.run<{ consumer_id: string }>(
    "select consumer_id from consumer_alias where organization_id = $1 and alias_id = $2 and ended_at is null",
    [organizationId, consumerId],
  );
  return row?.consumer_id ?? null;
}

/** The ids that a consumer has come by as a guest. */
export async function findAliases(db: Database, organizationId: string, consumerId: string): Promise<readonly string[]> {
  const rows = await db.run<{ alias_id: string }>(
    "select alias_id from consumer_alias where organization_id = $1 and consumer_id = $2 and ended_at is null order by linked_at",
    [organizationId, consumerId],
  );
  return rows.map((row) => row.alias_id);
}

/** An alias that was made or taken back. */
export interface AliasChange {
  readonly organizationId: string;
  readonly aliasId: string;
  readonly consumerId: string;
  readonly at: number;
  readonly ended: boolean;
}

/** What became of aliases since an instant, over all tenants: this is the service following itself, not a caller asking. */
export async function findAliasChanges(db: Database, since: number): Promise<readonly AliasChange[]> {
  const rows = await db.run<{ organization_id: string; alias_id: string; consumer_id: string; linked_at: Date; ended_at: Date | null }>(
    `select organization_id, alias_id, consumer_id, linked_at, ended_at from consumer_alias where linked_at > $1 and ended_at is null
     union all select organization_id, alias_id, consumer_id, linked_at, ended_at from consumer_alias where ended_at > $1`,
    [new Date(since)],
  );
  return rows.map((row) => ({
    organizationId: row.organization_id,
    aliasId: row.alias_id,
    consumerId: row.consumer_id,
    at: (row.ended_at ?? row.linked_at).getTime(),
    ended: row.ended_at !== null,
  }));
}

// What was being written while the link was made, by a node that had not heard of it. Each of the three reads an index by the alias.
const strayStatement = (where: string): string => `
select a.organization_id, a.alias_id, a.consumer_id from consumer_alias a
 where ${where} and a.ended_at is null and (
   exists (select 1 from queue_entry e where e.organization_id = a.organization_id and e.consumer_id = a.alias_id and e.live)
   or exists (select 1 from admission_grant g where g.organization_id = a.organization_id and g.consumer_id = a.alias_id and g.state in ('active', 'held'))
   or exists (select 1 from draw_entry d where d.organization_id = a.organization_id and d.consumer_id = a.alias_id and d.class = 0))`;

interface PairRow {
  readonly organization_id: string;
  readonly alias_id: string;
  readonly consumer_id: string;
}
const toPair = (row: PairRow): Pair => ({ organizationId: row.organization_id, guestId: row.alias_id, consumerId: row.consumer_id });

/** Aliases made since an instant that something still stands under, over all tenants. */
export async function findStrays(db: Database, since: number): Promise<readonly Pair[]> {
  return (await db.run<PairRow>(strayStatement("a.linked_at > $1"), [new Date(since)])).map(toPair);
}

/** The aliases of one consumer, or the alias that an id is, that something still stands under. */
export async function findStraysOf(db: Database, organizationId: string, consumerId: string): Promise<readonly Pair[]> {
  const where = "a.organization_id = $1 and (a.consumer_id = $2 or a.alias_id = $2)";
  return (await db.run<PairRow>(strayStatement(where), [organizationId, consumerId])).map(toPair);
}

/** Aliases that won in a draw under their old ids: a closed list holds them as they entered. */
export async function findWinningAliases(db: Database, organizationId: string, drawId: string): Promise<readonly Pair[]> {
  const rows = await db.run<PairRow>(
    `select a.organization_id, a.alias_id, a.consumer_id from admission_grant g
       join consumer_alias a on a.organization_id = g.organization_id and a.alias_id = g.consumer_id and a.ended_at is null
      where g.organization_id = $1 and g.distribution_id = $2 and g.state = 'active'`,
    [organizationId, drawId],
  );
  return rows.map(toPair);
}

/** Makes a guest's id an alias; what bore it of its own (its row, its live sessions) goes over to the consumer. */
export const aliasStatements = ({ organizationId, guestId, consumerId }: Pair, at: Date): readonly Statement[] => [
  {
    statement: `insert into consumer_alias (organization_id, alias_id, consumer_id, linked_at) values ($1, $2, $3, $4)
      on conflict (organization_id, alias_id) do update set consumer_id = excluded.consumer_id, linked_at = excluded.linked_at, ended_at = null`,
    parameters: [organizationId, guestId, consumerId, at],
  },
  {
    statement: "update session set consumer_id = $3, guest_id = $2 where organization_id = $1 and consumer_id = $2 and revoked_at is null",
    parameters: [organizationId, guestId, consumerId],
  },
  {
    statement: `with gone as (delete from consumer where organization_id = $1 and id = $2 returning lost_draws)
      update consumer set lost_draws = consumer.lost_draws + gone.lost_draws from gone where organization_id = $1 and id = $3`,
    parameters: [organizationId, guestId, consumerId],
  },
];

/** Holds an alias still: it is this consumer's. */
export const holdAlias = ({ organizationId, guestId, consumerId }: Pair): Statement => ({
  statement: `with held as (
      select 1 from consumer_alias where organization_id = $1 and alias_id = $2 and consumer_id = $3 and ended_at is null for update)
    select 1 / (select count(*)::integer from held) as proof`,
  parameters: [organizationId, guestId, consumerId],
});
