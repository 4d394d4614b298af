import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type initFanfare from "@fanfare-io/fanfare-sdk-core";
import { call, createLaunch, startService } from "@fanfare-io/fanfare-testing";
import type { Browser, Page } from "playwright-core";
import { launchChromium } from "./chromium.ts";
import { servePage } from "./fixtures/serve-page.ts";
import type { takePart } from "./fixtures/session-page/take-part.ts";
import { slowDown } from "./slowed-processes.ts";

// Prints, as JSON, how long a slow phone works for a place at `enhanced`: run by `npm run bench -- --only phone`. Everything is as a shopper has it: the SDK
// in a page, the service, a challenge of the normal effort because more than a household entered from this address.

const { values } = parseArgs({ options: { samples: { type: "string", default: "40" }, slowdowns: { type: "string", default: "1,4,6" } } });
const samples = Number(values.samples);
const household = 8;

const dataDir = await mkdtemp(join(tmpdir(), "fanfare-phone-"));
const [browser, service] = await Promise.all([launchChromium(), startService({ dataDir })]);
const site = await servePage(fileURLToPath(new URL("fixtures/session-page", import.meta.url)), service.consumerUrl);
try {
  const launch = await createLaunch(service.adminUrl, service.operatorKey);
  await call("PUT", `${service.adminUrl}/experiences/${launch.experienceId}`, { authorization: `Bearer ${launch.secretKey}` }, { protectionLevel: "enhanced" });
  const context = await browser.newContext({ userAgent: "Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile", locale: "en" });
  const page = await context.newPage();
  await page.goto(site.url);
  await page.waitForFunction(() => "initFanfare" in globalThis);
  const options = { organizationId: launch.organizationId, publishableKey: launch.publishableKey, apiUrl: service.consumerUrl };
  const enter = (): Promise<string> => enterOnce(page, options, launch.experienceId);
  for (let guest = 0; guest < household; guest++) await enter();
  const throttled = await whatThrottlingReaches(page);
  const series = [];
  for (const slowdown of values.slowdowns.split(",").map(Number)) series.push(await measureSeries(browser, page, enter, slowdown));
  const cores = await page.evaluate(() => navigator.hardwareConcurrency);
  process.stdout.write(JSON.stringify({ browser: browser.version(), cores, samples, throttled, series }));
} finally {
  await browser.close();
  await site.close();
  await service.stop();
  await rm(dataDir, { recursive: true });
}

/** A new guest, who enters and stands in line. */
function enterOnce(page: Page, options: { organizationId: string; publishableKey: string; apiUrl: string }, experienceId: string): Promise<string> {
  return page.evaluate(
    async ({ experience, ...config }) => {
      const host = globalThis as unknown as { initFanfare: typeof initFanfare; takePart: typeof takePart };
      const sdk = await host.initFanfare({ ...config, storage: "memory", sync: { enabled: false } });
      const phase = await host.takePart(sdk, experience, ["participating", "granted"]);
      sdk.destroy();
      return phase;
    },
    { ...options, experience: experienceId },
  );
}

interface Series {
  readonly slowdown: number;
  /** Milliseconds from the challenge to its answer, each sample. */
  readonly wallMs: readonly number[];
  /** Of the page's processes, meanwhile. */
  readonly cpuSeconds: readonly number[];
}

async function measureSeries(from: Browser, page: Page, enter: () => Promise<string>, slowdown: number): Promise<Series> {
  const wallMs: number[] = [];
  const cpuSeconds: number[] = [];
  const slowed = await slowDown(from, slowdown);
  let given: { readonly at: number; readonly cpu: number } | null = null;
  page.on("response", (response) => {
    if (response.url().endsWith("/challenges") && response.ok()) given = { at: performance.now(), cpu: slowed.cpuSeconds() };
  });
  page.on("request", (request) => {
    if (given === null || !request.url().endsWith("/enter") || request.method() !== "POST") return;
    wallMs.push(performance.now() - given.at);
    cpuSeconds.push(slowed.cpuSeconds() - given.cpu);
    given = null;
  });
  try {
    while (wallMs.length < samples) await enter();
  } finally {
    await slowed.release();
    page.removeAllListeners();
  }
  return { slowdown, wallMs, cpuSeconds };
}

/** How many times slower the developer tools' throttling, set to six, makes the page's thread and a worker. */
async function whatThrottlingReaches(page: Page): Promise<{ readonly page: number; readonly worker: number }> {
  const session = await page.context().newCDPSession(page);
  const count = (): Promise<{ page: number; worker: number }> =>
    page.evaluate(async () => {
      const spin = (): number => {
        const until = performance.now() + 400;
        let turns = 0;
        while (performance.now() < until) for (let turn = 0; turn < 1_000; turn++) turns = (turns + 1) | 0;
        return turns;
      };
      const url = URL.createObjectURL(new Blob([`postMessage((${spin.toString()})())`], { type: "text/javascript" }));
      const worker = new Worker(url);
      const inWorker = await new Promise<number>((resolve) => worker.addEventListener("message", ({ data }) => resolve(data as number)));
      worker.terminate();
      return { page: spin(), worker: inWorker };
    });
  const before = await count();
  await session.send("Emulation.setCPUThrottlingRate", { rate: 6 });
  const after = await count();
  await session.send("Emulation.setCPUThrottlingRate", { rate: 1 });
  await session.detach();
  return { page: before.page / after.page, worker: before.worker / after.worker };
}
