import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import initFanfare from "@fanfare-io/fanfare-sdk-core";
import { createLaunch, freePort, startService } from "@fanfare-io/fanfare-testing";
import type { TestLaunch } from "@fanfare-io/fanfare-testing";
import { findCache, startCacheServer } from "./cache-server.ts";
import type { Cache } from "./cache-server.ts";

const page = fileURLToPath(new URL("../../docs/benchmarks-turns.md", import.meta.url));
const people = 120;
const atOnce = 20;
const lifeSeconds = 600;

/** How late shoppers learned of their turn, and what it cost. */
interface TurnFigures {
  readonly lateMs: { readonly p50: number; readonly p90: number; readonly p99: number; readonly max: number };
  readonly questions: number;
  readonly learned: number;
}

/** Lines in which turns come like a clock, and as others finish. */
const kinds = {
  "by the rate, two a second": { admitRate: 120 },
  "as checkout slots come back, one in three seconds": { admitRate: 6_000, capacity: 20 },
} as const;

/** Lets real SDKs wait through nginx for their turns, once with events and once with questions alone, and writes the page. */
export async function benchTurns(): Promise<void> {
  const nginx = findCache();
  if (nginx === null) return;
  const rows: string[] = [];
  for (const [kind, settings] of Object.entries(kinds)) {
    for (const events of [false, true]) {
      process.stderr.write(`turns ${kind}, ${events ? "events" : "questions"} …\n`);
      const { lateMs, questions, learned } = await measure(nginx, settings, events);
      rows.push(
        `| ${kind} | ${events ? "told as it comes" : "asked for"} | ${learned} | ${lateMs.p50} ms | ${lateMs.p90} ms | ${lateMs.p99} ms | ${lateMs.max} ms | ${questions.toFixed(1)} |`,
      );
    }
  }
  const report = `# Learning of the turn

Made by \`npm run bench -- --only turns\` on ${new Date().toISOString().slice(0, 10)}: ${cpus().length} cores (${cpus()[0]?.model.trim() ?? "unknown"}), Node ${process.versions.node}. ${people} real SDKs join one line through nginx
(\`bench/nginx.conf\`) and wait for a minute. Late is the time from the admission in the database to the SDK's event; questions are those of each shopper about the line until then. *Asked for*: the same SDK, whose page takes no events.
All checkout slots are taken in the first second, before anybody can know how long shoppers use them: who joins then is told pauses that rest on a guess (decision 0069).

| turns come | the turn is | learned | half within | nine of ten | 99 of 100 | latest | questions a shopper |
| --- | --- | --: | --: | --: | --: | --: | --: |
${rows.join("\n")}
`;
  await writeFile(page, report);
  process.stdout.write(`\n${report}`);
}

async function measure(nginx: Cache, settings: { readonly admitRate: number; readonly capacity?: number }, events: boolean): Promise<TurnFigures> {
  const [dataDir, port] = await Promise.all([mkdtemp(join(tmpdir(), "fanfare-bench-")), freePort()]);
  const service = await startService({ dataDir, env: { CONSUMER_PUBLIC_URLS: `http://127.0.0.1:${port}/api`, TRUST_PROXY: "1" } });
  const proxy = await startCacheServer(nginx, port, service.consumerUrl);
  try {
    const launch = await createLaunch(service.adminUrl, service.operatorKey, { ...settings, admissionExpirationSeconds: lifeSeconds });
    // A node offers what it knows, and learns of a new launch within a moment.
    await fetch(`${service.consumerUrl}/queues/${launch.queueId}?pk=${launch.publishableKey}`);
    const late: number[] = [];
    let questions = 0;
    const onTurn = (lateMs: number, asked: number): void => {
      late.push(lateMs);
      questions += asked;
    };
    const sdks: { destroy(): void }[] = [];
    while (sdks.length < people) sdks.push(...(await Promise.all(Array.from({ length: atOnce }, () => waitInLine(proxy.url, launch, events, onTurn)))));
    await pause(60_000);
    for (const { destroy } of sdks) destroy();
    const sorted = late.toSorted((a, b) => a - b);
    const at = (share: number): number => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
    return { lateMs: { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) }, questions: questions / Math.max(1, late.length), learned: late.length };
  } finally {
    await proxy.stop();
    await service.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** Joins, and gives the place at the checkout back a minute after the turn, so that others come in: at twenty slots one in three seconds. */
async function waitInLine(url: string, launch: TestLaunch, events: boolean, onTurn: (lateMs: number, asked: number) => void): Promise<{ destroy(): void }> {
  let asked = 0;
  const counted: typeof fetch = (input, init) => {
    const address = input instanceof Request ? input.url : input.toString();
    if (address.includes("/queues/")) asked++;
    const headers = new Headers(init?.headers);
    if (!events) headers.set("accept", "application/json");
    return fetch(input, { ...init, headers });
  };
  const { organizationId, publishableKey, experienceId } = launch;
  const sdk = await initFanfare({ organizationId, publishableKey, apiUrl: `${url}/api`, storage: "memory", platform: { fetch: counted, signing: () => null } });
  const journey = sdk.journeys.get(experienceId);
  sdk.on("queue:admitted", ({ expiresAt }) => {
    onTurn(Math.max(0, Date.now() - (Date.parse(expiresAt) - lifeSeconds * 1000)), asked);
    const view = journey.view$.get();
    const leave = (): void => {
      if (view.journeyStage === "routed" && "leave" in view.sequence) void view.sequence.leave();
    };
    setTimeout(leave, Math.random() * 60_000).unref();
  });
  const ready = journey.view$.get();
  if (ready.journeyStage === "ready") await ready.start();
  const routed = journey.view$.get();
  if (routed.journeyStage !== "routed" || !("enter" in routed.sequence)) throw new Error("The line cannot be joined.");
  await routed.sequence.enter();
  return sdk;
}
