import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createLaunch, startService } from "@fanfare-io/fanfare-testing";
import type { RunningService, TestLaunch } from "@fanfare-io/fanfare-testing";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { launchChromium } from "./chromium.ts";
import type { BarePage } from "./fixtures/bare-page/main.ts";
import { servePage } from "./fixtures/serve-page.ts";
import type { ServedPage } from "./fixtures/serve-page.ts";

let dataDir: string;
let service: RunningService;
let launch: TestLaunch;
let site: ServedPage;
let browser: Browser;
let context: BrowserContext;
/** What the browser asked of the service, oldest first. */
let asked: string[];

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "fanfare-sessions-"));
  [browser, service] = await Promise.all([launchChromium(), startService({ dataDir })]);
  launch = await createLaunch(service.adminUrl, service.operatorKey);
  site = await servePage(fileURLToPath(new URL("fixtures/bare-page", import.meta.url)), service.consumerUrl);
});
afterAll(async () => {
  await browser.close();
  await site.close();
  await service.stop();
  await rm(dataDir, { recursive: true });
});
beforeEach(async () => {
  asked = [];
  context = await browser.newContext();
  context.on("request", (request) => {
    if (request.url().startsWith(service.consumerUrl) && request.method() !== "OPTIONS") asked.push(new URL(request.url()).pathname.replace("/api", ""));
  });
});
afterEach(() => context.close());

type Bare = { readonly bare: BarePage };

/** `chance`: what Math.random says in this tab, where a test must know. */
async function openTab(chance?: number): Promise<Page> {
  const page = await context.newPage();
  if (chance !== undefined) await page.addInitScript((value) => void (Math.random = () => value), chance);
  await page.goto(`${site.url}?organization=${launch.organizationId}&key=${launch.publishableKey}`);
  await page.waitForFunction(() => "bare" in globalThis);
  return page;
}

const guest = (page: Page): Promise<string> => page.evaluate(async () => (await (globalThis as unknown as Bare).bare.sdk.auth.guest()).consumerId);
const consumerOf = (page: Page): Promise<string | null> => page.evaluate(() => (globalThis as unknown as Bare).bare.sdk.auth.getSession()?.consumerId ?? null);
const told = (page: Page): Promise<BarePage["told"]> => page.evaluate(() => (globalThis as unknown as Bare).bare.told);

/** Goes through the service with the tab's token. */
const authorizedCall = (page: Page): Promise<string | undefined> =>
  page.evaluate(async () => {
    const { sdk } = (globalThis as unknown as Bare).bare;
    await sdk.resume();
    return sdk.auth.getSession()?.consumerId;
  });

describe("tabs of one browser", () => {
  test("are one consumer, whether they come one after another or ask in the same moment", async () => {
    const tabs = await Promise.all([openTab(), openTab(), openTab(), openTab()]);
    const consumers = await Promise.all(tabs.map(guest));
    expect(new Set(consumers).size).toBe(1);
    const late = await openTab();
    expect(await consumerOf(late)).toBe(consumers[0]);
    await expect.poll(() => Promise.all(tabs.map(consumerOf))).toEqual(consumers);
  });

  test("hear of a session that another began, and of the logout that ended it; the next guest is somebody new", async () => {
    const [one, other] = [await openTab(), await openTab()];
    const consumer = await guest(one);
    await expect.poll(() => told(other)).toEqual([{ event: "authenticated", detail: `${consumer} known` }]);
    await one.evaluate(() => (globalThis as unknown as Bare).bare.sdk.auth.logout());
    await expect.poll(() => consumerOf(other)).toBe(null);
    await expect.poll(async () => (await told(other)).at(-1)).toEqual({ event: "logout", detail: "other_tab" });
    await expect.poll(async () => (await told(one)).at(-1)).toEqual({ event: "logout", detail: "user" });
    expect(await other.evaluate(() => Object.keys(localStorage).filter((key) => /session|refresh_token|install/.test(key)))).toEqual([]);
    await expect.poll(() => asked.filter((path) => path === "/auth/logout")).toHaveLength(1);
    expect(await guest(other)).not.toBe(consumer);
  });

  test("refresh once for all: the tab that would come second has the new token by then", async () => {
    await context.clock.install();
    // A token of ten minutes is renewed between 7:28 and 8:28, spread by chance; chance is settled here, so that one tab is due before the other.
    const [one, other] = [await openTab(0.9), await openTab(0.1)];
    const consumer = await guest(one);
    await expect.poll(() => consumerOf(other)).toBe(consumer);
    // Tabs get the new time one after the other, unlike on a device: nothing is answered until both have it.
    const turned = Promise.withResolvers<void>();
    await context.route("**/auth/refresh", (route) => turned.promise.then(() => route.continue()));
    await context.clock.fastForward("08:00");
    turned.resolve();
    const refreshed = { event: "refreshed", detail: consumer };
    await expect.poll(async () => [(await told(one)).at(-1), (await told(other)).at(-1)]).toEqual([refreshed, refreshed]);
    await context.clock.fastForward("01:00");
    expect(await Promise.all([one, other].map(authorizedCall))).toEqual([consumer, consumer]);
    expect(asked.filter((path) => path.startsWith("/auth/"))).toEqual(["/auth/guest", "/auth/refresh"]);
  });

  test("that refresh in the same moment stay who they are", async () => {
    const [one, other] = [await openTab(), await openTab()];
    const consumer = await guest(one);
    await expect.poll(() => consumerOf(other)).toBe(consumer);
    const refresh = (page: Page): Promise<string> => page.evaluate(async () => (await (globalThis as unknown as Bare).bare.sdk.auth.refresh()).consumerId);
    expect(await Promise.all([refresh(one), refresh(other)])).toEqual([consumer, consumer]);
    expect(await Promise.all([refresh(other), refresh(one)])).toEqual([consumer, consumer]);
    expect([...(await told(one)), ...(await told(other))].filter(({ event }) => event === "error" || event === "logout")).toEqual([]);
  });
});

describe("a page that comes back", () => {
  test("restores its session from storage without a request while the token lives", async () => {
    const page = await openTab();
    const consumer = await guest(page);
    asked = [];
    await page.reload();
    await page.waitForFunction(() => "bare" in globalThis);
    expect(await consumerOf(page)).toBe(consumer);
    await expect.poll(() => told(page)).toEqual([{ event: "authenticated", detail: `${consumer} known` }]);
    expect(asked).toEqual([]);
  });

  test("stores and asks nothing before the shopper's own act", async () => {
    const page = await openTab();
    expect(asked).toEqual([]);
    expect(await page.evaluate(async () => [localStorage.length, (await indexedDB.databases()).length, document.cookie])).toEqual([0, 0, ""]);
  });
});
