import { hashOfText } from "@fanfare-io/fanfare-draw-proof";
import type { BeaconRound, Closing, Commitment, Continuation, ReceiptBatch, Result } from "@fanfare-io/fanfare-draw-proof";

/** The terms that a commitment fixes; instants in milliseconds. */
export interface CommittedTerms {
  readonly organizationId: string;
  readonly drawId: string;
  readonly opensAt: number;
  readonly closesAt: number;
  readonly drawsAt: number;
  readonly winnerCount: number;
  readonly maxWeight: number;
  readonly continueSelecting: boolean;
  readonly beacon: BeaconRound | null;
  readonly seedHash: string;
}

/** Writes a commitment (docs/draw-proof.md). `previous` = the text of the one that it replaces. */
export function writeCommitment(terms: CommittedTerms, committedAt: number, previous: string | null): string {
  const commitment: Commitment = {
    format: "fanfare-draw-commitment/1",
    organizationId: terms.organizationId,
    drawId: terms.drawId,
    committedAt: iso(committedAt),
    opensAt: iso(terms.opensAt),
    closesAt: iso(terms.closesAt),
    drawsAt: iso(terms.drawsAt),
    winnerCount: terms.winnerCount,
    weighting: terms.maxWeight === 1 ? { rule: "equal" } : { rule: "luck_balancing", maxWeight: terms.maxWeight },
    continueSelecting: terms.continueSelecting,
    seedHash: terms.seedHash,
    beacon: terms.beacon,
    previous: previous === null ? null : hashOfText(previous),
  };
  return JSON.stringify(commitment);
}

/** The commitment that was in force at an instant: the last one made by then. */
export function inForceAt<Made extends { readonly text: string; readonly madeAt: number }>(commitments: readonly Made[], at: number): Made {
  const found = commitments.findLast(({ madeAt }) => madeAt <= at);
  if (found === undefined) throw new Error("A draw that committed to nothing.");
  return found;
}

/** Writes what is published when entries have closed. */
export function writeClosing(closing: {
  readonly drawId: string;
  readonly commitment: string;
  readonly closedAt: number;
  readonly entries: number;
  readonly root: string;
}): string {
  const statement: Closing = {
    format: "fanfare-draw-closing/1",
    drawId: closing.drawId,
    commitment: hashOfText(closing.commitment),
    closedAt: iso(closing.closedAt),
    entries: closing.entries,
    root: closing.root,
  };
  return JSON.stringify(statement);
}

/** Writes what is published when the draw is made. */
export function writeResult(result: {
  readonly drawId: string;
  readonly closing: string;
  readonly drawnAt: number;
  readonly seed: string;
  readonly beacon: Result["beacon"];
  readonly winners: readonly number[];
  readonly cutoff: string | null;
}): string {
  const statement: Result = { format: "fanfare-draw-result/1", ...result, closing: hashOfText(result.closing), drawnAt: iso(result.drawnAt) };
  return JSON.stringify(statement);
}

/** Writes what is published when wins are given on. `previous` = the text of the result, or of the continuation before. */
export function writeContinuation(told: {
  readonly drawId: string;
  readonly previous: string;
  readonly at: number;
  readonly unclaimed: readonly number[];
  readonly withdrawn: readonly number[];
  readonly winners: readonly number[];
  readonly cutoff: string;
}): string {
  const statement: Continuation = { format: "fanfare-draw-continuation/1", ...told, previous: hashOfText(told.previous), at: iso(told.at) };
  return JSON.stringify(statement);
}

/** Writes what the receipts of one moment share. */
export function writeReceiptBatch(batch: {
  readonly drawId: string;
  readonly commitment: string;
  readonly receivedAt: number;
  readonly firstTicket: number;
  readonly count: number;
  readonly root: string;
}): string {
  const statement: ReceiptBatch = {
    format: "fanfare-draw-receipt/1",
    drawId: batch.drawId,
    commitment: hashOfText(batch.commitment),
    receivedAt: iso(batch.receivedAt),
    firstTicket: batch.firstTicket,
    count: batch.count,
    root: batch.root,
  };
  return JSON.stringify(statement);
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
