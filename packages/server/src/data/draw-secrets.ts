import type { Database } from "./database.ts";
import type { DrawKey } from "./draws.ts";

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
