import { hashInto } from "./sha256.ts";

/** Bytes of one entry in the list: 32 of its reference, 2 of its weight, 1 of its class. */
export const entryBytes = 35;

/** Why an entry takes no part, by the number in the list; 0 = it takes part. A number is never reused. */
export const entryClasses = ["entered", "withdrawn", "duplicate", "automated", "ineligible", "removed"] as const;
export type EntryClass = (typeof entryClasses)[number];

/** One entry as the list tells it, without a word about the person. */
export interface Entry {
  /** 32 bytes that only the entrant can open. */
  readonly ref: Uint8Array;
  /** How many hashes its best one is taken from, 1 to 65,535. */
  readonly weight: number;
  readonly class: EntryClass;
}

/** Writes an entry as the 35 bytes that the tree hashes. */
export function writeEntry({ ref, weight, class: kind }: Entry): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(entryBytes);
  bytes.set(ref);
  bytes[32] = weight >>> 8;
  bytes[33] = weight;
  bytes[34] = entryClasses.indexOf(kind);
  return bytes;
}

/** Reads an entry; null where the bytes are none: another length, a weight of 0, an unknown class. */
export function readEntry(bytes: Uint8Array): Entry | null {
  const kind = entryClasses[bytes[34] ?? entryClasses.length];
  const weight = ((bytes[32] ?? 0) << 8) | (bytes[33] ?? 0);
  return bytes.length !== entryBytes || kind === undefined || weight === 0 ? null : { ref: new Uint8Array(bytes.subarray(0, 32)), weight, class: kind };
}

/** Who stands behind a reference. Without the salt it says nothing; with it, it fits one consumer, one ticket. */
export interface EntryOpening {
  readonly ticket: number;
  /** 16 bytes that the entrant's receipt names. */
  readonly salt: Uint8Array;
  /** The consumer's UUID. */
  readonly consumerId: string;
}

const message = new Uint8Array(41);

/** The reference of an entry: SHA-256 of 0x02, the ticket in 8 bytes, the salt and the consumer's UUID. Raises for a malformed id. */
export function refOf({ ticket, salt, consumerId }: EntryOpening): Uint8Array<ArrayBuffer> {
  if (salt.length !== 16 || !writeUuid(message, 25, consumerId)) throw new RangeError("An entry is opened with 16 bytes of salt and a UUID.");
  message[0] = 0x02;
  writeTicket(message, 1, ticket);
  message.set(salt, 9);
  const ref = new Uint8Array(32);
  hashInto(ref, 0, message, 0, 41);
  return ref;
}

const dash = 0x2d;

/** Writes the 16 bytes of a UUID, whose dashes say nothing; false for what is none. By hand, since each entry of a busy moment is opened. */
function writeUuid(bytes: Uint8Array, at: number, text: string): boolean {
  let written = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === dash) continue;
    const digit = code >= 0x30 && code <= 0x39 ? code - 0x30 : code >= 0x61 && code <= 0x66 ? code - 0x57 : -1;
    if (digit === -1 || written === 32) return false;
    const place = at + (written >> 1);
    bytes[place] = written % 2 === 0 ? digit << 4 : (bytes[place] as number) | digit;
    written += 1;
  }
  return written === 32;
}

/** Writes a ticket as eight bytes, most significant first. */
export function writeTicket(bytes: Uint8Array, at: number, ticket: number): void {
  let rest = ticket;
  for (let i = 7; i >= 0; i--) {
    bytes[at + i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}
