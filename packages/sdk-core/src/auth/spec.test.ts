import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const folder = new URL(".", import.meta.url);
const root = new URL("../../../../", import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, folder), "utf8");

/** What the titles of this folder's tests name: rules by `S`, modes by `M`. */
function named(letter: "S" | "M"): string[] {
  const found = new Set<string>();
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".test.ts"))) {
    for (const line of read(file).split("\n")) {
      if (/^\s*(test|describe|\]\s*as const\)|\]\)|["`])/.test(line)) {
        for (const [id] of line.matchAll(new RegExp(String.raw`\b${letter}\d+\b`, "g"))) found.add(id);
      }
    }
  }
  return [...found].sort();
}
const rules = [...read("SPEC.md").matchAll(/^- \*\*(S\d+)\*\*/gm)].map((match) => match[1] ?? "");

test("every rule of SPEC.md is named in a test's title, and every rule that a title names is there", () => {
  expect(rules.length).toBeGreaterThan(30);
  expect(named("S")).toEqual([...rules].sort());
});

describe("MODES.md", () => {
  const rows = [...read("MODES.md").matchAll(/^\| *(\d+) *\|[^|]+\|([^|]*)\| *([^|]+?) *\|$/gm)].map(([, mode = "", cited = "", shown = ""]) => ({
    mode,
    cited,
    shown,
  }));

  test("has the forty, in order, each with rules that exist and a place where it is shown", () => {
    expect(rows.map(({ mode }) => Number(mode))).toEqual(Array.from({ length: 40 }, (_, at) => at + 1));
    expect(rows.flatMap(({ cited }) => cited.match(/S\d+/g) ?? []).filter((rule) => !rules.includes(rule))).toEqual([]);
    expect(rows.filter(({ shown }) => !/^(here|`|browsers decide)/.test(shown))).toEqual([]);
  });

  test("leads to a test for each that is here, and each number in a title is such a row", () => {
    expect(named("M")).toEqual(
      rows
        .filter(({ shown }) => shown.startsWith("here"))
        .map(({ mode }) => `M${mode}`)
        .sort(),
    );
  });

  test("leads to tests elsewhere that are there", () => {
    const elsewhere = rows
      .flatMap(({ shown }) => shown.split(/; (?=`)/))
      .flatMap((place) => [...place.matchAll(/^`([^`]+)`: (.+)$/g)].map(([, path = "", title = ""]) => ({ path, title })));
    expect(elsewhere.length).toBeGreaterThan(12);
    const lost = elsewhere.filter(({ path, title }) => !existsSync(new URL(path, root)) || !readFileSync(new URL(path, root), "utf8").includes(title));
    expect(lost).toEqual([]);
  });
});
