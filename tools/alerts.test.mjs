import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "./workspace.mjs";

const rules = readFileSync(join(root, "docs/operations/alerts.yml"), "utf8");
const page = readFileSync(join(root, "docs/operations/alerts.md"), "utf8");
const source = readFileSync(join(root, "packages/server/src/platform/metrics.ts"), "utf8");

/** The rules, read as far as they are written: one block an alert. */
const alerts = rules
  .split(/^ {6}- alert: /m)
  .slice(1)
  .map((block) => ({
    name: block.slice(0, block.indexOf("\n")),
    expr: (/^ {8}expr: (?:\|\n((?: {10}.*\n)+)|(.*)\n)/m.exec(block) ?? []).slice(1).join("").trim(),
    block,
  }));

/** Every series that the service tells, histograms with their three endings. */
const told = new Set(
  [...source.matchAll(/(?:name: |gauge\()"(fanfare_\w+)"/g)].flatMap(([, name = ""]) => [name, `${name}_bucket`, `${name}_count`, `${name}_sum`]),
);

test("alerts ask for nothing that the service does not tell", () => {
  expect(alerts.length).toBeGreaterThan(5);
  expect(told.size).toBeGreaterThan(20);
  const asked = alerts.flatMap(({ expr }) => [...expr.matchAll(/\bfanfare_\w+/g)].map(([name]) => name));
  expect(asked.length).toBeGreaterThan(10);
  expect(asked.filter((name) => !told.has(name))).toEqual([]);
});

test("each alert has an expression in balance, a severity, a summary, and a paragraph that says what to do", () => {
  for (const { name, expr, block } of alerts) {
    expect(expr.length, name).toBeGreaterThan(10);
    for (const [open, close] of ["()", "[]", "{}"]) expect(expr.split(open ?? "").length, name).toBe(expr.split(close ?? "").length);
    expect(block, name).toMatch(/^ {8}labels: \{ severity: (page|ticket) \}$/m);
    expect(block, name).toMatch(/^ {10}summary: ".+"$/m);
    expect(block, name).toContain(`runbook: alerts.md#${name.toLowerCase()}`);
    expect(page, name).toContain(`\n### ${name}\n`);
  }
});

test("the page explains no alert that is not there", () => {
  const explained = [...page.matchAll(/^### (\w+)$/gm)].map(([, name]) => name);
  expect(explained).toEqual(alerts.map(({ name }) => name));
});
