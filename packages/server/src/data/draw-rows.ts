import type { BeaconTrouble } from "@fanfare-io/fanfare-contract";
import type { DrawFacts } from "../domain/draw.ts";

/** A row of `draw`, as `drawColumns` read it. */
export interface DrawRow {
  readonly organization_id: string;
  readonly id: string;
  readonly experience_id: string;
  readonly sequence_id: string;
  readonly name: string;
  readonly open_at: Date | null;
  readonly opens_at: Date;
  readonly close_at: Date | null;
  readonly draw_at: Date;
  readonly earlier_draw_ats: readonly Date[];
  readonly winner_count: number;
  readonly capacity: number | null;
  readonly admission_expiration_seconds: number;
  readonly continue_selecting: boolean;
  readonly max_weight: number;
  readonly beacon_chain: string | null;
  readonly beacon_round: number | null;
  readonly beacon_at: Date | null;
  readonly has_signature: boolean;
  readonly beacon_asked_at: Date | null;
  readonly beacon_trouble: BeaconTrouble | null;
  readonly message: string | null;
  readonly commitments: number;
  readonly next_ticket: number;
  readonly excluded: number;
  readonly closed_at: Date | null;
  readonly rooted_at: Date | null;
  readonly root: string | null;
  readonly drawing_at: Date | null;
  readonly drawn_at: Date | null;
  readonly ranked: number;
  readonly offered: number;
  readonly settled_at: Date | null;
  readonly cancelled_at: Date | null;
  readonly archived: boolean;
  readonly created_at: Date;
  readonly updated_at: Date | null;
}

/** What is read of a draw. Seed and blinding key are left out: who needs them reads them by name (`draw-secrets.ts`). */
export const drawColumns = `organization_id, id, experience_id, sequence_id, name, open_at, opens_at, close_at, draw_at, earlier_draw_ats, winner_count, capacity,
  admission_expiration_seconds, continue_selecting, max_weight, beacon_chain, beacon_round, beacon_at, beacon_signature is not null as has_signature,
  beacon_asked_at, beacon_trouble, message, commitments, next_ticket, excluded, closed_at, rooted_at, encode(root, 'hex') as root, drawing_at, drawn_at, ranked, offered, settled_at, cancelled_at, archived,
  created_at, updated_at`;

const millis = (at: Date | null): number | null => at?.getTime() ?? null;

/** A row as the decisions know it; instants in milliseconds. */
export function toFacts(row: DrawRow): DrawFacts {
  return {
    organizationId: row.organization_id,
    id: row.id,
    experienceId: row.experience_id,
    sequenceId: row.sequence_id,
    name: row.name,
    openAt: millis(row.open_at),
    opensAt: row.opens_at.getTime(),
    closeAt: millis(row.close_at),
    drawAt: row.draw_at.getTime(),
    earlierDrawAts: row.earlier_draw_ats.map((at) => at.getTime()),
    winnerCount: row.winner_count,
    capacity: row.capacity,
    admissionExpirationSeconds: row.admission_expiration_seconds,
    continueSelecting: row.continue_selecting,
    maxWeight: row.max_weight,
    beacon:
      row.beacon_chain === null || row.beacon_round === null || row.beacon_at === null
        ? null
        : { chainHash: row.beacon_chain, round: row.beacon_round, at: row.beacon_at.toISOString() },
    hasBeaconSignature: row.has_signature,
    beaconAskedAt: millis(row.beacon_asked_at),
    beaconTrouble: row.beacon_trouble,
    message: row.message,
    commitments: row.commitments,
    tickets: row.next_ticket - 1,
    excluded: row.excluded,
    closedAt: millis(row.closed_at),
    rootedAt: millis(row.rooted_at),
    root: row.root,
    drawingAt: millis(row.drawing_at),
    drawnAt: millis(row.drawn_at),
    ranked: row.ranked,
    offered: row.offered,
    settledAt: millis(row.settled_at),
    cancelledAt: millis(row.cancelled_at),
    archived: row.archived,
    createdAt: row.created_at.getTime(),
    updatedAt: millis(row.updated_at),
  };
}
