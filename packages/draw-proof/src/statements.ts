import { sha256 } from "./sha256.ts";
import { fromHex, toHex } from "./hex.ts";

/** A word of the service, signed. The text is kept as it was signed, byte for byte, so that nobody has to agree on how to write JSON. */
export interface SignedStatement {
  readonly text: string;
  /** Ed25519 over the UTF-8 bytes of the text, base64url. */
  readonly signature: string;
  /** The key's `kid` in the service's JWKS. */
  readonly keyId: string;
}

/** How chances are spread. */
export type Weighting = { readonly rule: "equal" } | { readonly rule: "luck_balancing"; readonly maxWeight: number };

/** The public round that a draw waits for. */
export interface BeaconRound {
  readonly chainHash: string;
  readonly round: number;
  readonly at: string;
}

/** What is fixed in public before entries open. Instants are written `2026-11-22T10:00:00.000Z`, so that they compare as texts. */
export interface Commitment {
  readonly format: "fanfare-draw-commitment/1";
  readonly organizationId: string;
  readonly drawId: string;
  readonly committedAt: string;
  readonly opensAt: string;
  readonly closesAt: string;
  readonly drawsAt: string;
  readonly winnerCount: number;
  readonly weighting: Weighting;
  readonly continueSelecting: boolean;
  /** SHA-256 of 0x04 and the seed, hex. */
  readonly seedHash: string;
  readonly beacon: BeaconRound | null;
  /** Hash of the commitment that this one replaces. */
  readonly previous: string | null;
}

/** What is published when entries have closed. */
export interface Closing {
  readonly format: "fanfare-draw-closing/1";
  readonly drawId: string;
  /** Hash of the commitment in force. */
  readonly commitment: string;
  readonly closedAt: string;
  readonly entries: number;
  readonly root: string;
}

/** What is published when the draw is made. */
export interface Result {
  readonly format: "fanfare-draw-result/1";
  readonly drawId: string;
  /** Hash of the closing. */
  readonly closing: string;
  readonly drawnAt: string;
  readonly seed: string;
  readonly beacon: { readonly round: number; readonly signature: string } | null;
  /** Tickets in the order in which they were drawn. */
  readonly winners: readonly number[];
  /** The score of the last winner, hex; null where there is none. */
  readonly cutoff: string | null;
}

/** What is published when wins that nobody claimed, or that the operator took back, are given on. */
export interface Continuation {
  readonly format: "fanfare-draw-continuation/1";
  readonly drawId: string;
  /** Hash of the result, or of the continuation before. */
  readonly previous: string;
  readonly at: string;
  /** Tickets whose win ran out since, and tickets whose win the operator took back. */
  readonly unclaimed: readonly number[];
  readonly withdrawn: readonly number[];
  /** Who follows, in the order of the ranking. */
  readonly winners: readonly number[];
  /** The score of the last of them, hex. */
  readonly cutoff: string;
}

/** What the text of a receipt's batch says; one signature serves everybody who entered in the same moment. */
export interface ReceiptBatch {
  readonly format: "fanfare-draw-receipt/1";
  readonly drawId: string;
  /** Hash of the commitment in force. */
  readonly commitment: string;
  readonly receivedAt: string;
  readonly firstTicket: number;
  readonly count: number;
  /** Root over the entries of the batch. */
  readonly root: string;
}

/** The hash by which other statements name one: SHA-256 of its text, hex. */
export function hashOfText(text: string): string {
  return toHex(sha256(new TextEncoder().encode(text)));
}

/** What a commitment says of a seed without giving it away: SHA-256 of 0x04 and its 32 bytes. */
export function hashOfSeed(seed: Uint8Array): Uint8Array<ArrayBuffer> {
  return sha256(Uint8Array.of(0x04, ...seed));
}

/** The most that an entry may weigh under a rule. */
export function maxWeightOf(weighting: Weighting): number {
  return weighting.rule === "equal" ? 1 : weighting.maxWeight;
}

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
const isHash = (value: unknown): value is string => fromHex(value, 32) !== null;
const isInstant = (value: unknown): value is string => typeof value === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value);

// A text that readers in two languages could read in two ways is none: a member told twice, 5.0 or 5e0 for 5, white space, needless escapes.
// What it says is written again, and has to be the same text.
function readPlain(text: string): unknown {
  const value: unknown = JSON.parse(text, (_, member: unknown) => {
    if (typeof member === "number" && !Number.isSafeInteger(member)) throw new RangeError("A number that is no integer.");
    return member;
  });
  return JSON.stringify(value) === text ? value : null;
}

function parse(text: string, format: string): Fields | null {
  try {
    const value = readPlain(text);
    return isObject(value) && value["format"] === format && typeof value["drawId"] === "string" ? value : null;
  } catch {
    return null;
  }
}

const isWeighting = (value: unknown): boolean =>
  isObject(value) && (value["rule"] === "equal" || (value["rule"] === "luck_balancing" && isCount(value["maxWeight"]) && value["maxWeight"] >= 1));
const isBeaconRound = (value: unknown): boolean => isObject(value) && isHash(value["chainHash"]) && isCount(value["round"]) && isInstant(value["at"]);

/** Reads a commitment; null for a text that is none. */
export function readCommitment(text: string): Commitment | null {
  const it = parse(text, "fanfare-draw-commitment/1");
  const sound =
    it !== null &&
    typeof it["organizationId"] === "string" &&
    [it["committedAt"], it["opensAt"], it["closesAt"], it["drawsAt"]].every(isInstant) &&
    isCount(it["winnerCount"]) &&
    isWeighting(it["weighting"]) &&
    typeof it["continueSelecting"] === "boolean" &&
    isHash(it["seedHash"]) &&
    (it["beacon"] === null || isBeaconRound(it["beacon"])) &&
    (it["previous"] === null || isHash(it["previous"]));
  return sound ? (it as unknown as Commitment) : null;
}

/** Reads a closing; null for a text that is none. */
export function readClosing(text: string): Closing | null {
  const it = parse(text, "fanfare-draw-closing/1");
  const sound = it !== null && isHash(it["commitment"]) && isInstant(it["closedAt"]) && isCount(it["entries"]) && isHash(it["root"]);
  return sound ? (it as unknown as Closing) : null;
}

/** Reads a result; null for a text that is none. */
export function readResult(text: string): Result | null {
  const it = parse(text, "fanfare-draw-result/1");
  const beacon = it?.["beacon"];
  const sound =
    it !== null &&
    isHash(it["closing"]) &&
    isInstant(it["drawnAt"]) &&
    isHash(it["seed"]) &&
    (beacon === null || (isObject(beacon) && isCount(beacon["round"]) && typeof beacon["signature"] === "string")) &&
    Array.isArray(it["winners"]) &&
    it["winners"].every(isCount) &&
    (it["cutoff"] === null || isHash(it["cutoff"]));
  return sound ? (it as unknown as Result) : null;
}

/** Reads a continuation; null for a text that is none. */
export function readContinuation(text: string): Continuation | null {
  const it = parse(text, "fanfare-draw-continuation/1");
  const sound =
    it !== null &&
    isHash(it["previous"]) &&
    isInstant(it["at"]) &&
    [it["unclaimed"], it["withdrawn"], it["winners"]].every((tickets) => Array.isArray(tickets) && tickets.every(isCount)) &&
    isHash(it["cutoff"]);
  return sound ? (it as unknown as Continuation) : null;
}

/** Reads what the receipts of one moment share; null for a text that is none. */
export function readReceiptBatch(text: string): ReceiptBatch | null {
  const it = parse(text, "fanfare-draw-receipt/1");
  const sound =
    it !== null && isHash(it["commitment"]) && isInstant(it["receivedAt"]) && isCount(it["firstTicket"]) && isCount(it["count"]) && isHash(it["root"]);
  return sound ? (it as unknown as ReceiptBatch) : null;
}
