import { entryBytes } from "./entry.ts";
import { fromHex } from "./hex.ts";
import { isInBatch, verifyReceipt } from "./personal.ts";
import type { Receipt, ReceiptBatch } from "./personal.ts";
import { hashOfText, readClosing, readCommitment } from "./statements.ts";
import type { SignedStatement } from "./statements.ts";
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

const referenceBytes = 32;

/** An entry may have been excluded since: what a receipt fixes is its reference, at its ticket, under a commitment of then. */
function agreesWithReceipt(receipt: Receipt, transcript: Transcript, consumerId: string | null): boolean {
  if (receipt.drawId !== transcript.drawId || !(consumerId === null ? isInBatch(receipt) : verifyReceipt(receipt, consumerId))) return false;
  const batch = JSON.parse(receipt.batch.text) as ReceiptBatch;
  const ruled = transcript.commitments.find(({ text }) => hashOfText(text) === batch.commitment);
  const listed = fromHex(transcript.entries[receipt.ticket - 1], entryBytes)?.subarray(0, referenceBytes);
  const taken = fromHex(receipt.entry, entryBytes)?.subarray(0, referenceBytes);
  const isListed = listed !== undefined && taken !== undefined && listed.every((byte, at) => byte === taken[at]);
  return isListed && ruled !== undefined && (readCommitment(ruled.text)?.committedAt ?? "") <= batch.receivedAt;
}
