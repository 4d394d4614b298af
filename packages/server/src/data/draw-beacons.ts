import type { BeaconTrouble, DrawBeaconRound } from "@fanfare-io/fanfare-contract";
import type { Database } from "./database.ts";
import type { DrawKey } from "./draws.ts";

/** A round that is over and that draws wait for. */
export interface AwaitedRound {
  readonly round: DrawBeaconRound;
  readonly draws: readonly DrawKey[];
}

/** The rounds, over all tenants, that closed draws wait for: the service asks for each once, whoever waits for it. */
export async function findAwaitedRounds(db: Database, now: Date): Promise<readonly AwaitedRound[]> {
  const rows = await db.run<{ beacon_chain: string; beacon_round: number; beacon_at: Date; draws: readonly DrawKey[] }>(
    `select beacon_chain, beacon_round, beacon_at, json_agg(json_build_object('organizationId', organization_id, 'drawId', id)) as draws from draw
      where drawn_at is null and cancelled_at is null and not archived and rooted_at is not null and drawing_at is null
        and beacon_at <= $1 and beacon_signature is null
      group by beacon_chain, beacon_round, beacon_at`,
    [now],
  );
  return rows.map((row) => ({ round: { chainHash: row.beacon_chain, round: row.beacon_round, at: row.beacon_at.toISOString() }, draws: row.draws }));
}

/** Keeps the signature of the promised round of the promised chain; the first one stays. */
export async function recordBeacon(db: Database, key: DrawKey, promised: Pick<DrawBeaconRound, "chainHash" | "round">, signature: Uint8Array): Promise<void> {
  await db.run(
    `update draw set beacon_signature = $5, beacon_trouble = null
      where organization_id = $1 and id = $2 and beacon_chain = $3 and beacon_round = $4 and beacon_signature is null and drawing_at is null`,
    [key.organizationId, key.drawId, promised.chainHash, promised.round, signature],
  );
}

/** Writes down why a draw still waits for its round. */
export async function noteBeaconTrouble(
  db: Database,
  key: DrawKey,
  promised: Pick<DrawBeaconRound, "chainHash" | "round">,
  trouble: BeaconTrouble,
  at: Date,
): Promise<void> {
  await db.run(
    `update draw set beacon_trouble = $5, beacon_asked_at = $6
      where organization_id = $1 and id = $2 and beacon_chain = $3 and beacon_round = $4 and beacon_signature is null`,
    [key.organizationId, key.drawId, promised.chainHash, promised.round, trouble, at],
  );
}
