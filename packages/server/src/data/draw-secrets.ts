import type { Database } from "./database.ts";
import type { DrawKey } from "./draws.ts";

/** Keeps the recorded signature of the promised round of the promised chain; the first one stays. */
export async function recordBeacon(
  db: Database,
  key: DrawKey,
  promised: { readonly chainHash: string; readonly round: number },
  signature: Uint8Array,
): Promise<void> {
  await db.run(
    `update draw set beacon_signature = $5
      where organization_id = $1 and id = $2 and beacon_chain = $3 and beacon_round = $4 and beacon_signature is null and drawing_at is null`,
    [key.organizationId, key.drawId, promised.chainHash, promised.round, signature],
  );
}

/** What a draw keeps to itself. */
export async function readSecrets(
  db: Database,
  key: DrawKey,
): Promise<{ readonly seed: Uint8Array; readonly blindingKey: Uint8Array; readonly beaconSignature: Uint8Array | null }> {
  const [row] = await db.run<{ seed: Uint8Array; blinding_key: Uint8Array; beacon_signature: Uint8Array | null }>(
    "select seed, blinding_key, beacon_signature from draw where organization_id = $1 and id = $2",
    [key.organizationId, key.drawId],
  );
  if (row === undefined) throw new Error("A draw that is not there.");
  return { seed: row.seed, blindingKey: row.blinding_key, beaconSignature: row.beacon_signature };
}
