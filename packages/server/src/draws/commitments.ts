import { hashOfSeed, toHex } from "@fanfare-io/fanfare-draw-proof";
import { beaconChains, roundTime } from "@fanfare-io/fanfare-draw-proof/beacon";
import type { DrawBeaconRound } from "@fanfare-io/fanfare-contract";
import type { Database } from "../data/database.ts";
import { readSecrets } from "../data/draw-secrets.ts";
import { readStatements, recommit } from "../data/draw-statements.ts";
import type { DrawDetails } from "../data/draw-statements.ts";
import { keyOf } from "../data/draws.ts";
import { writeCommitment } from "../domain/draw-statements.ts";
import { closesAt, missedBeacon } from "../domain/draw.ts";
import type { DrawFacts } from "../domain/draw.ts";

/** What may be changed of a draw's terms; instants in milliseconds. What is left out stays. */
export interface TermsChange {
  readonly openAt?: number | null;
  readonly closeAt?: number | null;
  readonly drawAt?: number;
  readonly winnerCount?: number;
  readonly continueSelecting?: boolean;
  readonly maxWeight?: number;
  readonly beacon?: DrawBeaconRound | null;
}

/**
 * Publishes a further commitment with these changes, and what else changes with them; null when the draw was drawn, called off, or
 * changed by another since it was read.
 */
export async function changeTerms(db: Database, draw: DrawFacts, change: TermsChange, now: number, details: DrawDetails = {}): Promise<DrawFacts | null> {
  const key = keyOf(draw);
  const statements = await readStatements(db, key);
  const last = statements.find(({ kind, number }) => kind === "commitment" && number === draw.commitments);
  if (last === undefined) throw new Error("A draw that committed to nothing.");
  // Clocks of nodes differ; a commitment is never older than the one that it replaces.
  const at = Math.max(now, last.madeAt, draw.closedAt === null ? 0 : draw.closedAt + 1);
  const { seed } = await readSecrets(db, key);
  const next = { ...draw, ...change };
  const opened = draw.opensAt <= at;
  const opensAt = opened ? draw.opensAt : change.openAt === undefined ? draw.opensAt : Math.max(at, change.openAt ?? at);
  const terms = { ...next, drawId: draw.id, opensAt, closesAt: closesAt(next), drawsAt: next.drawAt, seedHash: toHex(hashOfSeed(seed)) };
  const text = writeCommitment(terms, at, last.text);
  const rows = {
    openAt: next.openAt === null ? null : new Date(next.openAt),
    opensAt: new Date(opensAt),
    closeAt: next.closeAt === null ? null : new Date(next.closeAt),
    drawAt: new Date(next.drawAt),
    winnerCount: next.winnerCount,
    continueSelecting: next.continueSelecting,
    maxWeight: next.maxWeight,
    beacon: next.beacon === null ? null : { ...next.beacon, at: new Date(next.beacon.at) },
  };
  return recommit(db, key, { after: draw.commitments, text, terms: rows, closed: draw.closedAt !== null, opened }, details, new Date(at));
}

const roundMarginMs = 30_000;

/** The first round of a chain that comes after an instant and a margin; null for a chain that nobody here knows. */
export function roundAfter(chainHash: string, moment: number): DrawBeaconRound | null {
  const chain = beaconChains.find((one) => one.chainHash === chainHash);
  if (chain === undefined) return null;
  const round = Math.ceil((moment + roundMarginMs - chain.genesisTime * 1000) / (chain.periodSeconds * 1000)) + 1;
  return { chainHash, round, at: new Date(roundTime(chain, round)).toISOString() };
}

/** Where a service that stood still would close the list only after the promised round, a later one is promised first. */
export async function promiseLaterRound(db: Database, draw: DrawFacts, now: number): Promise<void> {
  if (!missedBeacon(draw, now) || draw.beacon === null) return;
  const beacon = roundAfter(draw.beacon.chainHash, now);
  if (beacon !== null) await changeTerms(db, draw, { beacon }, now);
}
