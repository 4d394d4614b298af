// Runs dependency-cruiser over the tree and distrusts it: a checker that looked at nothing reports success too.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./workspace.mjs";

const cruiser = join(root, "node_modules/dependency-cruiser/bin/dependency-cruiser.mjs");
const parts = ["packages", "apps", "bench", "e2e"];

/**
 * Checks one tree against the rules of the house.
 * @param {{ tree?: string, atLeast: number }} options `atLeast`: how many of our own modules must have been looked at for the answer to count.
 * @returns {{ modules: number, violations: { rule: string, from: string, to: string }[] }}
 * @throws when the checker crashed or saw fewer modules than `atLeast`.
 */
export function checkBoundaries({ tree = root, atLeast }) {
  const present = parts.filter((part) => existsSync(join(tree, part)));
  const run = spawnSync(process.execPath, [cruiser, "--config", join(root, ".dependency-cruiser.mjs"), "--output-type", "json", ...present], {
    cwd: tree,
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
  });
  if (!run.stdout?.startsWith("{")) throw new Error(`dependency-cruiser did not answer: ${run.stderr || run.error || run.stdout}`);
  const { modules: seen, summary } = JSON.parse(run.stdout);
  const modules = seen.filter((/** @type {{ source: string }} */ module) => /^(packages|apps|bench|e2e)\//.test(module.source)).length;
  if (modules < atLeast) throw new Error(`dependency-cruiser looked at ${modules} of our modules where there are at least ${atLeast}: it proves nothing`);
  const violations = summary.violations.map((/** @type {any} */ v) => ({
    rule: v.rule.name,
    from: v.from,
    to: v.cycle ? v.cycle.map((/** @type {any} */ c) => c.name ?? c).join(" -> ") : v.to,
  }));
  return { modules, violations };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { modules, violations } = checkBoundaries({ atLeast: 25 });
  for (const { rule, from, to } of violations) console.error(`${rule}: ${from} -> ${to}`);
  console.log(`boundaries  ${modules} modules, ${violations.length} violations`);
  process.exit(violations.length === 0 ? 0 : 1);
}
