import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Subject } from "./subject.ts";

const candidates = ["/usr/sbin/nginx", "/usr/bin/nginx", "/opt/homebrew/bin/nginx"];
const configuration = fileURLToPath(new URL("../nginx.conf", import.meta.url));

/** Where nginx lies on this machine; null where it does not. */
export function findNginx(): string | null {
  return candidates.find((path) => existsSync(path)) ?? null;
}

/** An nginx in front of a service, with the settings of docs/operations/cdn.md, as whoever runs this. */
export interface CacheServer extends Subject {
  /** Requests that it answered, by what the address is of and where the answer came from. */
  counts(): Promise<{ readonly shared: number; readonly other: number }>;
}

/** Starts it between `port` and the service at `origin`. */
export async function startCacheServer(nginx: string, port: number, origin: string): Promise<CacheServer> {
  const folder = await mkdtemp(join(tmpdir(), "fanfare-nginx-"));
  // Started by root it would serve as nobody, who may not write into a folder of ours.
  const user = process.getuid?.() === 0 ? "user root;" : "";
  const text = (await readFile(configuration, "utf8"))
    .replaceAll("@user@", user)
    .replaceAll("@folder@", folder)
    .replaceAll("@port@", String(port))
    .replaceAll("@origin@", new URL(origin).host);
  await writeFile(join(folder, "nginx.conf"), text);
  const child = spawn(nginx, ["-e", join(folder, "error.log"), "-p", folder, "-c", join(folder, "nginx.conf")], { stdio: ["ignore", "inherit", "inherit"] });
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; !(await fetch(`${url}/api/healthz`).catch(() => null))?.ok; tries++) {
    if (tries > 50 || child.exitCode !== null) throw new Error(`nginx does not answer: ${await readFile(join(folder, "error.log"), "utf8")}`);
    await pause(100);
  }
  return {
    url,
    counts: async () => {
      const lines = (await readFile(join(folder, "access.log"), "utf8")).split("\n");
      const shared = lines.filter((line) => line.startsWith("shared ")).length;
      return { shared, other: lines.length - 1 - shared };
    },
    stop: async () => {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
