import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** Where a service keeps its rows: its own data directory, or a server beside it (secrets still lie in the directory). */
export interface ServiceOptions {
  readonly dataDir: string;
  readonly databaseUrl?: string;
  /** Ports to come back on after a restart; else free ones. */
  readonly ports?: { readonly consumer: number; readonly admin: number };
  readonly env?: Readonly<Record<string, string>>;
  /** What to start, else the service of this checkout. */
  readonly main?: string;
  /** The build, as it is published, in place of the sources. `npm run build` has to have made it. */
  readonly built?: boolean;
}

/** A service in a process of its own, started as its users start it. */
export interface RunningService {
  /** Ends in `/api`. */
  readonly consumerUrl: string;
  /** Ends in `/api`. */
  readonly adminUrl: string;
  readonly ports: { readonly consumer: number; readonly admin: number };
  readonly operatorKey: string;
  readonly pid: number;
  /** SIGKILL: no handler runs, nothing is flushed. Resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM, and the drain that follows. Resolves with the exit code. */
  stop(): Promise<number | null>;
  /** What it wrote on standard error so far. */
  output(): string;
}

const main = fileURLToPath(new URL("../../server/src/main.ts", import.meta.url));
const fromBuild = [fileURLToPath(new URL("../../server/bin/fanfare.js", import.meta.url))];
const patienceMs = 60_000;

/** The operator key of every service that tests start. */
export const testOperatorKey = "op_0123456789abcdef0123456789abcdef";

const testSecrets = {
  FANFARE_OPERATOR_KEY: testOperatorKey,
  FANFARE_SIGNING_KEY: Buffer.alloc(32, 1).toString("base64url"),
  FANFARE_TOKEN_SECRET: Buffer.alloc(32, 2).toString("base64url"),
};

/** Starts a service and waits until it says that it is ready. Raises with its output when it ends before that. */
export async function startService(options: ServiceOptions): Promise<RunningService> {
  const ports = options.ports ?? { consumer: await freePort(), admin: await freePort() };
  const program = options.built === true ? fromBuild : ["--conditions=@fanfare-io/source", options.main ?? main];
  const child = spawn(process.execPath, [...program, "start"], {
    env: {
      PATH: process.env["PATH"],
      LOG_LEVEL: "warn",
      RATE_LIMITS: "off",
      ...testSecrets,
      FANFARE_DATA_DIR: options.dataDir,
      CONSUMER_PORT: String(ports.consumer),
      ADMIN_PORT: String(ports.admin),
      ...(options.databaseUrl === undefined ? {} : { DATABASE_URL: options.databaseUrl }),
      ...options.env,
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let output = "";
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const consumerUrl = `http://127.0.0.1:${ports.consumer}/api`;
  await untilReady(child, consumerUrl, () => output);
  return Object.freeze({
    consumerUrl,
    adminUrl: `http://127.0.0.1:${ports.admin}/api`,
    ports,
    operatorKey: testOperatorKey,
    pid: child.pid ?? 0,
    kill: async () => void (await end(child, "SIGKILL")),
    stop: () => end(child, "SIGTERM"),
    output: () => output,
  });
}

async function untilReady(child: ChildProcess, consumerUrl: string, output: () => string): Promise<void> {
  for (let waited = 0; waited < patienceMs; waited += 50) {
    if (child.exitCode !== null) throw new Error(`The service ended with ${child.exitCode} before it was ready:\n${output()}`);
    const ready = await fetch(`${consumerUrl}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ready) return;
    await pause(50);
  }
  await end(child, "SIGKILL");
  throw new Error(`The service was not ready within ${patienceMs / 1000} s:\n${output()}`);
}

async function end(child: ChildProcess, signal: "SIGKILL" | "SIGTERM"): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const ended = once(child, "exit") as Promise<[number | null]>;
  child.kill(signal);
  const [code] = await ended;
  return code;
}

/** A port that was free a moment ago, below those that systems hand to outgoing connections: a load beside it, or one while its service is down, does not take it. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(11_000, 32_000);
    const probe = createServer().listen(port, "127.0.0.1");
    const free = await once(probe, "listening").then(
      () => true,
      () => false,
    );
    if (!free) continue;
    probe.close();
    await once(probe, "close");
    return port;
  }
}
