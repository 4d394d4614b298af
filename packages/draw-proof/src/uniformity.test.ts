import { createHash } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import type { Entry } from "./entry.ts";
import { rankEntries, rankingKey } from "./ranking.ts";
import { listOf } from "./testing/make-transcript.ts";

/** `DRAWS=100000 npx vitest run --project unit packages/draw-proof/src/uniformity.test.ts` simulates so many. The seeds are numbers, so that a run repeats itself. */
const draws = Number(process.env["DRAWS"] ?? 20_000);
const weights = [1, 1, 1, 1, 2, 2, 3, 1, 1, 5];
const total = weights.reduce((sum, weight) => sum + weight, 0);
const entries = weights.map((weight, index): Entry => ({ ref: createHash("sha256").update(`entry ${index}`).digest(), weight, class: "entered" }));

/** How often each entry stood at each rank, and the first entry's scores as fractions of one. */
function simulate(weighted: boolean): { readonly ranks: readonly (readonly number[])[]; readonly scores: readonly number[] } {
  const list = listOf(entries.map((entry) => (weighted ? entry : { ...entry, weight: 1 })));
  const ranks = entries.map(() => entries.map(() => 0));
  const scores: number[] = [];
  for (let draw = 0; draw < draws; draw++) {
    const ranking = rankEntries(list, rankingKey(createHash("sha256").update(`draw ${draw}`).digest(), null));
    ranking.tickets.forEach((ticket, rank) => {
      (ranks[ticket - 1] as number[])[rank] = (ranks[ticket - 1]?.[rank] ?? 0) + 1;
      if (ticket === entries.length) scores.push(Buffer.from(ranking.scoreAt(rank)).readUIntBE(0, 6) / 2 ** 48);
    });
  }
  return { ranks, scores };
}

describe(`over ${draws} draws`, () => {
  let equal: ReturnType<typeof simulate>;
  let weighted: ReturnType<typeof simulate>;
  beforeAll(() => {
    equal = simulate(false);
    weighted = simulate(true);
  }, 300_000);

  test("every entry stands at every rank equally often (chi square, one in a thousand)", () => {
    const expected = draws / entries.length;
    const chiSquare = equal.ranks.flat().reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // 81 degrees of freedom: rows and columns are fixed.
    expect(chiSquare).toBeLessThan(126.1);
    expect(chiSquare).toBeGreaterThan(46.5);
  });

  test("scores are spread evenly, and the best of several as theory says (Kolmogorov-Smirnov, one in a thousand)", () => {
    for (const [{ scores }, weight] of [
      [equal, 1],
      [weighted, weights.at(-1) ?? 1],
    ] as const) {
      const even = scores.map((score) => 1 - (1 - score) ** weight).toSorted((a, b) => a - b);
      const distance = even.reduce((most, value, index) => Math.max(most, (index + 1) / even.length - value, value - index / even.length), 0);
      expect(distance * Math.sqrt(even.length)).toBeLessThan(1.95);
    }
  });

  test("an entry is drawn first as often as it counts, within three standard deviations", () => {
    for (const [index, weight] of weights.entries()) {
      const chance = weight / total;
      const deviation = Math.sqrt(draws * chance * (1 - chance));
      expect(Math.abs((weighted.ranks[index]?.[0] ?? 0) - draws * chance)).toBeLessThan(3 * deviation);
    }
  });
});
