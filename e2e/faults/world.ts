import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { checkHistory, createLaunch, readTruth, startService } from "@fanfare-io/fanfare-testing";
import type { RunningService, ServiceOptions, TestLaunch, Violation } from "@fanfare-io/fanfare-testing";
import pg from "pg";
import type { startPostgres } from "../../tools/postgres.mjs";
import { startTraffic } from "./traffic.ts";

/** A database server that may be killed and started again. */
export type Server = Awaited<ReturnType<typeof startPostgres>>;

/** Two nodes over one database, with a launch. */
export interface World {
  readonly server: Server;
  readonly databaseUrl: string;
  readonly launch: TestLaunch;
  /** The nodes as they run now. */
  readonly nodes: RunningService[];
  /** Starts a node again on its ports; `main`: as another version. */
  restart(index: number, main?: string): Promise<void>;
  /** Which node lets people in just now. */
  owner(): Promise<number>;
}

/** What a run under a fault came to. */
export interface Outcome {
  readonly violations: readonly Violation[];
  readonly entries: number;
  readonly admitted: number;
  readonly completed: number;
  /** The longest time without any successful answer, in milliseconds. */
  readonly answersGapMs: number;
  /** The longest time in which nobody was let in, in milliseconds. */
  readonly admissionsGapMs: number;
}

const capacity = 40;
const atOnce = 24;

/** How a run begins and goes on. */
export interface PlayOptions {
  /** How long the traffic runs before and after the fault. */
  readonly steadyMs: number;
  /** What the nodes run at first, else the service of this checkout. */
  readonly main?: string;
  /** Beside what every node gets. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Plays one fault under load and reads the history. */
export async function play(server: Server, inject: (world: World) => Promise<void>, { steadyMs, main, env = {} }: PlayOptions): Promise<Outcome> {
  const name = `fanfare_faults_${randomBytes(5).toString("hex")}`;
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  await onServer(server.url, `create database ${name}`);
  const dataDir = await mkdtemp(join(tmpdir(), "fanfare-faults-"));
  const options: ServiceOptions = { dataDir, databaseUrl: url.href, env };
  const nodes: RunningService[] = [];
  try {
    const first = { ...options, ...(main === undefined ? {} : { main }) };
    const starting = await Promise.allSettled([startService(first), startService(first)]);
    for (const started of starting) if (started.status === "fulfilled") nodes.push(started.value);
    for (const started of starting) if (started.status === "rejected") throw started.reason;
    const [{ adminUrl, operatorKey }] = nodes as [RunningService, RunningService];
    const launch = await createLaunch(adminUrl, operatorKey, { admitRate: 60_000, capacity, admissionExpirationSeconds: 10 });
    const world: World = {
      server,
      databaseUrl: url.href,
      launch,
      nodes,
      async restart(index, as) {
        nodes[index] = await startService({ ...options, ports: (nodes[index] as RunningService).ports, ...(as === undefined ? {} : { main: as }) });
      },
      owner: () => findOwner(nodes),
    };
    const traffic = startTraffic(
      nodes.map((node) => node.consumerUrl),
      launch,
      atOnce,
    );
    await pause(steadyMs);
    await inject(world);
    await pause(steadyMs);
    await traffic.finish();
    for (const node of nodes) await node.stop();
    const truth = await readTruth({ databaseUrl: url.href }, launch.organizationId, launch.queueId);
    return {
      violations: checkHistory(traffic.seen, truth),
      entries: truth.entries.length,
      admitted: truth.granted,
      completed: truth.grants.filter((grant) => grant.state === "completed").length,
      answersGapMs: longestGap(traffic.answeredAt),
      admissionsGapMs: longestGap(await admittedAt(url.href)),
    };
  } finally {
    for (const node of nodes) await node.kill();
    await onServer(server.url, `drop database if exists ${name} with (force)`).catch(() => undefined);
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function admittedAt(databaseUrl: string): Promise<readonly number[]> {
  const rows = await onServer(databaseUrl, "select at from distribution_change where kind = 'admitted' order by at");
  return rows.map((row) => (row["at"] as Date).getTime());
}

/** Runs one statement on a connection of its own. */
export async function onServer(url: string, statement: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function findOwner(nodes: readonly RunningService[]): Promise<number> {
  const read = async (node: RunningService): Promise<number> => {
    const text = await (await fetch(`${node.adminUrl}/metrics`)).text();
    return Number(/^fanfare_admissions_total (\d+)/m.exec(text)?.[1] ?? 0);
  };
  for (;;) {
    const before = await Promise.all(nodes.map(read));
    await pause(200);
    const after = await Promise.all(nodes.map(read));
    const rises = after.map((count, index) => count - (before[index] ?? 0));
    const most = Math.max(...rises);
    if (most > 0) return rises.indexOf(most);
  }
}

function longestGap(instants: readonly number[]): number {
  let longest = 0;
  for (let index = 1; index < instants.length; index++) longest = Math.max(longest, (instants[index] ?? 0) - (instants[index - 1] ?? 0));
  return Math.round(longest);
}
