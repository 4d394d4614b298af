import {
  hashOfText,
  readClosing,
  readCommitment,
  readProof,
  readResult,
  readTranscript,
  verifyEntry,
  verifyReceipt,
  verifyTranscript,
} from "@fanfare-io/fanfare-draw-proof";
import type { Check, EntryOutcome, Receipt, SignedStatement, Transcript, Verdict, VerifyOptions } from "@fanfare-io/fanfare-draw-proof";

/** What was fetched, and what this browser kept. None of it is trusted. */
export interface Evidence {
  readonly transcript: unknown;
  /** Of this consumer's entry; null for somebody who has none. */
  readonly proof: unknown;
  readonly receipt: unknown;
  readonly consumerId: string | null;
}

/** What follows for this consumer's entry. */
export interface EntryFinding {
  readonly ticket: number;
  readonly entries: number;
  /** It is under the root that was published when entries closed. */
  readonly included: boolean;
  readonly outcome: EntryOutcome | null;
  /** The published winners say the same. */
  readonly agrees: boolean;
  /** The receipt opens to this consumer and names this entry; null without a receipt. */
  readonly receipt: boolean | null;
}

/** What one look at a draw found. */
export interface Finding {
  readonly holds: boolean | null;
  readonly checks: readonly Check[];
  /** Null for somebody without an entry; `missing` where there is proof of one that the list does not bear out. */
  readonly entry: EntryFinding | null;
  /** Whether the draw was to wait for public randomness. */
  readonly promisesBeacon: boolean;
  readonly winners: readonly number[];
  readonly entries: readonly string[];
}

/** Recomputes the whole draw, and one entry of it, from what was published. Pure: asks nobody. */
export function checkDraw({ transcript: published, proof: offered, receipt, consumerId }: Evidence, options: VerifyOptions = {}): Finding {
  const verdict = verifyTranscript(published, options);
  const transcript = readTranscript(published);
  const closing = transcript?.closing ? readClosing(transcript.closing.text) : null;
  const result = transcript?.result ? readResult(transcript.result.text) : null;
  const proof = readProof(offered);
  const promisesBeacon = transcript?.commitments.some(({ text }) => (readCommitment(text)?.beacon ?? null) !== null) ?? false;
  let entry: EntryFinding | null = null;
  if (transcript?.closing && closing && result && proof) {
    const { included, outcome, agrees } = verifyEntry(proof, { closing, closingText: transcript.closing.text, result });
    entry = { ticket: proof.ticket, entries: closing.entries, included, outcome, agrees, receipt: receiptAgrees(receipt, consumerId, transcript) };
  }
  return { holds: overall(verdict, entry), checks: verdict.checks, entry, promisesBeacon, winners: result?.winners ?? [], entries: transcript?.entries ?? [] };
}

const referenceDigits = 64;

/** An entry may have been excluded since: what the receipt fixes is its reference, at its ticket, under the rules of then. */
function receiptAgrees(value: unknown, consumerId: string | null, transcript: Transcript): boolean | null {
  if (value === null || value === undefined) return null;
  const receipt = value as Receipt;
  if (consumerId === null || receipt.drawId !== transcript.drawId || typeof receipt.batch?.text !== "string" || !verifyReceipt(receipt, consumerId))
    return false;
  const { commitment } = JSON.parse(receipt.batch.text) as { commitment?: unknown };
  const isKnown = transcript.commitments.some(({ text }) => hashOfText(text) === commitment);
  return isKnown && transcript.entries[receipt.ticket - 1]?.slice(0, referenceDigits) === receipt.entry.slice(0, referenceDigits);
}

function overall({ checks }: Verdict, entry: EntryFinding | null): boolean | null {
  const entryFails = entry !== null && (!entry.included || !entry.agrees || entry.receipt === false);
  if (entryFails || checks.some(({ holds }) => holds === false)) return false;
  return checks.every(({ holds }) => holds === true) ? true : null;
}

/** Everything in the evidence that carries a signature of the draw's. */
export function statementsOf({ transcript: published, receipt }: Evidence): readonly SignedStatement[] {
  const transcript = readTranscript(published);
  const batch = (receipt as Partial<Receipt> | null)?.batch;
  return [...(transcript?.commitments ?? []), transcript?.closing, transcript?.result, batch].filter((it): it is SignedStatement => Boolean(it));
}

/** Whether each statement is signed by a key of this set. Null where this browser cannot check Ed25519. */
export async function areSigned(statements: readonly SignedStatement[], keys: readonly (JsonWebKey & { readonly kid?: string })[]): Promise<boolean | null> {
  try {
    for (const { text, signature, keyId } of statements) {
      const jwk = keys.find(({ kid }) => kid === keyId);
      if (!jwk) return false;
      const key = await crypto.subtle.importKey("jwk", { kty: jwk.kty, crv: jwk.crv, x: jwk.x } as JsonWebKey, "Ed25519", false, ["verify"]);
      if (!(await crypto.subtle.verify("Ed25519", key, fromBase64url(signature), new TextEncoder().encode(text)))) return false;
    }
    return statements.length > 0;
  } catch (error) {
    if (error instanceof DOMException && error.name === "NotSupportedError") return null;
    return false;
  }
}

function fromBase64url(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
}
