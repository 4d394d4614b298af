import type { Database } from "./database.ts";
import { takingBack } from "./sessions.ts";
import type { EndReason } from "./sessions.ts";

/** A session that lives. Instants as they are stored. */
export interface LiveSession {
  readonly id: string;
  readonly createdAt: Date;
  readonly refreshedAt: Date;
  readonly idleExpiresAt: Date;
  readonly bound: boolean;
}

/** The sessions of a consumer that have neither been ended nor run out, the newest first. */
export async function listLiveSessions(db: Database, organizationId: string, consumerId: string, at: Date): Promise<readonly LiveSession[]> {
  const rows = await db.run<{ id: string; created_at: Date; refreshed_at: Date; idle_expires_at: Date; bound: boolean }>(
    `select id, created_at, refreshed_at, idle_expires_at, key_thumbprint is not null as bound from session
      where organization_id = $1 and consumer_id = $2 and revoked_at is null and idle_expires_at > $3 and family_expires_at > $3 order by created_at desc, id desc`,
    [organizationId, consumerId, at],
  );
  return rows.map((row) => ({ id: row.id, createdAt: row.created_at, refreshedAt: row.refreshed_at, idleExpiresAt: row.idle_expires_at, bound: row.bound }));
}

/** Ends sessions of a consumer, one or all or all but one, and answers which; another consumer's are left alone. */
export async function endOwnSessions(
  db: Database,
  organizationId: string,
  consumerId: string,
  which: { readonly only?: string; readonly butNot?: string },
  reason: EndReason,
  at: Date,
): Promise<readonly string[]> {
  const rows = await db.run<{ id: string }>(
    `with ended as (
       update session set revoked_at = $3, revoked_reason = $4
        where organization_id = $1 and consumer_id = $2 and revoked_at is null and ($5::uuid is null or id = $5) and ($6::uuid is null or id <> $6)
       returning organization_id, consumer_id, id),
     taken_back as (${takingBack})
     select id from ended`,
    [organizationId, consumerId, at, reason, which.only ?? null, which.butNot ?? null],
  );
  return rows.map((row) => row.id);
}
