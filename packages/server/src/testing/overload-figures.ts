import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { CreatedOrganization } from "@fanfare-io/fanfare-contract";
import { createTokens } from "../platform/tokens.ts";
import { createOpenLoop } from "./open-loop.ts";

// One line of JSON for `npm run bench -- --only overload`: joins offered from a fixed schedule to a service whose database is too slow for them.
const { values } = parseArgs({
  options: {
    offered: { type: "string", default: "10000" },
    database: { type: "string", default: "1000" },
    seconds: { type: "string", default: "20" },
    connections: { type: "string", default: "2000" },
  },
});
const [offered, database, seconds, connections] = [values.offered, values.database, values.seconds, values.connections].map(Number) as [
  number,
  number,
  number,
  number,
];

const secret = Buffer.alloc(32, 2);
const operatorKey = "op_0123456789abcdef0123456789abcdef";
const directory = await mkdtemp(join(tmpdir(), "fanfare-overload-"));
const child = startThrottled();
const { consumerUrl, adminUrl } = await readAddresses(child);
const { organization, publishableKey } = await makeLaunch();
const tokens = createTokens({ secret, now: Date.now });
const { hostname: host, port } = new URL(consumerUrl);
const loop = await createOpenLoop({ host, port: Number(port) }, connections);

const joins = { accepted: [] as number[], refused: [] as number[], refusedSent: [] as number[], other: {} as Record<string, number> };
const statuses: number[] = [];
let lastRefusalAt = 0;
let residentMegabytes = 0;

const calm = await phase(2, database / 2);
const residentBefore = residentMegabytes;
const overload = await phase(seconds, offered);
const endedAt = performance.now();
const recovery = await phase(6, database / 2);
const figures = {
  offered,
  database,
  seconds,
  calm,
  overload,
  recovery,
  refusalsEndedAfterMs: Math.round(Math.max(0, lastRefusalAt - endedAt)),
  residentMegabytes: { before: residentBefore, most: residentMegabytes },
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
loop.close();
child.kill("SIGKILL");
await rm(directory, { recursive: true, force: true });
process.exit(0);

/** Offers joins at a pace, and beside them the status questions of people in line. */
async function phase(forSeconds: number, perSecond: number): Promise<Record<string, unknown>> {
  for (const list of [joins.accepted, joins.refused, joins.refusedSent, statuses]) list.length = 0;
  joins.other = {};
  const began = performance.now();
  const sampler = setInterval(() => void sampleMemory(), 500);
  let sent = 0;
  let asked = 0;
  await new Promise<void>((resolve) => {
    const turn = setInterval(() => {
      const elapsed = performance.now() - began;
      for (; sent < Math.min(elapsed, forSeconds * 1000) * (perSecond / 1000); sent++) sendJoin(began + (sent * 1000) / perSecond);
      for (; asked < Math.min(elapsed, forSeconds * 1000) / 20; asked++) sendStatus(began + asked * 20);
      if (elapsed < forSeconds * 1000) return;
      clearInterval(turn);
      resolve();
    }, 2);
  });
  while (loop.open() > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  clearInterval(sampler);
  return {
    offered: sent,
    accepted: summary(joins.accepted),
    refused: summary(joins.refused),
    refusedFromSending: summary(joins.refusedSent),
    status: summary(statuses),
    other: joins.other,
  };
}

function sendJoin(dueAt: number): void {
  const claims = { organizationId: organization.id, consumerId: randomUUID(), sessionId: randomUUID(), keyThumbprint: null };
  const token = tokens.issueAccessToken(claims, Date.now() + 600_000);
  const bytes = `POST /api/queues/queue_line/enter HTTP/1.1\r\nHost: ${host}\r\nX-Publishable-Key: ${publishableKey}\r\nAuthorization: Bearer ${token}\r\nContent-Length: 0\r\n\r\n`;
  loop.send({ bytes, onAnswer: ({ status, ms, sentMs }) => note(status, ms, sentMs) }, dueAt);
}

function note(status: number, ms: number, sentMs: number): void {
  if (status === 200) joins.accepted.push(ms);
  else if (status === 503) {
    joins.refused.push(ms);
    joins.refusedSent.push(sentMs);
    lastRefusalAt = performance.now();
  } else joins.other[status] = (joins.other[status] ?? 0) + 1;
}

function sendStatus(dueAt: number): void {
  const poll = tokens.issuePollToken({ organizationId: organization.id, queueId: "queue_line", consumerId: randomUUID() }, Date.now() + 600_000);
  const bytes = `GET /api/queues/queue_line HTTP/1.1\r\nHost: ${host}\r\nX-Publishable-Key: ${publishableKey}\r\nAuthorization: Poll ${poll}\r\n\r\n`;
  loop.send({ bytes, onAnswer: ({ ms }) => void statuses.push(ms) }, dueAt);
}

function summary(list: readonly number[]): { count: number; p50: number; p99: number; max: number } {
  const sorted = list.toSorted((a, b) => a - b);
  const at = (share: number): number => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) };
}

async function sampleMemory(): Promise<void> {
  const resident = /VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${child.pid}/status`, "utf8").catch(() => ""));
  residentMegabytes = Math.max(residentMegabytes, Math.round(Number(resident?.[1] ?? 0) / 1024));
}

function startThrottled(): ChildProcess {
  const script = new URL("throttled-service.ts", import.meta.url).pathname;
  return spawn(process.execPath, ["--conditions=@fanfare-io/source", script, String(database)], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      ...process.env,
      LOG_LEVEL: "error",
      RATE_LIMITS: "off",
      CONSUMER_PORT: "0",
      ADMIN_PORT: "0",
      FANFARE_DATA_DIR: directory,
      FANFARE_OPERATOR_KEY: operatorKey,
      FANFARE_SIGNING_KEY: Buffer.alloc(32, 1).toString("base64url"),
      FANFARE_TOKEN_SECRET: secret.toString("base64url"),
    },
  });
}

async function readAddresses(service: ChildProcess): Promise<{ consumerUrl: string; adminUrl: string }> {
  if (service.stdout === null) throw new Error("The service has no output to read.");
  const [line] = (await once(service.stdout, "data")) as [Buffer];
  return JSON.parse(line.toString()) as { consumerUrl: string; adminUrl: string };
}

async function makeLaunch(): Promise<CreatedOrganization> {
  const ask = async (path: string, key: string, body: unknown): Promise<unknown> => {
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    const answer = await fetch(`${adminUrl}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(await answer.text());
    return answer.json();
  };
  const made = (await ask("/organizations", operatorKey, { name: "Overload" })) as CreatedOrganization;
  const queues = [{ id: "queue_line", name: "Line", admitRate: 0 }];
  await ask("/experiences", made.secretKey, { name: "Drop", sequence: { name: "All", queues } });
  return made;
}
