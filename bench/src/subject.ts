import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createLaunch, startService } from "@fanfare-io/fanfare-testing";
import type { TestLaunch } from "@fanfare-io/fanfare-testing";

/** A server under load, in a process of its own. */
export interface Subject {
  /** Without a trailing slash. */
  readonly url: string;
  stop(): Promise<void>;
}

/** A subject whose memory can be looked at. */
export interface ProcessSubject extends Subject {
  readonly pid: number;
}

/** The service under load, with a launch whose line nobody leaves. */
export interface ServiceSubject extends ProcessSubject {
  readonly launch: TestLaunch;
  /** Ends in `/api`. */
  readonly adminUrl: string;
}

/** Starts the floor. */
export const startFloor = (): Promise<Subject> => startScript("floor.ts", process.env);

/** Starts a server of this folder, which prints its address when it is ready. */
export async function startScript(file: string, env: NodeJS.ProcessEnv): Promise<ProcessSubject> {
  const child = spawn(process.execPath, [fileURLToPath(new URL(file, import.meta.url))], { stdio: ["ignore", "pipe", "inherit"], env });
  const [address] = (await Promise.race([once(child.stdout, "data"), once(child, "exit")])) as [Buffer | number];
  if (typeof address === "number") throw new Error(`${file} ended with ${address} before it was ready.`);
  return {
    url: address.toString().trim(),
    pid: child.pid ?? 0,
    stop: async () => {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** What a load needs whose requests name addresses of their own: the service believes them, limits each, and logs as it does for its users. */
export const asInProduction = { RATE_LIMITS: "on", TRUST_PROXY: "1", LOG_LEVEL: "info" };

/** Starts the service on its embedded database, or on a PostgreSQL; from its sources, or the build. Limits are off unless `env` says otherwise: all load comes from one address. */
export async function startSubject(
  databaseUrl: string | undefined,
  { built = false, env = {} }: { readonly built?: boolean; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<ServiceSubject> {
  const dataDir = await mkdtemp(join(tmpdir(), "fanfare-bench-"));
  const service = await startService({ dataDir, built, env, ...(databaseUrl === undefined ? {} : { databaseUrl }) });
  const launch = await createLaunch(service.adminUrl, service.operatorKey, { admitRate: 0 });
  return {
    url: service.consumerUrl,
    adminUrl: service.adminUrl,
    pid: service.pid,
    launch,
    stop: async () => {
      await service.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
