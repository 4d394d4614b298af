import { entryBytes } from "./entry.ts";
import { fromHex } from "./hex.ts";
import { isInBatch, verifyReceipt } from "./personal.ts";
import type { Receipt } from "./personal.ts";
import { hashOfText, readClosing, readCommitment, readReceiptBatch } from "./statements.ts";
import type { ReceiptBatch, SignedStatement } from "./statements.ts";
import type { Transcript } from "./transcript.ts";

type Fields = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);
const isStatement = (value: unknown): value is SignedStatement => isObject(value) && typeof value["text"] === "string" && typeof value["keyId"] === "string";

/**
 * Whether a transcript agrees with what somebody kept from before: a receipt, a statement, the draw as everybody saw it, or an earlier
 * transcript. The instants in a transcript are its service's word; that a text was there already is not. Null for what is none of these.
 */
export function agreesWithKept(kept: unknown, transcript: Transcript, consumerId: string | null = null): boolean | null {
  if (!isObject(kept)) return null;
  if (isStatement(kept)) return isTold(kept.text, transcript);
  if (isStatement(kept["batch"])) return agreesWithReceipt(kept as unknown as Receipt, transcript, consumerId);
  if (kept["format"] === "fanfare-draw-transcript/1") {
    const before = [...asList(kept["commitments"]), kept["closing"], kept["result"], ...asList(kept["continuations"])].filter(isStatement);
    return kept["drawId"] === transcript.drawId && before.every(({ text }) => isTold(text, transcript));
  }
  if (isObject(kept["commitment"]) && typeof kept["id"] === "string") return agreesWithPublic(kept, kept["commitment"], transcript);
  return null;
}

const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function isTold(text: string, { commitments, closing, result, continuations }: Transcript): boolean {
  return [...commitments, closing, result, ...continuations].some((statement) => statement?.text === text);
}

function agreesWithPublic(kept: Fields, commitment: Fields, transcript: Transcript): boolean {
  const root = kept["root"] ?? null;
  return (
    kept["id"] === transcript.drawId &&
    transcript.commitments.some(({ text }) => hashOfText(text) === commitment["hash"]) &&
    (root === null || readClosing(transcript.closing?.text ?? "")?.root === root)
  );
}

/** Reference and weight: an entry may have been excluded since, and nothing else. */
const fixedBytes = 34;
/** Clocks of several machines differ, and what is written down takes a moment to be there. */
const leewayMs = 60_000;

/** What a receipt fixes: its reference and weight at its ticket, the rules that were in force, and that the list was open then. */
function agreesWithReceipt(receipt: Receipt, transcript: Transcript, consumerId: string | null): boolean {
  if (receipt.drawId !== transcript.drawId || !(consumerId === null ? isInBatch(receipt) : verifyReceipt(receipt, consumerId))) return false;
  const batch = readReceiptBatch(receipt.batch.text);
  const listed = fromHex(transcript.entries[receipt.ticket - 1], entryBytes)?.subarray(0, fixedBytes);
  const taken = fromHex(receipt.entry, entryBytes)?.subarray(0, fixedBytes);
  const isListed = listed !== undefined && taken !== undefined && listed.every((byte, at) => byte === taken[at]);
  return isListed && batch !== null && wasOpen(batch, transcript);
}

/** Whether the draw that this transcript tells took entries when the receipt says, under the rules that it names: a rule, or a closing, that was dated back shows here. */
function wasOpen({ commitment, receivedAt }: ReceiptBatch, transcript: Transcript): boolean {
  const commitments = transcript.commitments.map(({ text }) => readCommitment(text));
  const named = transcript.commitments.findIndex(({ text }) => hashOfText(text) === commitment);
  const ruled = commitments[named];
  if (ruled === null || ruled === undefined || ruled.committedAt > receivedAt || ruled.opensAt > receivedAt) return false;
  const closing = readClosing(transcript.closing?.text ?? "");
  const latest = Date.parse(receivedAt) - leewayMs;
  const moments = [...commitments.slice(named + 1).map((later) => later?.committedAt), closing?.closedAt];
  return moments.every((moment) => moment === undefined || Date.parse(moment) >= latest);
}
