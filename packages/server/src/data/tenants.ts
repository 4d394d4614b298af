import type { Database } from "./database.ts";

/** An organization's settings that requests need, found by one of its keys. */
export interface TenantRow {
  readonly id: string;
  readonly embeddingAllowedHosts: readonly string[] | null;
  readonly sessionDurationSeconds: number;
  readonly checkoutSeconds: number;
  /** New guests a minute; null = as many as come. */
  readonly guestsPerMinute: number | null;
}

interface Row {
  readonly id: string;
  readonly embedding_allowed_hosts: string[] | null;
  readonly session_duration_seconds: number;
  readonly checkout_seconds: number;
  readonly guests_per_minute: number | null;
}

/** The organization of a key that has not been revoked. Null for an unknown key. */
export async function findTenantByKey(db: Database, kind: "publishable" | "secret", keyHash: Uint8Array): Promise<TenantRow | null> {
  const [row] = await db.run<Row>(
    `select o.id, o.embedding_allowed_hosts, o.session_duration_seconds, o.checkout_seconds, o.guests_per_minute
       from api_key k join organization o on o.id = k.organization_id
      where k.key_hash = $1 and k.kind = $2 and k.revoked_at is null`,
    [keyHash, kind],
  );
  if (row === undefined) return null;
  return {
    id: row.id,
    embeddingAllowedHosts: row.embedding_allowed_hosts,
    sessionDurationSeconds: row.session_duration_seconds,
    checkoutSeconds: row.checkout_seconds,
    guestsPerMinute: row.guests_per_minute,
  };
}
