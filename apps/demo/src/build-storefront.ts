import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const storefront = join(root, "apps/storefront");
const stamp = join(storefront, "dist/.built-from");

/** Builds the storefront's pages unless what lies there was built from these very sources. True when it built. */
export async function buildStorefront(): Promise<boolean> {
  const fingerprint = fingerprintOf([
    "apps/storefront/{index.html,vite.config.ts,package.json}",
    "apps/storefront/src/**/*",
    "packages/{contract,draw-proof,sdk-core,sdk-react}/src/**/*",
  ]);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === fingerprint) return false;
  await run(process.execPath, [join(root, "node_modules/vite/bin/vite.js"), "build", "--logLevel", "warn"]);
  writeFileSync(stamp, fingerprint);
  return true;
}

function fingerprintOf(patterns: readonly string[]): string {
  const hash = createHash("sha256");
  const files = globSync([...patterns], { cwd: root, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const path of files.map((entry) => join(entry.parentPath, entry.name)).toSorted()) hash.update(path.slice(root.length)).update(readFileSync(path));
  return hash.digest("hex");
}

function run(program: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = "";
    // Whatever the caller's mode: what is built here is what shoppers get.
    const env = { ...process.env, NODE_ENV: "production" };
    const child = spawn(program, [...args], { cwd: storefront, env, stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.on("data", (chunk) => (output += String(chunk)));
    child.stderr.on("data", (chunk) => (output += String(chunk)));
    child.on("error", reject);
    child.on("close", (code) => (code === 0 ? resolve() : reject(new Error(`The storefront did not build:\n${output.trim()}`))));
  });
}
