import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Subject } from "./subject.ts";

/** An HTTP cache that a bench may put in front of a service, with the settings of docs/operations/cdn.md. */
export interface Cache {
  readonly name: "nginx" | "varnish";
  readonly program: string;
}

const programs: Readonly<Record<Cache["name"], readonly string[]>> = {
  nginx: ["/usr/sbin/nginx", "/usr/bin/nginx", "/opt/homebrew/bin/nginx"],
  varnish: ["/usr/sbin/varnishd", "/usr/local/sbin/varnishd", "/opt/homebrew/sbin/varnishd"],
};
const configurations: Readonly<Record<Cache["name"], string>> = { nginx: "nginx.conf", varnish: "varnish.vcl" };

/** The cache as it lies on this machine; null, with a word about it, where it does not. */
export function findCache(name: Cache["name"] = "nginx"): Cache | null {
  const program = programs[name].find((path) => existsSync(path));
  if (program !== undefined) return { name, program };
  process.stderr.write(`skipped: there is no ${name} on this machine (apt-get install ${name === "nginx" ? "nginx-light" : name}).\n`);
  return null;
}

/** Starts it between `port` and the service at `origin`, as whoever runs this. */
export async function startCacheServer({ name, program }: Cache, port: number, origin: string): Promise<Subject> {
  const folder = await mkdtemp(join(tmpdir(), `fanfare-${name}-`));
  const file = join(folder, configurations[name]);
  await writeFile(file, await configurationOf(name, folder, port, new URL(origin)));
  // Varnish gives its privileges up, and has to read all the same.
  await chmod(folder, 0o755);
  const words =
    name === "nginx"
      ? ["-e", join(folder, "error.log"), "-p", folder, "-c", file]
      : ["-F", "-n", join(folder, "run"), "-a", `127.0.0.1:${port}`, "-f", file, "-s", "malloc,64m"];
  const child = spawn(program, words, { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  await untilAnswers(child, `http://127.0.0.1:${port}`, () => said);
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function configurationOf(name: Cache["name"], folder: string, port: number, origin: URL): Promise<string> {
  const text = await readFile(fileURLToPath(new URL(`../${configurations[name]}`, import.meta.url)), "utf8");
  if (name === "varnish") return text.replaceAll("@host@", origin.hostname).replaceAll("@port@", origin.port);
  // Started by root it would serve as nobody, who may not write into a folder of ours.
  const user = process.getuid?.() === 0 ? "user root;" : "";
  return text.replaceAll("@user@", user).replaceAll("@folder@", folder).replaceAll("@port@", String(port)).replaceAll("@origin@", origin.host);
}

async function untilAnswers(child: ChildProcess, url: string, said: () => string): Promise<void> {
  for (let tries = 0; !(await fetch(`${url}/api/healthz`).catch(() => null))?.ok; tries++) {
    if (tries > 100 || child.exitCode !== null) throw new Error(`The cache does not answer: ${said()}`);
    await pause(100);
  }
}
