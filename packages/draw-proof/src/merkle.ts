import { hashInto } from "./sha256.ts";

// RFC 9162 §2.1: a leaf is hashed behind 0x00, a node behind 0x01, so that neither can pass for the other. Pairing level by level and
// carrying an odd last node up unchanged gives the same tree as splitting at the largest power of two.
const hashBytes = 32;
const leaf = new Uint8Array(4096);
const node = new Uint8Array(65);
node[0] = 0x01;

/** The root over nothing: SHA-256 of the empty text. */
export const emptyRoot: Uint8Array<ArrayBuffer> = new Uint8Array(hashBytes);
hashInto(emptyRoot, 0, emptyRoot, 0, 0);

/** Hashes leaves that lie one after another, `size` bytes each, into 32 bytes each. */
export function hashLeaves(leaves: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  if (size >= leaf.length) throw new RangeError("A leaf is shorter than 4,096 bytes.");
  const count = leaves.length / size;
  const hashes = new Uint8Array(count * hashBytes);
  leaf[0] = 0x00;
  for (let i = 0; i < count; i++) {
    for (let j = 0, from = i * size; j < size; j++) leaf[1 + j] = leaves[from + j] as number;
    hashInto(hashes, i * hashBytes, leaf, 0, 1 + size);
  }
  return hashes;
}

function hashPair(out: Uint8Array, at: number, pair: Uint8Array, from: number): void {
  for (let i = 0; i < 64; i++) node[1 + i] = pair[from + i] as number;
  hashInto(out, at, node, 0, 65);
}

/** One level up, in place: how many nodes are left. */
function reduce(level: Uint8Array, count: number): number {
  const pairs = count >> 1;
  for (let i = 0; i < pairs; i++) hashPair(level, i * hashBytes, level, 2 * i * hashBytes);
  if (count % 2 === 1) level.copyWithin(pairs * hashBytes, (count - 1) * hashBytes, count * hashBytes);
  return pairs + (count % 2);
}

/** The root over node hashes of one level, which it leaves as they were. */
export function rootOf(hashes: Uint8Array): Uint8Array<ArrayBuffer> {
  if (hashes.length === 0) return emptyRoot.slice();
  // Copied so, because slice() of a Node Buffer is a view of it.
  const level = new Uint8Array(hashes);
  for (let count = level.length / hashBytes; count > 1;) count = reduce(level, count);
  return level.slice(0, hashBytes);
}

/** Every level of the tree over node hashes, lowest first: where many paths are wanted, they share it. */
export function levelsOf(hashes: Uint8Array): readonly Uint8Array<ArrayBuffer>[] {
  const levels: Uint8Array<ArrayBuffer>[] = [new Uint8Array(hashes)];
  const level = new Uint8Array(hashes);
  for (let count = level.length / hashBytes; count > 1;) {
    count = reduce(level, count);
    levels.push(level.slice(0, count * hashBytes));
  }
  return levels;
}

/** Writes the hashes beside the way from one node up to the root, lowest first, one after another; how many bytes they are. `out` has room for a hash a level. */
export function copyPath(out: Uint8Array, levels: readonly Uint8Array[], index: number): number {
  let length = 0;
  for (let height = 0; height < levels.length - 1; height++) {
    const level = levels[height] as Uint8Array;
    const from = ((index >> height) ^ 1) * hashBytes;
    // An odd last node has nothing beside it.
    if (from >= level.length) continue;
    for (let i = 0; i < hashBytes; i++) out[length + i] = level[from + i] as number;
    length += hashBytes;
  }
  return length;
}

/** The hashes beside the way from one node up to the root, lowest first. */
export function pathThrough(levels: readonly Uint8Array[], index: number): readonly Uint8Array<ArrayBuffer>[] {
  const path = new Uint8Array(levels.length * hashBytes);
  const length = copyPath(path, levels, index);
  return Array.from({ length: length / hashBytes }, (_, at) => path.slice(at * hashBytes, (at + 1) * hashBytes));
}

/** The path of one node alone. */
export function pathOf(hashes: Uint8Array, index: number): readonly Uint8Array<ArrayBuffer>[] {
  return pathThrough(levelsOf(hashes), index);
}

/** The root that a leaf's hash and its path lead to in a tree of so many leaves (RFC 9162 §2.1.3.2); null for a path of the wrong length. */
export function followPath(leafHash: Uint8Array, index: number, size: number, path: readonly Uint8Array[]): Uint8Array | null {
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) return null;
  const pair = new Uint8Array(64);
  let current: Uint8Array = leafHash;
  let used = 0;
  for (let at = index, last = size - 1; last > 0; at = Math.floor(at / 2), last = Math.floor(last / 2)) {
    // An odd last node has nothing beside it and goes up as it is.
    if (at === last && at % 2 === 0) continue;
    const beside = path[used++];
    if (beside === undefined || beside.length !== hashBytes) return null;
    pair.set(at % 2 === 1 ? beside : current, 0);
    pair.set(at % 2 === 1 ? current : beside, hashBytes);
    const up = new Uint8Array(hashBytes);
    hashPair(up, 0, pair, 0);
    current = up;
  }
  return used === path.length ? current : null;
}
