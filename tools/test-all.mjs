// Everything that proves the project, and one closing line over all of it. Runs under the pinned Node; `npm test -- unit e2e` runs the named layers only.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { findChromium, findFirefox } from "./browser.mjs";
import { command, toolEnvironment } from "./command.mjs";
import { hasFiles, layers } from "./layers.mjs";
import { startPostgres } from "./postgres.mjs";
import { announce, seconds, step } from "./report.mjs";
import { staticChecks } from "./static-checks.mjs";
import { closingLine, sum, tallyOf } from "./tally.mjs";
import { root } from "./workspace.mjs";

const started = performance.now();
const reports = mkdtempSync(join(tmpdir(), "fanfare-test-"));
const asked = process.argv.slice(2);
const wanted = layers.filter(({ name, project }) => asked.length === 0 || asked.some((word) => [name, project].includes(word)));

/** What layers need is made once, when the first asks. @type {Record<string, () => Promise<Record<string, string>>>} */
const makers = {
  postgres: async () => {
    const server = await startPostgres();
    cleanups.push(server.stop);
    return { TEST_DATABASE_URL: server.url };
  },
  chromium: async () => ({ CHROMIUM_PATH: await findChromium() }),
  firefox: async () => {
    const path = await findFirefox();
    return path === undefined ? {} : { FIREFOX_PATH: path };
  },
  build: async () => {
    await command(process.execPath, ["tools/build.mjs"]);
    return {};
  },
};
/** @type {(() => Promise<void>)[]} */
const cleanups = [];
/** @type {Map<string, Promise<{ ok: boolean, value?: Record<string, string> }>>} */
const made = new Map();
const need = (/** @type {string} */ what) => {
  if (!made.has(what)) made.set(what, step(what, /** @type {() => Promise<Record<string, string>>} */ (makers[what])));
  return /** @type {Promise<{ ok: boolean, value?: Record<string, string> }>} */ (made.get(what));
};

/** The process group of the layer that runs. @type {number | undefined} */
let running;

const signalGroup = (/** @type {number} */ group, /** @type {NodeJS.Signals | 0} */ signal) => {
  try {
    return process.kill(-group, signal);
  } catch {
    return false;
  }
};

/** Ends what is left of a group. What is only on its way out gets so long. @param {number | undefined} group @param {number} graceMs @returns {Promise<boolean>} whether anything had to be ended */
async function endGroup(group, graceMs) {
  if (group === undefined) return false;
  const patience = performance.now() + graceMs;
  while (signalGroup(group, 0)) {
    if (performance.now() > patience) return signalGroup(group, "SIGKILL");
    await setTimeout(50);
  }
  return false;
}

/** @param {import("./layers.mjs").Layer} layer @param {NodeJS.ProcessEnv} env @returns {Promise<import("./tally.mjs").Tally>} */
async function runLayer(layer, env) {
  const began = performance.now();
  const reportFile = join(reports, `${layer.name.replaceAll(" ", "-")}.json`);
  const args = ["run", "--project", layer.project, "--reporter=default", "--reporter=json", `--outputFile.json=${reportFile}`];
  // A group of its own, so that whatever the tests started and left running can be found, told, and ended.
  const run = spawn(process.execPath, [join(root, "node_modules/vitest/vitest.mjs"), ...args], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    env,
    detached: true,
  });
  running = run.pid;
  const exitCode = await new Promise((resolve) => {
    run.on("error", () => resolve(null));
    run.on("close", resolve);
  });
  const tally = tallyOf({ reportFile, exitCode });
  // A browser of sixteen tabs takes its time to go on a machine that does other things as well.
  if (await endGroup(running, 20_000)) {
    tally.failed += 1;
    tally.problem = [tally.problem, "left processes running"].filter(Boolean).join(", ");
  }
  running = undefined;
  console.log(`  ${layer.name}: ${closingLine(tally)}${tally.problem ? ` (${tally.problem})` : ""}  ${seconds(began)}`);
  return tally;
}

/** @param {import("./layers.mjs").Layer} layer @returns {Promise<import("./tally.mjs").Tally>} */
async function layerTally(layer) {
  announce(layer.name);
  if (!hasFiles(layer)) {
    console.log(`  no ${layer.files}${layer.required ? ": this layer is required" : " yet"}`);
    return { passed: 0, failed: layer.required ? 1 : 0, skipped: 0 };
  }
  const env = { ...toolEnvironment, ...layer.env };
  for (const what of layer.needs) {
    const { ok, value } = await need(what);
    if (!ok) return { passed: 0, failed: 1, skipped: 0 };
    Object.assign(env, value);
  }
  return runLayer(layer, env);
}

/** A signal and the end of the run may ask at once: both wait for the one tidying up. @type {Promise<void> | undefined} */
let tidying;
const tidy = () => (tidying ??= tidyUp());
async function tidyUp() {
  if (running !== undefined && signalGroup(running, "SIGTERM")) await endGroup(running, 2_000);
  for (const cleanup of cleanups.splice(0)) await cleanup();
  rmSync(reports, { recursive: true, force: true });
}
let ending = false;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    if (ending) return;
    ending = true;
    console.error(`\n${signal}: ending what was started …`);
    void tidy().finally(() => process.exit(130));
  });
}

/** @type {import("./tally.mjs").Tally[]} */
const tallies = [];
try {
  if (asked.length === 0) {
    announce("static checks");
    for (const { name, run } of staticChecks) {
      const { ok } = await step(name, run);
      tallies.push({ passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 });
    }
  }
  for (const layer of wanted) tallies.push(await layerTally(layer));
} catch (error) {
  console.error(error);
  tallies.push({ passed: 0, failed: 1, skipped: 0 });
} finally {
  await tidy();
}

const total = sum(tallies);
if (total.passed + total.failed === 0) total.failed = 1;
console.log(`\n${wanted.length} layers in ${seconds(started)}`);
console.log(closingLine(total));
process.exitCode = total.failed === 0 ? 0 : 1;
