import type { Database } from "./database.ts";

/** Takes a proof, named by a hash, for one use over all nodes. False when it was taken before. */
export async function spendProof(db: Database, organizationId: string, id: Uint8Array, expiresAt: Date): Promise<boolean> {
  const rows = await db.run("insert into spent_proof (organization_id, id, expires_at) values ($1, $2, $3) on conflict do nothing returning 1", [
    organizationId,
    id,
    expiresAt,
  ]);
  return rows.length === 1;
}
