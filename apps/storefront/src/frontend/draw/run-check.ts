import { areSigned, checkDraw, statementsOf } from "./check.ts";
import type { Finding } from "./check.ts";

/** What a check on this page found, and what it cost. */
export interface Checked extends Finding {
  /** Signatures of rules, list, result and receipt; null where they could not be checked here. */
  readonly signed: boolean | null;
  /** For the recomputation alone, fetching and signatures apart. */
  readonly milliseconds: number;
  /** As it was fetched, for whoever wants to check it elsewhere. */
  readonly transcript: unknown;
}

/** What is asked for. Each is fetched when the check begins. */
export interface ToCheck {
  transcript(): Promise<unknown>;
  proof(): Promise<unknown>;
  receipt(): Promise<unknown>;
}

/** Fetches what the draw published and recomputes it here. Raises what the fetching of the transcript raised. */
export async function runCheck(records: ToCheck, consumerIds: readonly string[], apiUrl: string): Promise<Checked> {
  const [transcript, proof, receipt] = await Promise.all([
    records.transcript(),
    // Whoever did not enter has no proof to fetch. Whoever has a receipt can do without: the list has the entry, or it has not.
    consumerIds.length === 0 ? null : records.proof().catch(() => null),
    records.receipt(),
  ]);
  const evidence = { transcript, proof, receipt, consumerIds };
  const options = usesBeacon(transcript) ? await beaconOptions() : {};
  const began = performance.now();
  const finding = checkDraw(evidence, options);
  const milliseconds = performance.now() - began;
  const keys = await fetchKeys(apiUrl);
  const signed = keys === null ? null : await areSigned(statementsOf(evidence), keys);
  return { ...finding, holds: signed === false ? false : finding.holds, signed, milliseconds, transcript };
}

const usesBeacon = (transcript: unknown): boolean => JSON.stringify(transcript).includes("chainHash");

// Elliptic curves weigh more than the rest of the check, and few draws need them.
async function beaconOptions(): Promise<Parameters<typeof checkDraw>[1]> {
  const { verifyBeacon } = await import("@fanfare-io/fanfare-draw-proof/beacon");
  return { verifyBeacon };
}

async function fetchKeys(apiUrl: string): Promise<JsonWebKey[] | null> {
  try {
    const answer = await fetch(`${apiUrl}/.well-known/jwks.json`);
    return ((await answer.json()) as { keys: JsonWebKey[] }).keys;
  } catch {
    return null;
  }
}
