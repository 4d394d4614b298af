import { createColumn } from "./column.ts";
import { consumerWords } from "./consumer-id.ts";
import type { ConsumerWords } from "./consumer-id.ts";
import { createConsumerIndex } from "./consumer-index.ts";

const blockBits = 9;
const blockTickets = 1 << blockBits;

/** Somebody's place. */
export interface Waiter {
  readonly ticket: number;
  readonly aheadAtEntry: number;
}

/**
 * One line in memory: who waits, and how many stand before whom. Tickets are dense and start at 1; a ticket that this node has not
 * heard of counts as waiting, so a shown position is never too low and never rises (I6). Nothing here knows presence or time.
 */
export interface Line {
  /** Notes a waiter. Joining twice, or after a departure that came first, changes nothing. Raises when the id is no UUID. */
  join(ticket: number, consumerId: string, aheadAtEntry: number): void;
  /** The same, from an id that was read as words. */
  joinWords(ticket: number, consumer: ConsumerWords, aheadAtEntry: number): void;
  /** Gives a waiting ticket to another consumer, at the place that it has; one that nobody is known to hold is left as it is. */
  handOver(ticket: number, consumer: ConsumerWords): void;
  /** Takes tickets out of the line; unknown and repeated ones are fine. */
  depart(tickets: readonly number[]): void;
  /** Takes tickets out of the line whose holders have something to show first: nobody counts them any more, and they keep their place. */
  setAside(tickets: readonly number[]): void;
  /** Lets holders who were set aside be walked to again, where they stood. Positions behind them stay as they are: a shown one never rises (I6). */
  takeBack(tickets: readonly number[]): void;
  /** Tells that all who wait up to this ticket have joined: whom it does not know has gone, and a departure will say so. */
  followTo(ticket: number): void;
  /** Tells that tickets up to this one were handed out, whether or not their holders are known yet. */
  extendTo(ticket: number): void;
  /** What is known of a ticket: its waiting holder and the people ahead of them when they joined, or whether it has gone; null = nothing yet. */
  at(ticket: number): { readonly consumer: ConsumerWords; readonly aheadAtEntry: number } | "gone" | null;
  waiterOf(consumerId: string): Waiter | undefined;
  /** The same, from an id that was read as words. */
  waiterOfWords(consumer: ConsumerWords): Waiter | undefined;
  /** 1 = next. */
  positionOf(ticket: number): number;
  /** Visits the waiting tickets whose holders are known, in order, until the visitor answers false. */
  walk(visit: (ticket: number) => boolean): void;
  /** Highest ticket handed out. */
  tail(): number;
  waiting(): number;
  departed(): number;
  /** Every ticket up to this one is known: what to read on from. */
  followedTo(): number;
}

/** Makes an empty line. */
export function createLine(): Line {
  const holders = createConsumerIndex();
  const ahead = createColumn((length) => new Uint32Array(length));
  let gone = new Uint32Array(1024 / 32);
  let known = new Uint32Array(1024 / 32);
  // Who waits: known, and not gone.
  let held = new Uint32Array(1024 / 32);
  // A Fenwick tree over blocks of 512 tickets: counting departures below a ticket reads one tree path and at most 16 words.
  let tree = new Uint32Array((1024 >> blockBits) + 1);
  let tail = 0;
  let departed = 0;
  let followedTo = 0;
  let lowest = 1;
  // Counted as gone, and not gone: true once their holders may be walked to again.
  const uncounted = new Map<number, boolean>();

  const isSet = (bits: Uint32Array, ticket: number): boolean => ((bits[ticket >>> 5] ?? 0) & (1 << (ticket & 31))) !== 0;
  const set = (bits: Uint32Array, ticket: number): void => {
    bits[ticket >>> 5] = (bits[ticket >>> 5] ?? 0) | (1 << (ticket & 31));
  };

  const unset = (bits: Uint32Array, ticket: number): void => {
    bits[ticket >>> 5] = (bits[ticket >>> 5] ?? 0) & ~(1 << (ticket & 31));
  };

  function grow(ticket: number): void {
    let size = gone.length * 32;
    if (ticket < size) return;
    while (size <= ticket) size *= 2;
    gone = resized(gone, size / 32);
    known = resized(known, size / 32);
    held = resized(held, size / 32);
    tree = new Uint32Array((size >> blockBits) + 1);
    for (let block = 0; block < size >> blockBits; block++) add(block, countWords(gone, block * (blockTickets / 32), (block + 1) * (blockTickets / 32)));
  }

  function add(block: number, count: number): void {
    if (count === 0) return;
    for (let index = block + 1; index < tree.length; index += index & -index) tree[index] = (tree[index] ?? 0) + count;
  }

  function departedBelow(ticket: number): number {
    const block = ticket >>> blockBits;
    let count = 0;
    for (let index = block; index > 0; index -= index & -index) count += tree[index] ?? 0;
    const word = ticket >>> 5;
    count += countWords(gone, block * (blockTickets / 32), word);
    return count + popcount((gone[word] ?? 0) & ((1 << (ticket & 31)) - 1));
  }

  function noteKnown(ticket: number): void {
    set(known, ticket);
    while (followedTo < tail && isSet(known, followedTo + 1)) followedTo++;
  }

  const line: Line = {
    join(ticket, consumerId, aheadAtEntry) {
      const words = consumerWords(consumerId);
      if (words === null) throw new Error("A consumer id has to be a UUID.");
      line.joinWords(ticket, words, aheadAtEntry);
    },
    joinWords(ticket, consumer, aheadAtEntry) {
      line.extendTo(ticket);
      const isBack = uncounted.get(ticket);
      if (!isSet(held, ticket) && (!isSet(gone, ticket) || (isBack !== undefined && !isSet(known, ticket)))) {
        holders.add(ticket, consumer);
        if (isBack !== false) set(held, ticket);
        ahead.set(ticket, aheadAtEntry);
      }
      noteKnown(ticket);
    },
    handOver(ticket, consumer) {
      if (!isSet(held, ticket) && !(uncounted.has(ticket) && isSet(known, ticket))) return;
      holders.remove(ticket);
      holders.add(ticket, consumer);
    },
    depart(tickets) {
      for (const ticket of tickets) {
        line.extendTo(ticket);
        if (!isSet(gone, ticket)) {
          set(gone, ticket);
          add(ticket >>> blockBits, 1);
          departed++;
          if (isSet(held, ticket)) holders.remove(ticket);
          unset(held, ticket);
        } else if (uncounted.delete(ticket)) {
          holders.remove(ticket);
          unset(held, ticket);
        }
        noteKnown(ticket);
      }
    },
    setAside(tickets) {
      for (const ticket of tickets) {
        line.extendTo(ticket);
        if (!isSet(gone, ticket)) {
          set(gone, ticket);
          add(ticket >>> blockBits, 1);
          departed++;
        } else if (!uncounted.has(ticket)) continue;
        uncounted.set(ticket, false);
        unset(held, ticket);
      }
    },
    takeBack(tickets) {
      for (const ticket of tickets) {
        if (!uncounted.has(ticket)) continue;
        uncounted.set(ticket, true);
        // Whoever is not known yet is read with the joins that follow.
        if (isSet(known, ticket)) set(held, ticket);
        lowest = Math.min(lowest, ticket);
      }
    },
    followTo(ticket) {
      line.extendTo(ticket);
      while (followedTo < ticket) noteKnown(followedTo + 1);
    },
    extendTo(ticket) {
      grow(ticket);
      if (ticket > tail) tail = ticket;
    },
    at(ticket) {
      if (isSet(gone, ticket)) return "gone";
      return isSet(held, ticket) ? { consumer: holders.wordsOf(ticket), aheadAtEntry: ahead.get(ticket) } : null;
    },
    waiterOf(consumerId) {
      const words = consumerWords(consumerId);
      return words === null ? undefined : line.waiterOfWords(words);
    },
    waiterOfWords(consumer) {
      const ticket = holders.find(consumer);
      return ticket === 0 ? undefined : { ticket, aheadAtEntry: ahead.get(ticket) };
    },
    positionOf: (ticket) => ticket - departedBelow(ticket),
    walk(visit) {
      while (lowest <= tail && isSet(gone, lowest) && !isSet(held, lowest)) lowest++;
      for (let word = lowest >>> 5; word <= tail >>> 5; word++) {
        for (let bits = held[word] ?? 0; bits !== 0; bits &= bits - 1) {
          if (!visit(word * 32 + 31 - Math.clz32(bits & -bits))) return;
        }
      }
    },
    tail: () => tail,
    waiting: () => tail - departed,
    departed: () => departed,
    followedTo: () => followedTo,
  };
  return Object.freeze(line);
}

function resized(from: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const to = new Uint32Array(length);
  to.set(from);
  return to;
}

function countWords(bits: Uint32Array, from: number, to: number): number {
  let count = 0;
  for (let word = from; word < to; word++) count += popcount(bits[word] ?? 0);
  return count;
}

function popcount(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return (((bits + (bits >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}
