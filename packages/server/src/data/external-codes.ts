import type { ExternalClaims } from "@fanfare-io/fanfare-contract";
import type { Database } from "./database.ts";
import { thumbprintBytes } from "./sessions.ts";

/** What a code stands for. */
export interface ExternalCodeRow {
  readonly identityValue: string;
  readonly claims: ExternalClaims;
  /** S256, base64url; null where none was sent. */
  readonly codeChallenge: string | null;
}

/** Stores a code by its hash. */
export async function insertExternalCode(db: Database, organizationId: string, codeHash: Uint8Array, code: ExternalCodeRow, expiresAt: Date): Promise<void> {
  await db.run("insert into external_code (organization_id, code_hash, identity_value, claims, code_challenge, expires_at) values ($1, $2, $3, $4, $5, $6)", [
    organizationId,
    Buffer.from(codeHash),
    code.identityValue,
    JSON.stringify(code.claims),
    code.codeChallenge,
    expiresAt,
  ]);
}

interface Row {
  readonly identity_value: string;
  readonly claims: ExternalClaims;
  readonly code_challenge: string | null;
}
const toCode = (row: Row | undefined): ExternalCodeRow | null =>
  row === undefined ? null : { identityValue: row.identity_value, claims: row.claims, codeChallenge: row.code_challenge };

/** A code that has neither been used nor run out, or that the same device has used. */
const usable = "organization_id = $1 and code_hash = $2 and expires_at > $3 and (used_at is null or used_key = $4)";

/** What a code stands for, left as it is; null where it is of no use to this device. */
export async function findExternalCode(
  db: Database,
  organizationId: string,
  codeHash: Uint8Array,
  asking: { readonly keyThumbprint: string | null; readonly at: Date },
): Promise<ExternalCodeRow | null> {
  const [row] = await db.run<Row>(`select identity_value, claims, code_challenge from external_code where ${usable}`, [
    organizationId,
    Buffer.from(codeHash),
    asking.at,
    thumbprintBytes(asking),
  ]);
  return toCode(row);
}

/** Uses a code; false where another device was first. */
export async function useExternalCode(
  db: Database,
  organizationId: string,
  codeHash: Uint8Array,
  asking: { readonly keyThumbprint: string | null; readonly at: Date },
): Promise<boolean> {
  const rows = await db.run(`update external_code set used_at = $3, used_key = $4 where ${usable} returning 1`, [
    organizationId,
    Buffer.from(codeHash),
    asking.at,
    thumbprintBytes(asking),
  ]);
  return rows.length === 1;
}

/** Deletes codes that have run out. */
export async function deleteExternalCodes(db: Database, now: Date, limit: number): Promise<number> {
  const rows = await db.run(
    `delete from external_code where (organization_id, code_hash) in (select organization_id, code_hash from external_code where expires_at < $1 limit $2) returning 1`,
    [now, limit],
  );
  return rows.length;
}
