import { entryBytes } from "./entry.ts";
import { fromHex } from "./hex.ts";
import type { SignedStatement } from "./statements.ts";

/** Everything that a stranger needs to recompute a draw, and nothing about anybody. */
export interface Transcript {
  readonly format: "fanfare-draw-transcript/1";
  readonly drawId: string;
  /** Oldest first; the last one is in force. */
  readonly commitments: readonly SignedStatement[];
  /** Null until entries have closed. */
  readonly closing: SignedStatement | null;
  /** One for each ticket ever handed out, in their order: 70 hexadecimal digits. */
  readonly entries: readonly string[];
  /** Null until the draw is made. */
  readonly result: SignedStatement | null;
  /** Wins that were given on since, oldest first. */
  readonly continuations: readonly SignedStatement[];
}

/** Checks the outer shape of what claims to be a transcript; what it says is for the verifier. Null when it is none. */
export function readTranscript(value: unknown): Transcript | null {
  if (typeof value !== "object" || value === null) return null;
  const it = value as Readonly<Record<string, unknown>>;
  const sound =
    it["format"] === "fanfare-draw-transcript/1" &&
    typeof it["drawId"] === "string" &&
    Array.isArray(it["commitments"]) &&
    it["commitments"].length > 0 &&
    it["commitments"].every(isStatement) &&
    (it["closing"] === null || isStatement(it["closing"])) &&
    Array.isArray(it["entries"]) &&
    (it["result"] === null || isStatement(it["result"])) &&
    (it["continuations"] === undefined || (Array.isArray(it["continuations"]) && it["continuations"].every(isStatement)));
  return sound ? ({ continuations: [], ...it } as unknown as Transcript) : null;
}

function isStatement(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const it = value as Readonly<Record<string, unknown>>;
  return typeof it["text"] === "string" && typeof it["signature"] === "string" && typeof it["keyId"] === "string";
}

/** The entries as the bytes that the tree and the ranking read; null where one of them is not 70 hexadecimal digits. */
export function bytesOfEntries(entries: readonly string[]): Uint8Array<ArrayBuffer> | null {
  const bytes = new Uint8Array(entries.length * entryBytes);
  for (const [index, text] of entries.entries()) {
    const entry = fromHex(text, entryBytes);
    if (entry === null) return null;
    bytes.set(entry, index * entryBytes);
  }
  return bytes;
}
