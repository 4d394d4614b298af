import { entryBytes } from "./entry.ts";
import { createHmac, sha256 } from "./sha256.ts";
import type { Hmac } from "./sha256.ts";

/** The key of a draw's ranking: SHA-256 of 0x03, the seed, and the beacon's 32 bytes where one was promised. */
export function rankingKey(seed: Uint8Array, beacon: Uint8Array | null): Uint8Array<ArrayBuffer> {
  const message = new Uint8Array(33 + (beacon?.length ?? 0));
  message[0] = 0x03;
  message.set(seed, 1);
  if (beacon !== null) message.set(beacon, 33);
  return sha256(message);
}

const message = new Uint8Array(34);
const attempt = new Uint8Array(32);

/** Writes the least of an entry's hashes: HMAC of its reference and the number of the attempt in two bytes, as many as its weight. */
function scoreInto(out: Uint8Array, at: number, hmac: Hmac, entries: Uint8Array, from: number, weight: number): void {
  for (let i = 0; i < 32; i++) message[i] = entries[from + i] as number;
  message[32] = 0;
  message[33] = 0;
  hmac(out, at, message, 0, 34);
  for (let k = 1; k < weight; k++) {
    message[32] = k >>> 8;
    message[33] = k;
    hmac(attempt, 0, message, 0, 34);
    if (compareHashes(attempt, 0, out, at) < 0) out.set(attempt, at);
  }
}

/** The score of one entry: the least of `weight` hashes, so that each further one is a further chance. The lowest score is drawn first. */
export function scoreOf(key: Uint8Array, ref: Uint8Array, weight: number): Uint8Array<ArrayBuffer> {
  const score = new Uint8Array(32);
  scoreInto(score, 0, createHmac(key), ref, 0, weight);
  return score;
}

function compareHashes(a: Uint8Array, aAt: number, b: Uint8Array, bAt: number): number {
  for (let i = 0; i < 32; i++) {
    const difference = (a[aAt + i] as number) - (b[bAt + i] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The tickets that take part, in the order in which they are drawn, with the score of any of them. */
export interface Ranking {
  readonly tickets: Uint32Array;
  /** 32 bytes for the ticket at this rank, counted from 0. */
  scoreAt(rank: number): Uint8Array<ArrayBuffer>;
  /** Whether two entries have the same score: the same reference stands in the list twice. */
  hasTwins(): boolean;
}

/** Ranks a closed list, its entries one after another in ticket order. `onProgress` is told of every 65,536th entry. */
export function rankEntries(entries: Uint8Array, key: Uint8Array, onProgress?: (ranked: number) => void): Ranking {
  const hmac = createHmac(key);
  const count = Math.floor(entries.length / entryBytes);
  const scores = new Uint8Array(count * 32);
  const taking = new Uint32Array(count);
  let n = 0;
  for (let i = 0; i < count; i++) {
    const from = i * entryBytes;
    if (entries[from + 34] === 0) {
      scoreInto(scores, i * 32, hmac, entries, from, ((entries[from + 32] as number) << 8) | (entries[from + 33] as number));
      taking[n++] = i;
    }
    if (i % 65_536 === 65_535) onProgress?.(i + 1);
  }
  const order = sortByScore(taking.subarray(0, n), scores);
  return {
    tickets: order.map((index) => index + 1),
    scoreAt: (rank) => scores.slice((order[rank] as number) * 32, (order[rank] as number) * 32 + 32),
    hasTwins: () => order.some((index, rank) => rank > 0 && compareHashes(scores, index * 32, scores, (order[rank - 1] as number) * 32) === 0),
  };
}

/** Orders indices by their scores: dealt into buckets by the first bits, so that each bucket holds a handful. */
function sortByScore(indices: Uint32Array, scores: Uint8Array): Uint32Array<ArrayBuffer> {
  const bits = Math.min(20, Math.max(1, Math.ceil(Math.log2(indices.length + 1))));
  const bucketOf = (index: number): number => {
    const at = index * 32;
    return ((((scores[at] as number) << 16) | ((scores[at + 1] as number) << 8) | (scores[at + 2] as number)) >>> (24 - bits)) >>> 0;
  };
  const starts = new Uint32Array(2 ** bits + 1);
  for (const index of indices) starts[bucketOf(index) + 1] = (starts[bucketOf(index) + 1] as number) + 1;
  for (let bucket = 1; bucket < starts.length; bucket++) starts[bucket] = (starts[bucket] as number) + (starts[bucket - 1] as number);
  const next = starts.slice();
  const sorted = new Uint32Array(indices.length);
  for (const index of indices) {
    const bucket = bucketOf(index);
    sorted[next[bucket] as number] = index;
    next[bucket] = (next[bucket] as number) + 1;
  }
  // Two equal scores would be a collision of SHA-256; the lower ticket would go first.
  const byScore = (a: number, b: number): number => compareHashes(scores, a * 32, scores, b * 32) || a - b;
  for (let bucket = 0; bucket + 1 < starts.length; bucket++) {
    const from = starts[bucket] as number;
    const to = starts[bucket + 1] as number;
    for (let i = from + 1; i < to; i++) {
      const index = sorted[i] as number;
      let at = i;
      for (; at > from && byScore(sorted[at - 1] as number, index) > 0; at--) sorted[at] = sorted[at - 1] as number;
      sorted[at] = index;
    }
  }
  return sorted;
}
