import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { budgets, checkSizes, weigh } from "./size.mjs";

const folder = mkdtempSync(join(tmpdir(), "fanfare-size-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const noise = (/** @type {number} */ length) =>
  Array.from({ length }, (_, at) =>
    Math.sin(at + length)
      .toString(36)
      .slice(-6),
  ).join("");
writeFileSync(join(folder, "later.js"), `export const later = ${JSON.stringify(noise(2_000))};`);
writeFileSync(join(folder, "now.js"), `export const now = ${JSON.stringify(noise(500))};`);

test("what is fetched when it is needed counts with everything, and not with what a page begins with", async () => {
  const { of } = await weigh(`import { now } from "./now.js"; globalThis.both = () => [now, import("./later.js")];`, folder);
  const [initial, all] = [of([]), of(["later"])];
  expect(initial).toBeGreaterThan(1_500);
  expect(initial).toBeLessThan(4_000);
  expect(all - initial).toBeGreaterThan(6_000);
});

test("a part that outgrows its limit is named, and so is by how much", async () => {
  const [first] = budgets;
  if (!first) throw new Error("There are no budgets.");
  await expect(checkSizes([{ ...first, limit: 1_000 }])).rejects.toThrow(new RegExp(`${first.name}: \\d+ bytes min\\+gzip, \\d+ over its limit of 1000`));
  await expect(checkSizes([{ ...first, limit: 1_000_000 }])).resolves.toBeUndefined();
});
