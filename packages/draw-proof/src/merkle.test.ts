import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { emptyRoot, followPath, hashLeaves, pathOf, rootOf } from "./merkle.ts";

const hexOf = (bytes: Uint8Array | null): string => Buffer.from(bytes ?? []).toString("hex");
const sha = (...parts: Uint8Array[]): Buffer => createHash("sha256").update(Buffer.concat(parts)).digest();

/** The definition of RFC 9162 §2.1.1, word for word. */
function definedRoot(leaves: readonly Uint8Array[]): Buffer {
  const [first] = leaves;
  if (first === undefined) return sha();
  if (leaves.length === 1) return sha(Uint8Array.of(0), first);
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return sha(Uint8Array.of(1), definedRoot(leaves.slice(0, split)), definedRoot(leaves.slice(split)));
}

const leavesOf = (count: number): Uint8Array[] => Array.from({ length: count }, (_, i) => sha(Uint8Array.of(i, i >> 8)).subarray(0, 35));

describe("the tree over a list", () => {
  test("has the root that RFC 9162 defines, for every size up to 130", () => {
    for (let count = 0; count <= 130; count++) {
      const leaves = leavesOf(count);
      expect(hexOf(rootOf(hashLeaves(Buffer.concat(leaves), 32)))).toBe(hexOf(definedRoot(leaves)));
    }
    expect(hexOf(emptyRoot)).toBe(hexOf(definedRoot([])));
  });

  test("proves every leaf of every size, and no other leaf, place or size", () => {
    for (let count = 1; count <= 40; count++) {
      const hashes = hashLeaves(Buffer.concat(leavesOf(count)), 32);
      const root = hexOf(rootOf(hashes));
      for (let index = 0; index < count; index++) {
        const own = hashes.subarray(index * 32, index * 32 + 32);
        const path = pathOf(hashes, index);
        expect(hexOf(followPath(own, index, count, path))).toBe(root);
        expect(hexOf(followPath(sha(own), index, count, path))).not.toBe(root);
        if (count > 1) expect(hexOf(followPath(own, (index + 1) % count, count, path))).not.toBe(root);
        expect(followPath(own, index, count, [...path, own])).toBeNull();
        expect(followPath(own, index, count, path.slice(0, -1))).toEqual(path.length === 0 ? own : null);
      }
    }
  });

  test("can be climbed from roots of whole blocks, so that one path needs one block of leaves", () => {
    const count = 2 * 1024 + 17;
    const hashes = hashLeaves(Buffer.concat(leavesOf(count)), 32);
    const blocks = [0, 1, 2].map((block) => hashes.subarray(block * 1024 * 32, (block + 1) * 1024 * 32));
    const blockRoots = Buffer.concat(blocks.map((block) => rootOf(block)));
    expect(hexOf(rootOf(blockRoots))).toBe(hexOf(rootOf(hashes)));
    for (const index of [0, 1023, 1024, 2047, 2048, 2064]) {
      const block = Math.floor(index / 1024);
      const path = [...pathOf(blocks[block] as Uint8Array, index % 1024), ...pathOf(blockRoots, block)];
      expect(path.map(hexOf)).toEqual(pathOf(hashes, index).map(hexOf));
    }
  });
});
