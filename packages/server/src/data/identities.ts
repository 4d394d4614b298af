import type { LinkOutcome } from "@fanfare-io/fanfare-contract";
import type { ProvedIdentity } from "../domain/identity.ts";
import type { Database } from "./database.ts";

/** A statement of a transaction. */
export interface Statement {
  readonly statement: string;
  readonly parameters: readonly unknown[];
}

const kindsOf = (identities: readonly ProvedIdentity[]): readonly string[] => identities.map(({ kind }) => kind);
const valuesOf = (identities: readonly ProvedIdentity[]): readonly string[] => identities.map(({ value }) => value);

/** Whose each of these is, in their order; null = nobody's. */
export async function findOwners(db: Database, organizationId: string, identities: readonly ProvedIdentity[]): Promise<readonly (string | null)[]> {
  const rows = await db.run<{ consumer_id: string | null }>(
    `select i.consumer_id from unnest($2::text[], $3::text[]) with ordinality as asked (kind, value, place)
       left join consumer_identity i on i.organization_id = $1 and i.kind = asked.kind and i.value = asked.value order by asked.place`,
    [organizationId, kindsOf(identities), valuesOf(identities)],
  );
  return rows.map((row) => row.consumer_id);
}

/** Which kinds of identity a consumer has. */
export async function findIdentityKinds(db: Database, organizationId: string, consumerId: string): Promise<readonly ProvedIdentity["kind"][]> {
  const rows = await db.run<{ kind: ProvedIdentity["kind"] }>("select distinct kind from consumer_identity where organization_id = $1 and consumer_id = $2", [
    organizationId,
    consumerId,
  ]);
  return rows.map(({ kind }) => kind);
}

/** What the organization wants where a guest proves what another consumer is known by. */
export async function findConflictPolicy(db: Database, organizationId: string): Promise<"merge" | "reject"> {
  const [row] = await db.run<{ on_identity_conflict: "merge" | "reject" }>("select on_identity_conflict from organization where id = $1", [organizationId]);
  return row?.on_identity_conflict ?? "merge";
}

/** What became of this proof by this session before; null where it was none. */
export async function findLinkOutcome(db: Database, organizationId: string, sessionId: string, { kind, value }: ProvedIdentity): Promise<LinkOutcome | null> {
  const [row] = await db.run<{ outcome: LinkOutcome }>(
    `select outcome from consumer_link where organization_id = $1 and session_id = $2 and identity_kind = $3 and identity_value = $4 and undone_at is null
      order by linked_at desc limit 1`,
    [organizationId, sessionId, kind, value],
  );
  return row?.outcome ?? null;
}

// Each of the following belongs into one transaction, whose statements roll all of it back (they divide by zero to do that) where what the
// decision rested on is not so any more; whoever decided then looks again.

/** Holds the session still: it is this consumer's, and has not ended. */
export const holdSession = (organizationId: string, sessionId: string, consumerId: string): Statement => ({
  statement: `with held as (select 1 from session where organization_id = $1 and id = $2 and consumer_id = $3 and revoked_at is null for update)
    select 1 / (select count(*)::integer from held) as proof`,
  parameters: [organizationId, sessionId, consumerId],
});

/** Holds consumers still, in one order whoever asks; each is of the type that it was seen with. */
export const holdConsumers = (organizationId: string, consumers: readonly { readonly id: string; readonly type: "guest" | "identified" }[]): Statement => ({
  statement: `with held as (
      select c.id, c.type from consumer c where c.organization_id = $1 and c.id = any($2::uuid[]) order by c.id for update)
    select 1 / (case when (select count(*) from held join unnest($2::uuid[], $3::text[]) as seen (id, type) using (id, type)) = $4::bigint then 1 else 0 end) as proof`,
  parameters: [organizationId, consumers.map(({ id }) => id), consumers.map(({ type }) => type), consumers.length],
});

/** Makes what was proved the consumer's; it is theirs afterwards, or nothing happens at all. */
export const claimIdentity = (organizationId: string, { kind, value }: ProvedIdentity, consumerId: string, at: Date): readonly Statement[] => [
  {
    statement: `insert into consumer_identity (organization_id, kind, value, consumer_id, proved_at) values ($1, $2, $3, $4, $5)
      on conflict (organization_id, kind, value) do nothing`,
    parameters: [organizationId, kind, value, consumerId, at],
  },
  {
    statement: `select 1 / (select count(*)::integer from consumer_identity where organization_id = $1 and kind = $2 and value = $3 and consumer_id = $4) as proof`,
    parameters: [organizationId, kind, value, consumerId],
  },
];

/** Makes a verified claim the consumer's where it is nobody's and the consumer has none of its kind. */
export const fillIdentity = (organizationId: string, { kind, value }: ProvedIdentity, consumerId: string, at: Date): Statement => ({
  statement: `insert into consumer_identity (organization_id, kind, value, consumer_id, proved_at)
    select $1, $2, $3, $4, $5 where not exists (select 1 from consumer_identity where organization_id = $1 and consumer_id = $4 and kind = $2)
    on conflict (organization_id, kind, value) do nothing`,
  parameters: [organizationId, kind, value, consumerId, at],
});

/** Makes a consumer that is known by something. */
export const insertIdentified = (organizationId: string, consumerId: string, at: Date): Statement => ({
  statement: "insert into consumer (organization_id, id, type, created_at) values ($1, $2, 'identified', $3)",
  parameters: [organizationId, consumerId, at],
});

/** Writes what the consumer is known by onto the consumer, whom it makes somebody known; a name where there was none. */
export const describeIdentified = (organizationId: string, consumerId: string, fullName: string | null): Statement => {
  const oldest = (kind: string): string =>
    `(select value from consumer_identity i where i.organization_id = $1 and i.consumer_id = $2 and i.kind = '${kind}' order by i.proved_at, i.value limit 1)`;
  return {
    statement: `update consumer set type = 'identified', email = ${oldest("email")}, phone = ${oldest("phone")}, full_name = coalesce(full_name, $3)
      where organization_id = $1 and id = $2`,
    parameters: [organizationId, consumerId, fullName],
  };
};

/** Writes down what a proof did. */
export const insertLink = (
  organizationId: string,
  link: {
    readonly id: string;
    readonly sessionId: string;
    readonly identity: ProvedIdentity;
    readonly consumerId: string;
    readonly fromConsumerId: string | null;
    readonly outcome: LinkOutcome;
    readonly at: Date;
  },
): Statement => ({
  statement: `insert into consumer_link (organization_id, id, session_id, identity_kind, identity_value, consumer_id, from_consumer_id, outcome, linked_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
  parameters: [
    organizationId,
    link.id,
    link.sessionId,
    link.identity.kind,
    link.identity.value,
    link.consumerId,
    link.fromConsumerId,
    JSON.stringify(link.outcome),
    link.at,
  ],
});
