import { createHmac, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { commitmentOf, seededHash } from "../platform/hashes.ts";
import { orderArrivals, placesOf } from "./early-order.ts";

const seedOf = (hex: string): Uint8Array => Buffer.from(hex, "hex");
const orderOf = (seed: Uint8Array, early: number): number[] => {
  const places = placesOf(seededHash(seed), early);
  return Array.from({ length: early }, (_, index) => places.arrivalAt(index + 1));
};

/** The rule again, as somebody would write it who has read nothing but its text. */
function byTheText(seed: Uint8Array, early: number): number[] {
  const key = (arrival: number): string =>
    createHmac("sha256", seed)
      .update(String(Math.floor((arrival - 1) / 4)))
      .digest("hex")
      .slice(((arrival - 1) % 4) * 16, ((arrival - 1) % 4) * 16 + 16);
  return Array.from({ length: early }, (_, index) => ({ arrival: index + 1, key: key(index + 1) }))
    .toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.arrival - b.arrival))
    .map(({ arrival }) => arrival);
}

describe("the order of early arrivals", () => {
  test("is what the page on it says, with its examples", () => {
    const page = readFileSync(new URL("../../../../docs/queue-order.md", import.meta.url), "utf8");
    const examples = [...page.matchAll(/^\| `([0-9a-f]{64})` \| (\d+) \| ([\d, ]+) \| `([0-9a-f]{64})` \|$/gm)];
    expect(examples.length).toBeGreaterThanOrEqual(3);
    for (const [, seed = "", early = "", order = "", commitment] of examples) {
      expect(orderOf(seedOf(seed), Number(early))).toEqual(order.split(",").map(Number));
      expect(commitmentOf(seedOf(seed))).toBe(commitment);
    }
  });

  test("is the one that the text describes, for any seed and number", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.integer({ min: 0, max: 400 }), (seed, early) => {
        expect(orderOf(seed, early)).toEqual(byTheText(seed, early));
      }),
      { numRuns: 30 },
    );
    const seed = randomBytes(32);
    expect(orderOf(seed, 5_000)).toEqual(byTheText(seed, 5_000));
  });

  test("gives every arrival one place and leaves those who came later where they came", () => {
    const places = placesOf(seededHash(randomBytes(32)), 1_000);
    const taken = new Set(Array.from({ length: 1_000 }, (_, index) => places.placeOf(index + 1)));
    expect([taken.size, Math.min(...taken), Math.max(...taken)]).toEqual([1_000, 1, 1_000]);
    for (const arrival of [1, 17, 1_000, 1_001, 5_000]) expect(places.arrivalAt(places.placeOf(arrival))).toBe(arrival);
    expect(places.placeOf(1_001)).toBe(1_001);
  });

  test("favours nobody: over many seeds the first to come stands anywhere alike", () => {
    const halves = Array.from({ length: 1_000 }, (_, index) => placesOf(seededHash(seededHash(Buffer.alloc(32))(String(index))), 10).placeOf(1));
    const counts = Array.from({ length: 10 }, (_, place) => halves.filter((each) => each === place + 1).length);
    // Chi-square with nine degrees of freedom stays below 27.9 in all but one of a thousand fair draws; these seeds are always the same.
    expect(counts.reduce((sum, count) => sum + (count - 100) ** 2 / 100, 0)).toBeLessThan(27.9);
  });

  test("is found in steps, so that a million arrivals stop nobody's answer", () => {
    const ordering = orderArrivals(seededHash(randomBytes(32)), 100_000);
    let pauses = 0;
    while (ordering.next().done !== true) pauses++;
    expect(pauses).toBeGreaterThanOrEqual(100_000 / 8_192);
  });
});
