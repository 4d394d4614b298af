import { createColumn } from "./column.ts";
import type { ConsumerWords } from "./consumer-id.ts";

/** Which ticket a consumer holds. */
export interface ConsumerIndex {
  /** Notes a holder. Of two tickets of one consumer the later one counts: the earlier was given up. */
  add(ticket: number, words: ConsumerWords): void;
  /** Forgets the ticket, unless its holder has a later one. */
  remove(ticket: number): void;
  /** The id that was noted with a ticket. */
  wordsOf(ticket: number): ConsumerWords;
  /** The ticket of a consumer; 0 = none. */
  find(words: ConsumerWords): number;
}

interface Segment {
  slots: Uint32Array;
  count: number;
}

const segmentBits = 8;
const shortest = 8;

/**
 * Makes the index: open addressing over tickets, whose ids lie in a column by ticket. It grows one of its 256 segments at a time, so that
 * a line of ten million is never stopped by one large rehash.
 */
export function createConsumerIndex(): ConsumerIndex {
  const ids = createColumn((length) => new Uint32Array(length));
  const segments: (Segment | undefined)[] = Array.from({ length: 1 << segmentBits }, () => undefined);

  const hashOf = (ticket: number): number => hash(ids.get(ticket * 4 + 2), ids.get(ticket * 4 + 3));
  const holds = (ticket: number, words: ConsumerWords): boolean =>
    ids.get(ticket * 4 + 3) === words[3] && ids.get(ticket * 4 + 2) === words[2] && ids.get(ticket * 4 + 1) === words[1] && ids.get(ticket * 4) === words[0];

  const wordsOf = (ticket: number): ConsumerWords => [ids.get(ticket * 4), ids.get(ticket * 4 + 1), ids.get(ticket * 4 + 2), ids.get(ticket * 4 + 3)];

  function grow(segment: Segment): void {
    const old = segment.slots;
    segment.slots = new Uint32Array(old.length * 2);
    for (const ticket of old) {
      if (ticket !== 0) segment.slots[freeSlot(segment.slots, hashOf(ticket))] = ticket;
    }
  }

  function slotOf(segment: Segment, words: ConsumerWords, hashed: number): number {
    const mask = segment.slots.length - 1;
    let slot = hashed & mask;
    for (let ticket = segment.slots[slot] ?? 0; ticket !== 0; ticket = segment.slots[slot] ?? 0) {
      if (holds(ticket, words)) return slot;
      slot = (slot + 1) & mask;
    }
    return -1;
  }

  // What follows a removed slot moves up into it where its own probe would pass there, so that no tombstones gather.
  function clear({ slots }: Segment, from: number): void {
    const mask = slots.length - 1;
    let hole = from;
    for (let next = (hole + 1) & mask; (slots[next] ?? 0) !== 0; next = (next + 1) & mask) {
      const home = hashOf(slots[next] ?? 0) & mask;
      if (((next - home) & mask) >= ((next - hole) & mask)) {
        slots[hole] = slots[next] ?? 0;
        hole = next;
      }
    }
    slots[hole] = 0;
  }

  return Object.freeze<ConsumerIndex>({
    add(ticket, words) {
      for (let word = 0; word < 4; word++) ids.set(ticket * 4 + word, words[word] ?? 0);
      const hashed = hash(words[2], words[3]);
      const segment = (segments[hashed >>> (32 - segmentBits)] ??= { slots: new Uint32Array(shortest), count: 0 });
      const known = slotOf(segment, words, hashed);
      if (known >= 0) {
        segment.slots[known] = Math.max(segment.slots[known] ?? 0, ticket);
        return;
      }
      if ((segment.count + 1) * 4 > segment.slots.length * 3) grow(segment);
      segment.slots[freeSlot(segment.slots, hashed)] = ticket;
      segment.count++;
    },
    remove(ticket) {
      const words = wordsOf(ticket);
      const hashed = hash(words[2], words[3]);
      const segment = segments[hashed >>> (32 - segmentBits)];
      const slot = segment === undefined ? -1 : slotOf(segment, words, hashed);
      if (segment === undefined || slot < 0 || segment.slots[slot] !== ticket) return;
      clear(segment, slot);
      segment.count--;
    },
    wordsOf,
    find(words) {
      const hashed = hash(words[2], words[3]);
      const segment = segments[hashed >>> (32 - segmentBits)];
      if (segment === undefined) return 0;
      const slot = slotOf(segment, words, hashed);
      return slot < 0 ? 0 : (segment.slots[slot] ?? 0);
    },
  });
}

function freeSlot(slots: Uint32Array, hashed: number): number {
  const mask = slots.length - 1;
  let slot = hashed & mask;
  while ((slots[slot] ?? 0) !== 0) slot = (slot + 1) & mask;
  return slot;
}

/** The last half of an id is random in the ids that the service makes; the mixing spreads any other. */
function hash(high: number, low: number): number {
  let mixed = Math.imul(high ^ (high >>> 15), 0x2c1b3c6d) ^ Math.imul(low ^ (low >>> 13), 0x297a2d39);
  mixed = Math.imul(mixed ^ (mixed >>> 12), 0x9e3779b1);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
