import type { ConsumerIdentity, ConsumerLink, ConsumerProfile, LinkOutcome } from "@fanfare-io/fanfare-contract";
import type { Database } from "./database.ts";

/** How a consumer is known, what was proved first comes first. */
export async function readIdentities(db: Database, organizationId: string, consumerId: string): Promise<readonly ConsumerIdentity[]> {
  const rows = await db.run<{ kind: ConsumerIdentity["kind"]; value: string; proved_at: Date }>(
    "select kind, value, proved_at from consumer_identity where organization_id = $1 and consumer_id = $2 order by proved_at, kind, value",
    [organizationId, consumerId],
  );
  return rows.map((row) => ({ kind: row.kind, value: row.value, provedAt: row.proved_at.toISOString() }));
}

/** What proofs did to a consumer, the newest first. */
export async function readLinks(db: Database, organizationId: string, consumerId: string): Promise<readonly ConsumerLink[]> {
  const rows = await db.run<{
    id: string;
    identity_kind: ConsumerIdentity["kind"];
    from_consumer_id: string | null;
    outcome: LinkOutcome;
    linked_at: Date;
    undone_at: Date | null;
  }>(
    `select id, identity_kind, from_consumer_id, outcome, linked_at, undone_at from consumer_link
      where organization_id = $1 and consumer_id = $2 order by linked_at desc, id desc`,
    [organizationId, consumerId],
  );
  return rows.map(({ id, outcome, ...row }) => ({
    id,
    kind: outcome.kind,
    identityKind: row.identity_kind,
    fromConsumerId: row.from_consumer_id,
    moved: outcome.moved,
    kept: outcome.kept,
    linkedAt: row.linked_at.toISOString(),
    undoneAt: row.undone_at?.toISOString() ?? null,
  }));
}

/** The consumer who is known by this address, or has this id now or had it as a guest; null = nobody. */
export async function findKnownConsumer(
  db: Database,
  organizationId: string,
  by: { readonly email?: string; readonly phone?: string; readonly id?: string },
): Promise<Omit<ConsumerProfile, "active"> | null> {
  const [row] = await db.run<{
    id: string;
    type: "guest" | "identified";
    email: string | null;
    phone: string | null;
    full_name: string | null;
    created_at: Date;
  }>(
    `select c.id, c.type, c.email, c.phone, c.full_name, c.created_at from consumer c
      where c.organization_id = $1 and c.id in (
        select consumer_id from consumer_identity where organization_id = $1 and kind = 'email' and value = $2
        union all select consumer_id from consumer_identity where organization_id = $1 and kind = 'phone' and value = $3
        union all select $4::uuid
        union all select consumer_id from consumer_alias where organization_id = $1 and alias_id = $4::uuid and ended_at is null)`,
    [organizationId, by.email?.toLowerCase() ?? null, by.phone ?? null, by.id ?? null],
  );
  if (row === undefined) return null;
  return { id: row.id, type: row.type, email: row.email, phone: row.phone, fullName: row.full_name, createdAt: row.created_at.toISOString() };
}

/** Changes what a consumer says of itself; false when there is none. */
export async function renameConsumer(db: Database, organizationId: string, consumerId: string, fullName: string | null): Promise<boolean> {
  const rows = await db.run("update consumer set full_name = $3 where organization_id = $1 and id = $2 returning 1", [organizationId, consumerId, fullName]);
  return rows.length === 1;
}
