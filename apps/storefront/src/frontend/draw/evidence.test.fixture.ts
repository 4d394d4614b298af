import {
  entryBytes,
  hashLeaves,
  hashOfSeed,
  hashOfText,
  pathOf,
  rankEntries,
  rankingKey,
  refOf,
  rootOf,
  toHex,
  writeEntry,
  writePath,
} from "@fanfare-io/fanfare-draw-proof";
import type { InclusionProof, Receipt, SignedStatement, Transcript } from "@fanfare-io/fanfare-draw-proof";
import { generateKeyPairSync, sign } from "node:crypto";
import type { JsonWebKey } from "node:crypto";

/** A draw as the service would have made it, with what each entrant holds. */
export interface FixtureDraw {
  readonly transcript: Transcript;
  readonly keys: readonly (JsonWebKey & { readonly kid: string })[];
  /** Tickets in the order drawn. */
  readonly winners: readonly number[];
  proof(ticket: number): InclusionProof;
  receipt(ticket: number): Receipt;
  consumerId(ticket: number): string;
}

/** Makes and signs a draw of so many equal entries. */
export function makeDraw({ entrants = 5, winnerCount = 2, drawId = "draw_bowl" } = {}): FixtureDraw {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const state = (content: object): SignedStatement => {
    const text = JSON.stringify(content);
    return { text, signature: sign(null, Buffer.from(text), privateKey).toString("base64url"), keyId: "key_1" };
  };
  const consumerId = (ticket: number): string => `01936d6e-0000-7000-8000-${String(ticket).padStart(12, "0")}`;
  const saltOf = (ticket: number): Uint8Array => new Uint8Array(16).fill(ticket % 256);
  const entries = new Uint8Array(entrants * entryBytes);
  for (let ticket = 1; ticket <= entrants; ticket++) {
    const ref = refOf({ ticket, salt: saltOf(ticket), consumerId: consumerId(ticket) });
    entries.set(writeEntry({ ref, weight: 1, class: "entered" }), (ticket - 1) * entryBytes);
  }
  const textOf = (ticket: number): string => toHex(entries.subarray((ticket - 1) * entryBytes, ticket * entryBytes));
  const seed = new Uint8Array(32).fill(7);
  const leaves = hashLeaves(entries, entryBytes);
  const commitment = state({
    format: "fanfare-draw-commitment/1",
    organizationId: "org_demo",
    drawId,
    committedAt: "2026-11-22T09:00:00.000Z",
    opensAt: "2026-11-22T10:00:00.000Z",
    closesAt: "2026-11-22T12:00:00.000Z",
    drawsAt: "2026-11-22T12:05:00.000Z",
    winnerCount,
    weighting: { rule: "equal" },
    continueSelecting: true,
    seedHash: toHex(hashOfSeed(seed)),
    beacon: null,
    previous: null,
  });
  const closedAt = "2026-11-22T12:00:00.010Z";
  const root = toHex(rootOf(leaves));
  const closing = state({ format: "fanfare-draw-closing/1", drawId, commitment: hashOfText(commitment.text), closedAt, entries: entrants, root });
  const ranking = rankEntries(entries, rankingKey(seed, null));
  const winners = [...ranking.tickets.slice(0, winnerCount)];
  const cutoff = winners.length === 0 ? null : toHex(ranking.scoreAt(winners.length - 1));
  const drawnAt = "2026-11-22T12:05:00.020Z";
  const result = state({
    format: "fanfare-draw-result/1",
    drawId,
    closing: hashOfText(closing.text),
    drawnAt,
    seed: toHex(seed),
    beacon: null,
    winners,
    cutoff,
  });
  const receivedAt = "2026-11-22T10:00:01.000Z";
  const batch = state({ format: "fanfare-draw-receipt/1", drawId, commitment: hashOfText(commitment.text), receivedAt, firstTicket: 1, count: entrants, root });
  const pathTo = (ticket: number): string => writePath(pathOf(leaves, ticket - 1));
  return {
    transcript: {
      format: "fanfare-draw-transcript/1",
      drawId,
      commitments: [commitment],
      closing,
      entries: Array.from({ length: entrants }, (_, index) => textOf(index + 1)),
      result,
      continuations: [],
    },
    keys: [{ ...publicKey.export({ format: "jwk" }), kid: "key_1" }],
    winners,
    proof: (ticket) => ({ drawId, entry: textOf(ticket), ticket, entries: entrants, path: pathTo(ticket) }),
    receipt: (ticket) => ({ drawId, entry: textOf(ticket), ticket, salt: toHex(saltOf(ticket)), batch, path: pathTo(ticket) }),
    consumerId,
  };
}
