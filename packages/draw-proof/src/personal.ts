import { entryBytes, readEntry, refOf } from "./entry.ts";
import { fromHex, toHex } from "./hex.ts";
import { followPath, hashLeaves } from "./merkle.ts";
import { rankingKey, scoreOf } from "./ranking.ts";
import { sha256 } from "./sha256.ts";
import { hashOfText, readReceiptBatch } from "./statements.ts";
import type { Closing, Continuation, Result, SignedStatement } from "./statements.ts";

/** The service's signed word that an entry was taken: worth keeping, because it holds even where the list does not. */
export interface Receipt {
  readonly drawId: string;
  /** As it was taken: 70 hexadecimal digits. */
  readonly entry: string;
  readonly ticket: number;
  /** 16 bytes, hex: with ticket and consumer id it opens the entry's reference. */
  readonly salt: string;
  readonly batch: SignedStatement;
  /** From the entry to the root of the batch, base64url. */
  readonly path: string;
}

/** That an entry is under the published root: a kilobyte for a million entries. */
export interface InclusionProof {
  readonly drawId: string;
  readonly entry: string;
  readonly ticket: number;
  /** Entries in the closed list. */
  readonly entries: number;
  /** The hashes from the entry up to the root, lowest first, one after another, base64url. */
  readonly path: string;
}

/** Writes the hashes of a path as one text. */
export function writePath(path: readonly Uint8Array[]): string {
  let binary = "";
  for (const hash of path) binary += String.fromCharCode(...hash);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function readPath(text: string): readonly Uint8Array[] | null {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return null;
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  if (binary.length % 32 !== 0) return null;
  return Array.from({ length: binary.length / 32 }, (_, at) => Uint8Array.from(binary.slice(32 * at, 32 * at + 32), (letter) => letter.charCodeAt(0)));
}

/** Reads what claims to be a proof; null when it has not the form of one. */
export function readProof(value: unknown): InclusionProof | null {
  if (typeof value !== "object" || value === null) return null;
  const it = value as Partial<Record<keyof InclusionProof, unknown>>;
  const sound =
    typeof it.drawId === "string" &&
    fromHex(it.entry, entryBytes) !== null &&
    Number.isSafeInteger(it.ticket) &&
    Number.isSafeInteger(it.entries) &&
    typeof it.path === "string";
  return sound ? (it as InclusionProof) : null;
}

function leadsTo(root: string, entry: string, place: { readonly index: number; readonly size: number }, path: string): boolean {
  const bytes = fromHex(entry, entryBytes);
  const hashes = readPath(path);
  if (bytes === null || hashes === null) return false;
  const reached = followPath(hashLeaves(bytes, entryBytes), place.index, place.size, hashes);
  return reached !== null && toHex(reached) === root;
}

/** Whether a receipt is this consumer's and its batch holds the entry. The batch's signature is checked apart, against the service's keys. */
export function verifyReceipt(receipt: Receipt, consumerId: string): boolean {
  const salt = fromHex(receipt.salt, 16);
  const entry = readEntry(fromHex(receipt.entry, entryBytes) ?? new Uint8Array());
  try {
    if (salt === null || entry === null || toHex(refOf({ ticket: receipt.ticket, salt, consumerId })) !== toHex(entry.ref)) return false;
  } catch {
    return false;
  }
  return isInBatch(receipt);
}

/** Whether the batch that was signed holds a receipt's entry, whoever's it is. */
export function isInBatch(receipt: Receipt): boolean {
  const batch = readReceiptBatch(receipt.batch.text);
  if (batch === null || batch.drawId !== receipt.drawId) return false;
  return leadsTo(batch.root, receipt.entry, { index: receipt.ticket - batch.firstTicket, size: batch.count }, receipt.path);
}

/** What became of one entry; `won` also where a win was given on to it. `excluded` = it is in the list as one that takes no part. */
export type EntryOutcome = "won" | "not_selected" | "excluded";

/** What one entrant can say without the whole list. */
export interface EntryVerdict {
  /** The entry is under the published root, at the ticket that the proof names. */
  readonly included: boolean;
  /** The outcome that follows from seed, beacon and entry; null when the proof is of no use. */
  readonly outcome: EntryOutcome | null;
  /** Whether the published result says the same. */
  readonly agrees: boolean;
}

/** Checks one entry against what was published, in well under a millisecond. That all other entries are in order takes the whole transcript. */
export function verifyEntry(
  proof: InclusionProof,
  published: { readonly closing: Closing; readonly closingText: string; readonly result: Result; readonly continuations?: readonly Continuation[] },
): EntryVerdict {
  const { closing, closingText, result, continuations = [] } = published;
  const entry = readEntry(fromHex(proof.entry, entryBytes) ?? new Uint8Array());
  const place = { index: proof.ticket - 1, size: closing.entries };
  const included =
    entry !== null &&
    proof.drawId === closing.drawId &&
    proof.entries === closing.entries &&
    result.closing === hashOfText(closingText) &&
    leadsTo(closing.root, proof.entry, place, proof.path);
  if (!included) return { included, outcome: null, agrees: false };
  const listed = [result, ...continuations].some(({ winners }) => winners.includes(proof.ticket));
  if (entry.class !== "entered") return { included, outcome: "excluded", agrees: !listed };
  const signature = result.beacon === null ? null : fromHex(result.beacon.signature, result.beacon.signature.length / 2);
  const key = rankingKey(fromHex(result.seed, 32) ?? new Uint8Array(32), signature === null ? null : sha256(signature));
  const cutoff = continuations.at(-1)?.cutoff ?? result.cutoff;
  const won = cutoff !== null && toHex(scoreOf(key, entry.ref, entry.weight)) <= cutoff;
  return { included, outcome: won ? "won" : "not_selected", agrees: won === listed };
}
