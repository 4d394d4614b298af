// Runs under whatever Node a newcomer has, before anything is installed: standard library only.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { delimiter, join } from "node:path";
import { pinnedNode, root } from "./workspace.mjs";

const read = (/** @type {string} */ path) => JSON.parse(readFileSync(join(root, path), "utf8")).packages;

/**
 * Whether what is installed is what the lock file names. Compared by content: a file's time says only when git touched it.
 * Packages for other platforms are absent, rightly.
 */
function isInstalled() {
  if (!existsSync(pinnedNode) || !existsSync(join(root, "node_modules/.package-lock.json"))) return false;
  const wanted = read("package-lock.json");
  const present = read("node_modules/.package-lock.json");
  return Object.entries(wanted).every(([path, entry]) => !path.startsWith("node_modules/") || entry.optional || present[path]?.version === entry.version);
}

/** Installs exactly the lock file, unless that is what lies there already. Ends the process with one line when it cannot. */
export function ensureInstalled() {
  if (isInstalled()) return;
  console.error("Installing what the lock file names (npm ci), once …");
  const started = Date.now();
  const npm = process.env.npm_execpath;
  // Of its warnings most are about engines of tools, which run under the pinned Node: a newcomer's first screen is not the place.
  const args = ["ci", "--no-fund", "--no-audit", "--loglevel=error"];
  const viaScript = npm !== undefined && /[.]c?js$/.test(npm);
  // npm's own output goes to standard error: `npm start -- --json` promises that nothing else stands on standard output.
  const { status } = spawnSync(viaScript ? process.execPath : "npm", viaScript ? [npm, ...args] : args, { cwd: root, stdio: ["ignore", 2, 2] });
  if (status !== 0 || !existsSync(pinnedNode)) {
    console.error("npm ci did not leave a working installation behind; its messages above say why.");
    process.exit(1);
  }
  console.error(`Installed in ${Math.round((Date.now() - started) / 1000)} s.`);
}

/**
 * Goes on under the Node that the project pins, with the sources of the workspace packages in reach. This process ends with it, and as it did.
 * @param {string} script relative to the root @param {string[]} args @param {{ source?: boolean, flags?: readonly string[] }} [options] `flags`: of that Node
 */
export function continueUnderPinnedNode(script, args, { source = false, flags = [] } = {}) {
  /** @type {NodeJS.ProcessEnv} */
  const env = { ...process.env, PATH: `${join(root, "node_modules/.bin")}${delimiter}${process.env.PATH ?? ""}` };
  // Whoever runs us may have put the pinned Node first already; only another one is worth telling apart.
  if (realpathSync(process.execPath) !== realpathSync(pinnedNode)) env.FANFARE_OUTER_NODE ??= process.execPath;
  const conditions = source ? ["--conditions=@fanfare-io/source"] : [];
  const child = spawn(pinnedNode, [...flags, ...conditions, join(root, script), ...args], { cwd: root, stdio: "inherit", env });
  // A terminal tells the whole group, a supervisor only this process, npm both: passed on always, and what runs there takes a repetition within a second for the same one.
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) process.on(signal, () => child.kill(signal));
  endWithParent(child);
  child.on("error", (error) => {
    console.error(`${script} could not be started: ${error.message}`);
    process.exit(1);
  });
  child.on("close", (code, signal) => {
    if (signal) console.error(`${script} was ended by ${signal}`);
    process.exit(code ?? 1);
  });
}

const parentCheckMs = 500;

/**
 * npm passes a signal on to the shell that it runs us in, and that dies of it without a word to us: a parent that is gone is the signal.
 * @param {import("node:child_process").ChildProcess} child
 */
function endWithParent(child) {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    child.kill("SIGTERM");
  }, parentCheckMs);
  timer.unref();
}
