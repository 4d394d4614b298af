import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const folder = new URL(".", import.meta.url);

test("every rule of SPEC.md is named in a test's title, and every rule that a title names is there", () => {
  const spec = new Set([...readFileSync(new URL("SPEC.md", folder), "utf8").matchAll(/^- \*\*(S\d+)\*\*/gm)].map((match) => match[1]!));
  const tested = new Set<string>();
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".test.ts"))) {
    for (const line of readFileSync(new URL(file, folder), "utf8").split("\n")) {
      if (/^\s*(test|\]\s*as const\)|\]\))/.test(line)) for (const [rule] of line.matchAll(/\bS\d+\b/g)) tested.add(rule);
    }
  }
  expect(spec.size).toBeGreaterThan(15);
  expect([...tested].sort()).toEqual([...spec].sort());
});
