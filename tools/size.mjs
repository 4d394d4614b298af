// `node tools/size.mjs`: what the browser SDKs cost a page, bundled and minified as an integrator's bundler would, each file compressed as a server sends it.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import { root } from "./workspace.mjs";

/**
 * One figure and its limit in bytes, min+gzip. `counts`: `initial` is what a page downloads before its first line runs, `all` also what is
 * fetched when it is first needed. `over`: the part of the page that it is measured on top of, and that somebody else pays for.
 * @typedef {{ name: string, code: string, over?: string, counts: "initial" | "all", limit: number }} Budget
 */

const core = `import initFanfare from "@fanfare-io/fanfare-sdk-core"; globalThis.initFanfare = initFanfare;`;
const react = `import * as react from "@fanfare-io/fanfare-sdk-react"; globalThis.react = react;`;

/** @type {Budget[]} */
export const budgets = [
  { name: "core, until a journey is used", code: core, counts: "initial", limit: 8_110 },
  // Of which 5.2 kB, scrypt for the most part, come only where a crowded address is asked for work.
  { name: "core, everything", code: core, counts: "all", limit: 33_100 },
  { name: "React over core", code: core + react, over: core, counts: "initial", limit: 1_650 },
];

/**
 * Bundles a module of this text and weighs its files.
 * @param {string} code @param {string} [folder] where its imports resolve from
 * @returns {Promise<{ initial: number, all: number, files: { name: string, bytes: number }[] }>}
 */
export async function weigh(code, folder = join(root, "packages/sdk-react")) {
  const entry = join(folder, "size-entry.ts");
  const bundle = await rolldown({
    input: entry,
    cwd: root,
    platform: "browser",
    logLevel: "silent",
    // A page, not a library: what its parts share may lie in its first file.
    preserveEntrySignatures: false,
    external: [/^react($|\/)/],
    resolve: { conditionNames: ["@fanfare-io/source", "import", "browser", "default"] },
    transform: { define: { "process.env.NODE_ENV": '"production"' } },
    plugins: [{ name: "entry", load: (id) => (id === entry ? code : null), resolveId: (id) => (id === entry ? id : null) }],
  });
  const { output } = await bundle.generate({ format: "esm", minify: true });
  await bundle.close();
  const chunks = output.filter((file) => file.type === "chunk");
  const files = chunks.map(({ fileName, code: text }) => ({ name: fileName, bytes: gzipSync(text, { level: 9 }).length }));
  const weightOf = (/** @type {Set<string>} */ names) => files.reduce((sum, { name, bytes }) => sum + (names.has(name) ? bytes : 0), 0);
  const first = new Set(chunks.filter((chunk) => chunk.isEntry).map((chunk) => chunk.fileName));
  for (const name of first) for (const needed of chunks.find((chunk) => chunk.fileName === name)?.imports ?? []) first.add(needed);
  return { initial: weightOf(first), all: weightOf(new Set(files.map(({ name }) => name))), files };
}

/** Weighs what the table names. @param {readonly Budget[]} [table] */
export async function measure(table = budgets) {
  const weights = [];
  for (const { name, code, over, counts, limit } of table) {
    const bytes = (await weigh(code))[counts] - (over === undefined ? 0 : (await weigh(over))[counts]);
    weights.push({ name, counts, bytes, limit });
  }
  return weights;
}

/** @throws naming everything that is over its limit. @param {readonly Budget[]} [table] */
export async function checkSizes(table = budgets) {
  const fat = (await measure(table)).filter(({ bytes, limit }) => bytes > limit);
  if (fat.length > 0)
    throw new Error(fat.map(({ name, bytes, limit }) => `${name}: ${bytes} bytes min+gzip, ${bytes - limit} over its limit of ${limit}`).join("\n"));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const weights = await measure();
  for (const { name, counts, bytes, limit } of weights) console.log(`${name.padEnd(32)} ${counts.padEnd(8)} ${String(bytes).padStart(6)} of ${limit} bytes`);
  for (const { name, bytes } of (await weigh(core)).files) console.log(`  ${name.padEnd(40)} ${String(bytes).padStart(6)}`);
  process.exit(weights.every(({ bytes, limit }) => bytes <= limit) ? 0 : 1);
}
