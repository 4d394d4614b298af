import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { createLaunch, freePort, startService } from "@fanfare-io/fanfare-testing";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findCache, startCacheServer } from "./cache-server.ts";
import type { Cache } from "./cache-server.ts";
import { brokenOf, rehearse } from "./rehearse.ts";
import type { RehearsalFigures } from "./rehearse.ts";

/** How the crowd reaches the service. */
export type Way = "directly" | "through nginx";

/** What is rehearsed. */
export interface RehearsalOptions {
  readonly shoppers: number;
  /** In which the crowd is let in. */
  readonly minutes: number;
  readonly ways: readonly Way[];
}

/** What a rehearsal came to, and what of it reached the service. */
export interface MeasuredRehearsal {
  readonly way: Way;
  readonly figures: RehearsalFigures;
  /** Answers of the service, by its own count: the body that everybody shares, and all others. */
  readonly reached: { readonly shared: number; readonly other: number };
}

/** Rehearses a launch on loopback in each of these ways, where there is an nginx; the report of the last one stays beside the figures. */
export async function measureRehearsals(databaseUrl: string | undefined, { ways, ...crowd }: RehearsalOptions): Promise<readonly MeasuredRehearsal[]> {
  const measured: MeasuredRehearsal[] = [];
  for (const way of ways) {
    const nginx = way === "directly" ? null : findCache();
    if (way === "directly" || nginx !== null) measured.push(await measureRehearsal(databaseUrl, crowd, nginx));
  }
  return measured;
}

async function measureRehearsal(
  databaseUrl: string | undefined,
  { shoppers, minutes }: Omit<RehearsalOptions, "ways">,
  nginx: Cache | null,
): Promise<MeasuredRehearsal> {
  const [dataDir, port] = await Promise.all([mkdtemp(join(tmpdir(), "fanfare-rehearsal-")), freePort()]);
  const behind = nginx === null ? {} : { env: { CONSUMER_PUBLIC_URLS: `http://127.0.0.1:${port}/api`, TRUST_PROXY: "1" } };
  const service = await startService({ dataDir, ...(databaseUrl === undefined ? {} : { databaseUrl }), ...behind });
  const cache = nginx === null ? null : await startCacheServer(nginx, port, service.consumerUrl);
  try {
    // Nobody is held up for want of slots.
    const { queueId, publishableKey, secretKey } = await createLaunch(service.adminUrl, service.operatorKey, {
      admitRate: Math.ceil(shoppers / minutes),
      admissionExpirationSeconds: 60,
    });
    const url = cache === null ? service.consumerUrl : `${cache.url}/api`;
    const where = ["--queue", queueId, "--consumer-url", url, "--admin-url", service.adminUrl];
    // Whoever wanders off is back soon: the last of a hundred thousand would else be waited for for a quarter of an hour.
    const crowd = ["--shoppers", String(shoppers), "--arrivals", "spike", "--over", "120", "--shopping", "20", "--absence", "20", "--connections", "256"];
    const report = fileURLToPath(new URL("../../docs/operations/rehearsal.html", import.meta.url));
    const figures = await rehearse([...where, ...crowd, "--report", report], { FANFARE_PUBLISHABLE_KEY: publishableKey, FANFARE_SECRET_KEY: secretKey });
    return { way: nginx === null ? "directly" : "through nginx", figures, reached: await reachedOf(service.adminUrl) };
  } finally {
    await cache?.stop();
    await service.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function reachedOf(adminUrl: string): Promise<MeasuredRehearsal["reached"]> {
  const text = await (await fetch(new URL("/metrics", adminUrl))).text();
  const counts = [...text.matchAll(/^fanfare_request_seconds_count\{route="(\w+)"\} (\d+)/gm)].map(([, route, count]) => [route, Number(count)] as const);
  const sum = (wanted: (route: string | undefined) => boolean): number => counts.reduce((total, [route, count]) => total + (wanted(route) ? count : 0), 0);
  return { shared: sum((route) => route === "getQueue"), other: sum((route) => route !== "getQueue") };
}

const whole = (value: number): string => Math.round(value).toLocaleString("en");

/** The figures as a page of Markdown. */
export function writeRehearsalReport(
  measured: readonly MeasuredRehearsal[],
  { scale, minutes, database, at }: { readonly scale: number; readonly minutes: number; readonly database: string; readonly at: Date },
): string {
  const percent = (share: number | null): string => (share === null ? "–" : `${(share * 100).toFixed(1)} %`);
  const judged = ({ figures }: MeasuredRehearsal) => figures.minutes.filter((minute) => minute.judged);
  const rows: readonly (readonly [string, (each: MeasuredRehearsal) => string])[] = [
    ["Shoppers", ({ figures }) => whole(figures.totals.arrived)],
    ["Let in, bought", ({ figures: { totals } }) => `${whole(totals.admitted)}, ${whole(totals.completed)}`],
    ["It took", ({ figures }) => `${whole(figures.seconds)} s`],
    ["Requests of the crowd", ({ figures: { totals } }) => whole(totals.requests)],
    ["Of them to the shared body, answered by the service", ({ reached }) => whole(reached.shared)],
    ["All others, answered by the service", ({ reached }) => whole(reached.other)],
    [
      "**Requests reaching the service a shopper**",
      ({ figures: { totals }, reached }) => `**${((reached.shared + reached.other) / totals.joined).toFixed(2)}**`,
    ],
    ["Refused or failed", ({ figures }) => whole(figures.totals.refusals)],
    ["Wait: half under, 99 of 100 under", ({ figures: { waits } }) => `${whole(waits.figures.p50 ?? 0)} s, ${whole(waits.figures.p99 ?? 0)} s`],
    ["Minutes exact, of those that could be judged", (each) => `${judged(each).filter((minute) => minute.exact).length} of ${judged(each).length}`],
    ["Estimates off by, in the median", ({ figures }) => percent(figures.estimates.medianError)],
    ["Estimated ranges that were right", ({ figures }) => percent(figures.estimates.covered)],
    ["Broken promises", ({ figures }) => brokenOf(figures)],
  ];
  const ways = measured.map(({ way }) => way);
  const latencies = measured.map(
    ({ way, figures }) => `### ${way.charAt(0).toUpperCase()}${way.slice(1)}

| call | answers | p50 | p99 |
| --- | --: | --: | --: |
${figures.latency.map(({ route, count, p50, p99 }) => `| ${route} | ${whole(count)} | ${p50.toFixed(1)} ms | ${p99.toFixed(1)} ms |`).join("\n")}
`,
  );
  return `# A rehearsal on loopback

Made by \`npm run bench -- --only rehearsal${scale === 1 ? "" : ` --scale ${scale}`}${minutes === 7 ? "" : ` --minutes ${minutes}`}\` on ${at.toISOString().slice(0, 10)}: ${cpus().length} cores (${cpus()[0]?.model.trim() ?? "unknown"}), ${database}, Node ${process.versions.node}; crowd, service and database share the
machine. The whole report of the last one: [rehearsal.html](operations/rehearsal.html).

| | ${ways.join(" | ")} |
| --- | ${ways.map(() => "--:").join(" | ")} |
${rows.map(([name, show]) => `| ${name} | ${measured.map(show).join(" | ")} |`).join("\n")}

${latencies.join("\n")}`;
}
