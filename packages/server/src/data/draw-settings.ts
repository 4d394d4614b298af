import type { CreateDrawRequest } from "@fanfare-io/fanfare-contract";
import type { DrawFacts } from "../domain/draw.ts";
import type { Database } from "./database.ts";
import { drawColumns, toFacts } from "./draw-rows.ts";
import type { DrawRow } from "./draw-rows.ts";
import type { DrawKey } from "./draws.ts";

/** What a new draw starts with. */
export interface NewDraw {
  readonly id: string;
  readonly experienceId: string;
  readonly request: CreateDrawRequest;
  readonly seed: Uint8Array;
  readonly blindingKey: Uint8Array;
  readonly opensAt: Date;
  readonly at: Date;
  /** The first commitment. */
  readonly commitment: string;
}

const instantOf = (text: string | null | undefined): Date | null => (text === null || text === undefined ? null : new Date(text));
/** A day: nobody can be expected to watch for the result. */
const defaultAdmissionExpirationSeconds = 86_400;

/** The statements that make a draw, its counters and its first commitment, for a batch: none of them without the others. */
export function insertDraw(organizationId: string, draw: NewDraw): readonly { readonly statement: string; readonly parameters: readonly unknown[] }[] {
  const { request } = draw;
  const maxWeight = request.weighting?.rule === "luck_balancing" ? request.weighting.maxWeight : 1;
  return [
    {
      statement: `insert into draw (organization_id, id, sequence_id, experience_id, name, open_at, opens_at, close_at, draw_at, winner_count, capacity,
        admission_expiration_seconds, continue_selecting, max_weight, beacon_chain, beacon_round, beacon_at, message, seed, blinding_key, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)`,
      parameters: [
        organizationId,
        draw.id,
        request.sequenceId,
        draw.experienceId,
        request.name,
        instantOf(request.openAt),
        draw.opensAt,
        instantOf(request.closeAt),
        new Date(request.drawAt),
        request.winnerCount,
        request.capacity ?? null,
        request.admissionExpirationSeconds ?? defaultAdmissionExpirationSeconds,
        request.continueSelectingUntilCompleted ?? false,
        maxWeight,
        request.beacon?.chainHash ?? null,
        request.beacon?.round ?? null,
        instantOf(request.beacon?.at),
        request.message ?? null,
        draw.seed,
        draw.blindingKey,
        draw.at,
      ],
    },
    { statement: "insert into distribution_counters (distribution_id, organization_id) values ($1, $2)", parameters: [draw.id, organizationId] },
    {
      statement: "insert into draw_statement (draw_id, organization_id, kind, number, text, made_at) values ($1, $2, 'commitment', 1, $3, $4)",
      parameters: [draw.id, organizationId, draw.commitment, draw.at],
    },
  ];
}

/** Calls a draw off; null when it is drawn, being drawn, or called off already. */
export async function cancelDraw(db: Database, key: DrawKey, message: string | null, at: Date): Promise<DrawFacts | null> {
  const [row] = await db.run<DrawRow>(
    `update draw set cancelled_at = $3, message = coalesce($4, message), updated_at = $3
      where organization_id = $1 and id = $2 and cancelled_at is null and drawing_at is null returning ${drawColumns}`,
    [key.organizationId, key.drawId, at, message],
  );
  return row === undefined ? null : toFacts(row);
}
