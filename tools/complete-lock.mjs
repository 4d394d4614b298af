// Completes package-lock.json with the builds for other platforms that the registry in use does not carry: `node tools/complete-lock.mjs`, after `npm install`.
// Without them `npm ci` calls the lock file out of sync, here and on the platform that is missing.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./workspace.mjs";

const systems = {
  android: "android",
  darwin: "darwin",
  freebsd: "freebsd",
  linux: "linux",
  openbsd: "openbsd",
  netbsd: "netbsd",
  openharmony: "openharmony",
  sunos: "sunos",
  win32: "win32",
  windows: "win32",
  aix: "aix",
};
const processors = {
  arm64: "arm64",
  x64: "x64",
  ia32: "ia32",
  ppc64: "ppc64",
  riscv64: "riscv64",
  s390x: "s390x",
  loong64: "loong64",
  mips64el: "mips64el",
  arm: "arm",
  wasm32: "wasm32",
};
const pick = (/** @type {Record<string, string>} */ table, /** @type {string} */ name) =>
  Object.entries(table).find(([word]) => new RegExp(`[-/]${word}(?![a-z0-9])`).test(name))?.[1];

/** What npm would have written about a package that it could not read: everything it needs to know to leave it alone on this platform. @param {string} name @param {string} version @param {boolean} dev */
function entry(name, version, dev) {
  const system = pick(systems, name);
  const processor = pick(processors, name);
  const libc = /musl/.test(name) ? "musl" : /gnu/.test(name) ? "glibc" : undefined;
  return {
    version,
    ...(processor ? { cpu: [processor] } : {}),
    ...(dev ? { dev } : {}),
    ...(libc && system === "linux" ? { libc: [libc] } : {}),
    optional: true,
    ...(system ? { os: [system] } : {}),
  };
}

/** Adds what is missing to a parsed lock file, and names it. @param {{ packages: Record<string, any> }} lock @returns {string[]} */
export function completeLock(lock) {
  const added = [];
  for (const parent of Object.values(lock.packages)) {
    for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
      const at = `node_modules/${name}`;
      if (lock.packages[at] || !/^\d+\.\d+\.\d+/.test(String(version))) continue;
      lock.packages[at] = entry(name, String(version), parent.dev === true);
      added.push(name);
    }
  }
  lock.packages = Object.fromEntries(Object.entries(lock.packages).toSorted(([a], [b]) => a.localeCompare(b, "en")));
  return added;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const path = join(root, "package-lock.json");
  const lock = JSON.parse(readFileSync(path, "utf8"));
  const added = completeLock(lock);
  if (added.length > 0) writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(added.length > 0 ? `added ${added.join(", ")}` : "nothing was missing");
}
