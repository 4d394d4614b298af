import { mkdtemp, readFile, rm } from "node:fs/promises";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { arrive, createLaunch, startService } from "@fanfare-io/fanfare-testing";
import type { RunningService, TestLaunch } from "@fanfare-io/fanfare-testing";
import pg from "pg";
import { sendLoad } from "./load.ts";
import type { LoadFigures } from "./load.ts";
import { median } from "./median.ts";

/** What one process costs with so many waiters in its database. */
export interface NodeFigures {
  readonly waiters: number;
  /** From the start of the process to its first `readyz` with 200. */
  readonly readySeconds: number;
  readonly residentMegabytes: number;
  readonly status: LoadFigures;
  /** One answer of `/metrics`, which looks along every line, and one of `/queues/:id/metrics`. Milliseconds, medians. */
  readonly scrapeMs: number;
  readonly lookMs: number;
}

const connections = 32;
const questions = 20_000;
/** Whose standing is asked for: the last ones in line. */
const askers = 200;
const scrapes = 9;

/** Starts the built service over a short and a long line in turn. */
export async function measureNodes(databaseUrl: string): Promise<readonly NodeFigures[]> {
  const measured: NodeFigures[] = [];
  for (const waiters of [10_000, 1_000_000]) {
    process.stderr.write(`a node with ${waiters.toLocaleString("en")} waiters …\n`);
    measured.push(await measureNode(databaseUrl, waiters));
  }
  return measured;
}

async function measureNode(databaseUrl: string, waiters: number): Promise<NodeFigures> {
  const dataDir = await mkdtemp(join(tmpdir(), "fanfare-node-"));
  const database = await createDatabase(databaseUrl, `fanfare_node_${waiters}`);
  const options = { dataDir, databaseUrl: database.url, built: true };
  let service: RunningService | undefined = await startService(options);
  try {
    const launch = await createLaunch(service.adminUrl, service.operatorKey, { admitRate: 60 });
    await service.stop();
    await fill(database.url, launch, waiters);
    const began = performance.now();
    service = await startService(options);
    const readySeconds = (performance.now() - began) / 1000;
    const polls = await joinAll(service.consumerUrl, launch);
    const headers = (poll: string) => ({ "x-publishable-key": launch.publishableKey, authorization: `Poll ${poll}` });
    let next = 0;
    const load = { url: new URL(service.consumerUrl).origin, connections, amount: questions };
    const path = `/api/queues/${launch.queueId}/status`;
    const ask = () => ({ method: "GET" as const, path, headers: headers(polls[next++ % askers] ?? "") });
    await sendLoad({ ...load, amount: questions / 4, next: ask });
    const status = await sendLoad({ ...load, next: ask });
    const scrapeMs = await timed(new URL("/metrics", service.adminUrl).href, {});
    const lookMs = await timed(`${service.adminUrl}/queues/${launch.queueId}/metrics`, { authorization: `Bearer ${launch.secretKey}` });
    return { waiters, readySeconds, residentMegabytes: await resident(service.pid), status, scrapeMs, lookMs };
  } finally {
    await service.stop();
    await database.drop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** Puts waiters into the line as if they had joined; nobody of them asks any more. */
async function fill(url: string, { organizationId, queueId }: TestLaunch, waiters: number): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(
    `insert into queue_entry (queue_id, organization_id, ticket, consumer_id, state, ahead_at_entry, entered_at)
     select $2, $1, ticket, gen_random_uuid(), 'waiting', ticket, now() from generate_series(1, $3::bigint) as ticket`,
    [organizationId, queueId, waiters],
  );
  await client.query("update queue set next_ticket = $2 where organization_id = $1", [organizationId, waiters + 1]);
  await client.query("analyze queue_entry");
  await client.end();
}

async function joinAll(consumerUrl: string, launch: TestLaunch): Promise<readonly string[]> {
  const tokens: string[] = [];
  for (let asker = 0; asker < askers; asker++) tokens.push((await (await arrive(consumerUrl, launch)).enter()).pollToken);
  return tokens;
}

async function timed(url: string, headers: Readonly<Record<string, string>>): Promise<number> {
  const took: number[] = [];
  for (let scrape = 0; scrape < scrapes; scrape++) {
    const began = performance.now();
    const answer = await fetch(url, { headers });
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`${url} answered ${answer.status}.`);
    took.push(performance.now() - began);
  }
  return median(took);
}

async function createDatabase(base: string, name: string): Promise<{ readonly url: string; drop(): Promise<void> }> {
  const run = async (statement: string): Promise<void> => {
    const client = new pg.Client({ connectionString: base });
    await client.connect();
    await client.query(statement);
    await client.end();
  };
  await run(`create database ${name}`);
  const url = new URL(base);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => run(`drop database ${name} with (force)`) };
}

async function resident(pid: number): Promise<number> {
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, "utf8"))?.[1] ?? Number.NaN) / 1024);
}

/** The figures as a page of Markdown, with the machine they come from. */
export function writeNodeReport(measured: readonly NodeFigures[], at: Date): string {
  const [short, long] = measured as readonly [NodeFigures, NodeFigures];
  const growth = (long.residentMegabytes - short.residentMegabytes) * 2 ** 20;
  const rows: readonly (readonly [string, (figures: NodeFigures) => string])[] = [
    ["Ready after its start", ({ readySeconds }) => `${readySeconds.toFixed(2)} s`],
    ["Resident memory after the load below", ({ residentMegabytes }) => `${residentMegabytes} MB`],
    ["Standings a second", ({ status }) => Math.round(status.perSecond).toLocaleString("en")],
    ["A standing: p50, p99", ({ status }) => `${status.p50} ms, ${status.p99} ms`],
    ["`/metrics`, which looks along the whole line", ({ scrapeMs }) => `${scrapeMs.toFixed(1)} ms`],
    ["`/queues/:id/metrics`", ({ lookMs }) => `${lookMs.toFixed(1)} ms`],
  ];
  return `# One node

Made by \`npm run bench -- --only node\` on ${at.toISOString().slice(0, 10)}: ${cpus().length} cores (${cpus()[0]?.model.trim() ?? "unknown"}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}, PostgreSQL; load, service and database share the machine.
The built service in a process of its own, started over a line that is in its database already. Standings are asked over ${connections} connections by the last ${askers} in line. Ready is when \`/readyz\` says so, the start of Node included.

| waiters | ${measured.map(({ waiters }) => waiters.toLocaleString("en")).join(" | ")} |
| --- | ${measured.map(() => "--:").join(" | ")} |
${rows.map(([name, show]) => `| ${name} | ${measured.map(show).join(" | ")} |`).join("\n")}

The long line costs ${Math.round(growth / (long.waiters - short.waiters))} bytes of resident memory a waiter. What its parts cost, and one turn of admission: [the line in memory](benchmarks-line.md).
`;
}
