import {
  agreesWithKept,
  readClosing,
  readCommitment,
  readContinuation,
  readProof,
  readResult,
  readTranscript,
  verifyEntry,
  verifyTranscript,
} from "@fanfare-io/fanfare-draw-proof";
import type { Check, EntryOutcome, Receipt, SignedStatement, Verdict, VerifyOptions } from "@fanfare-io/fanfare-draw-proof";

/** What was fetched, and what this browser kept. None of it is trusted. */
export interface Evidence {
  readonly transcript: unknown;
  /** Of this consumer's entry; null for somebody who has none. */
  readonly proof: unknown;
  readonly receipt: unknown;
  /** Whose entry it may be: the consumer's, and that of the guest they once were. Empty: nobody's in particular. */
  readonly consumerIds: readonly string[];
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
}

/** What one look at a draw found. */
export interface Finding {
  readonly holds: boolean | null;
  readonly checks: readonly Check[];
  /** Null where the service proves none. */
  readonly entry: EntryFinding | null;
  /** The receipt opens to this consumer, and the list has its entry at its ticket; null without a receipt. */
  readonly receipt: boolean | null;
  /** Whether the draw was to wait for public randomness. */
  readonly promisesBeacon: boolean;
  readonly winners: readonly number[];
  readonly entries: readonly string[];
}

/** Recomputes the whole draw, and one entry of it, from what was published. Pure: asks nobody. */
export function checkDraw({ transcript: published, proof: offered, receipt, consumerIds }: Evidence, options: VerifyOptions = {}): Finding {
  const verdict = verifyTranscript(published, options);
  const transcript = readTranscript(published);
  const closing = transcript?.closing ? readClosing(transcript.closing.text) : null;
  const result = transcript?.result ? readResult(transcript.result.text) : null;
  const continuations = (transcript?.continuations ?? []).map(({ text }) => readContinuation(text)).filter((one) => one !== null);
  const proof = readProof(offered);
  const promisesBeacon = transcript?.commitments.some(({ text }) => (readCommitment(text)?.beacon ?? null) !== null) ?? false;
  let entry: EntryFinding | null = null;
  const owners = consumerIds.length === 0 ? [null] : consumerIds;
  const kept = receipt === null || receipt === undefined || transcript === null ? null : owners.some((id) => agreesWithKept(receipt, transcript, id) === true);
  if (transcript?.closing && closing && result && proof) {
    const { included, outcome, agrees } = verifyEntry(proof, { closing, closingText: transcript.closing.text, result, continuations });
    entry = { ticket: proof.ticket, entries: closing.entries, included, outcome, agrees };
  }
  const told = { winners: [result, ...continuations].flatMap((one) => one?.winners ?? []), entries: transcript?.entries ?? [] };
  return { holds: overall(verdict, entry, kept), checks: verdict.checks, entry, receipt: kept, promisesBeacon, ...told };
}

/** A receipt without an entry is worse than none: the service took the entry, and now proves none. */
function overall({ checks }: Verdict, entry: EntryFinding | null, receipt: boolean | null): boolean | null {
  const entryFails = receipt === false || (entry !== null && (!entry.included || !entry.agrees));
  if (entryFails || checks.some(({ holds }) => holds === false)) return false;
  return checks.every(({ holds }) => holds === true) ? true : null;
}

/** Everything in the evidence that carries a signature of the draw's. */
export function statementsOf({ transcript: published, receipt }: Evidence): readonly SignedStatement[] {
  const transcript = readTranscript(published);
  const batch = (receipt as Partial<Receipt> | null)?.batch;
  return [...(transcript?.commitments ?? []), transcript?.closing, transcript?.result, ...(transcript?.continuations ?? []), batch].filter(
    (it): it is SignedStatement => Boolean(it),
  );
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
