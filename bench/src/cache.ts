import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import initFanfare from "@fanfare-io/fanfare-sdk-core";
import type { FanfareSDK } from "@fanfare-io/fanfare-sdk-core";
import { createLaunch, freePort, startService } from "@fanfare-io/fanfare-testing";
import type { RunningService, TestLaunch } from "@fanfare-io/fanfare-testing";
import { findCache, startCacheServer } from "./cache-server.ts";
import type { Cache } from "./cache-server.ts";

const pageOf = (cache: Cache["name"]): string =>
  fileURLToPath(new URL(`../../docs/benchmarks-cache${cache === "nginx" ? "" : `-${cache}`}.md`, import.meta.url));
const atOnce = 50;
/** So that who stands at the 300th second of the line waits five minutes. */
const admitRate = 240;

/** How large the crowd is, and how long we look. */
export interface CacheOptions {
  readonly waiters: number;
  readonly seconds: number;
  readonly cache: Cache["name"];
}

interface CacheFigures {
  /** Requests to the cache, of everybody, in the time. */
  readonly asked: { readonly shared: number; readonly other: number };
  /** Of those, what came to the service. */
  readonly reached: { readonly shared: number; readonly own: number };
  readonly far: number;
  /** Questions and turn of those whose turn came between four and a half and five minutes after they had joined. */
  readonly fiveMinutes: { readonly people: number; readonly most: number; readonly median: number };
}

/** Puts real SDKs in line through nginx, lets them wait as a browser's would, and counts what reaches the service. */
export async function benchCache(options: CacheOptions): Promise<void> {
  const found = findCache(options.cache);
  if (found === null) return;
  process.stderr.write(`cache: ${options.waiters} waiters for ${options.seconds} s …\n`);
  const [dataDir, port] = await Promise.all([mkdtemp(join(tmpdir(), "fanfare-bench-")), freePort()]);
  const service = await startService({ dataDir, env: { CONSUMER_PUBLIC_URLS: `http://127.0.0.1:${port}/api`, TRUST_PROXY: "1" } });
  const cache = await startCacheServer(found, port, service.consumerUrl);
  try {
    const launch = await createLaunch(service.adminUrl, service.operatorKey, { admitRate });
    const report = writeCacheReport(await measure(service, cache.url, launch, options), options, new Date());
    await writeFile(pageOf(options.cache), report);
    process.stdout.write(`\n${report}`);
  } finally {
    await cache.stop();
    await service.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

interface Person {
  readonly sdk: FanfareSDK;
  readonly asked: () => number;
  readonly joinedAt: number;
  admittedAt: number | null;
  askedUntilTurn: number;
}

async function measure(service: RunningService, url: string, launch: TestLaunch, { waiters, seconds }: CacheOptions): Promise<CacheFigures> {
  const people: Person[] = [];
  const asked = { shared: 0, other: 0 };
  const began = performance.now();
  while (people.length < waiters) {
    const wave = Array.from({ length: Math.min(atOnce, waiters - people.length) }, () => joinLine(url, launch, asked));
    people.push(...(await Promise.all(wave)));
  }
  const [askedBefore, reachedBefore] = [{ ...asked }, await reachedOf(service)];
  const far = people.length - (admitRate / 60) * ((performance.now() - began) / 1000) - admitRate * 3;
  await pause(seconds * 1000);
  const [askedAfter, reachedAfter] = [{ ...asked }, await reachedOf(service)];
  const five = people
    .filter(({ joinedAt, admittedAt }) => admittedAt !== null && admittedAt - joinedAt >= 270_000 && admittedAt - joinedAt <= 305_000)
    .map(({ askedUntilTurn }) => askedUntilTurn)
    .toSorted((a, b) => a - b);
  for (const { sdk } of people) sdk.destroy();
  return {
    asked: { shared: askedAfter.shared - askedBefore.shared, other: askedAfter.other - askedBefore.other },
    reached: { shared: reachedAfter.shared - reachedBefore.shared, own: reachedAfter.own - reachedBefore.own },
    far: Math.max(0, Math.round(far)),
    fiveMinutes: { people: five.length, most: five.at(-1) ?? 0, median: five[Math.floor(five.length / 2)] ?? 0 },
  };
}

/** `all` counts what everybody asks of the cache. */
async function joinLine(url: string, launch: TestLaunch, all: { shared: number; other: number }): Promise<Person> {
  let asked = 0;
  const counted: typeof fetch = (input, init) => {
    const address = addressOf(input);
    if (address.includes("/queues/")) asked++;
    all[/\/queues\/[^/]+\?pk=/.test(address) ? "shared" : "other"]++;
    return fetch(input, init);
  };
  const { organizationId, publishableKey, experienceId } = launch;
  const sdk = await initFanfare({ organizationId, publishableKey, apiUrl: `${url}/api`, storage: "memory", platform: { fetch: counted, signing: () => null } });
  const journey = sdk.journeys.get(experienceId);
  const view = journey.view$.get();
  if (view.journeyStage === "ready") await view.start();
  const routed = journey.view$.get();
  if (routed.journeyStage !== "routed" || !("enter" in routed.sequence)) throw new Error("The line cannot be joined.");
  await routed.sequence.enter();
  const person: Person = { sdk, asked: () => asked, joinedAt: performance.now(), admittedAt: null, askedUntilTurn: 0 };
  sdk.on("queue:admitted", () => {
    person.admittedAt = performance.now();
    person.askedUntilTurn = asked;
  });
  return person;
}

/** What the service answered, by its own count. */
async function reachedOf(service: RunningService): Promise<{ readonly shared: number; readonly own: number }> {
  const text = await (await fetch(new URL("/metrics", service.adminUrl))).text();
  const of = (route: string): number => Number(new RegExp(`^fanfare_request_seconds_count\\{route="${route}"\\} (\\d+)`, "m").exec(text)?.[1] ?? 0);
  return { shared: of("getQueue"), own: of("getQueueStatus") };
}

function writeCacheReport({ asked, reached, far, fiveMinutes }: CacheFigures, { waiters, seconds, cache }: CacheOptions, at: Date): string {
  const whole = (value: number): string => Math.round(value).toLocaleString("en");
  const whoWaited =
    fiveMinutes.people === 0
      ? ""
      : `| people who waited about five minutes | ${whole(fiveMinutes.people)} |
| their questions to line and cache until they knew of their turn, joining included: median, most | ${fiveMinutes.median}, **${fiveMinutes.most}** |
`;
  return `# Waiting behind a cache

Made by \`npm run bench -- --only cache${cache === "nginx" ? "" : ` --cache ${cache}`} --waiters ${waiters} --seconds ${seconds}\` on ${at.toISOString().slice(0, 10)}: ${cpus().length} cores (${cpus()[0]?.model.trim() ?? "unknown"}), Node ${process.versions.node}.
${whole(waiters)} real SDKs join one line through ${cache} (\`bench/${cache === "nginx" ? "nginx.conf" : "varnish.vcl"}\`, the settings of [operations/cdn.md](operations/cdn.md)) and wait; the line lets in ${admitRate} a minute. About ${whole(far)} of them stood beyond the admission window at the beginning.
Own questions are of those near their turn, and of those whose turn it is, who go on asking every twenty seconds.

| | |
| --- | --: |
| readings of the shared body, a second, at the cache | ${(asked.shared / seconds).toFixed(1)} |
| of them reaching the service, a second | **${(reached.shared / seconds).toFixed(2)}** |
| own status questions reaching the service, a second | ${(reached.own / seconds).toFixed(1)} |
| requests reaching the service a waiter, in ${seconds} s | ${((reached.shared + reached.own) / waiters).toFixed(2)} |
${whoWaited}`;
}

function addressOf(input: Parameters<typeof fetch>[0]): string {
  return input instanceof Request ? input.url : input.toString();
}
