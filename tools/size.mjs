// `node tools/size.mjs`: what the browser SDKs cost a page, bundled and minified as an integrator's bundler would, each file compressed as a server sends it.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import { root } from "./workspace.mjs";

/**
 * One figure and its limit in bytes, min+gzip; kB are thousands. `parts`: which files count besides those that a page downloads before its first line
 * runs: those that are fetched when they are first needed, by how their names begin, with what they need themselves. `over`: the part of the
 * page that it is measured on top of, and that somebody else pays for.
 * @typedef {{ name: string, code: string, over?: string, parts: readonly string[], limit: number }} Budget
 */

const core = `import initFanfare from "@fanfare-io/fanfare-sdk-core"; globalThis.initFanfare = initFanfare;`;
// By name, as a page imports them: a namespace would be weighed as well.
const react = `import { FanfareProvider, useExperienceJourney, useFanfare, useFanfareAuth } from "@fanfare-io/fanfare-sdk-react";
globalThis.react = [FanfareProvider, useExperienceJourney, useFanfare, useFanfareAuth];`;
const queue = ["online", "part"];

/** @type {Budget[]} */
export const budgets = [
  { name: "core, until somebody acts", code: core, parts: [], limit: 8_000 },
  { name: "core, with a session of one's own", code: core, parts: ["online"], limit: 14_850 },
  { name: "core, waiting in a queue", code: core, parts: queue, limit: 24_850 },
  { name: "core, far back in a long one", code: core, parts: [...queue, "shared"], limit: 25_700 },
  { name: "core, saying who one is, queue and all", code: core, parts: [...queue, "identify"], limit: 26_000 },
  { name: "core, in a draw", code: core, parts: [...queue, "draw-mechanism"], limit: 27_250 },
  // The work that a crowded address is asked for, signals of those who agree, and what is needed where there is no database, too.
  { name: "core, everything at once", code: core, parts: [""], limit: 34_400 },
  { name: "React over core", code: core + react, over: core, parts: [], limit: 1_500 },
];

/**
 * Bundles a module of this text and weighs its files.
 * @param {string} code @param {string} [folder] where its imports resolve from
 * @returns {Promise<{ of(parts: readonly string[]): number, files: { name: string, bytes: number }[] }>} `of`: what the first file and these parts weigh, each with what it needs
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
  /** @param {readonly string[]} parts */
  const of = (parts) => {
    const loaded = new Set(
      chunks.filter(({ isEntry, fileName }) => isEntry || parts.some((part) => fileName.startsWith(part))).map(({ fileName }) => fileName),
    );
    for (const name of loaded) for (const needed of chunks.find(({ fileName }) => fileName === name)?.imports ?? []) loaded.add(needed);
    return files.reduce((sum, { name, bytes }) => sum + (loaded.has(name) ? bytes : 0), 0);
  };
  return { of, files };
}

/** Weighs what the table names. @param {readonly Budget[]} [table] */
export async function measure(table = budgets) {
  const weights = [];
  const weighed = new Map();
  const bundled = async (/** @type {string} */ code) => weighed.get(code) ?? weighed.set(code, await weigh(code)).get(code);
  for (const { name, code, over, parts, limit } of table) {
    const bytes = (await bundled(code)).of(parts) - (over === undefined ? 0 : (await bundled(over)).of(parts));
    weights.push({ name, bytes, limit });
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
  for (const { name, bytes, limit } of weights) console.log(`${name.padEnd(42)} ${String(bytes).padStart(6)} of ${limit} bytes`);
  for (const { name, bytes } of (await weigh(core)).files) console.log(`  ${name.padEnd(40)} ${String(bytes).padStart(6)}`);
  process.exit(weights.every(({ bytes, limit }) => bytes <= limit) ? 0 : 1);
}
