import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type initFanfare from "@fanfare-io/fanfare-sdk-core";
import type { FanfareSDK, GuestSession, Session } from "@fanfare-io/fanfare-sdk-core";
import { createLaunch, startService } from "@fanfare-io/fanfare-testing";
import type { RunningService, TestLaunch } from "@fanfare-io/fanfare-testing";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchChromium } from "./chromium.ts";
import { servePage } from "./fixtures/serve-page.ts";
import type { ServedPage } from "./fixtures/serve-page.ts";

let dataDir: string;
let service: RunningService;
let launch: TestLaunch;
let site: ServedPage;
let browser: Browser;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "fanfare-bound-"));
  [browser, service] = await Promise.all([launchChromium(), startService({ dataDir })]);
  site = await servePage(fileURLToPath(new URL("fixtures/session-page", import.meta.url)), service.consumerUrl);
  launch = await createLaunch(service.adminUrl, service.operatorKey, {}, { organizationId: "org_bound" });
});
afterAll(async () => {
  await browser.close();
  await site.close();
  await service.stop();
  await rm(dataDir, { recursive: true });
});

/** What the tests leave on the page between two calls. */
type Host = { initFanfare: typeof initFanfare; sdk: FanfareSDK; told: string[] };

/** Opens a tab and starts the SDK in it. */
async function openTab(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  await page.goto(site.url);
  await start(page);
  return page;
}

async function start(page: Page): Promise<void> {
  const { organizationId, publishableKey } = launch;
  await page.waitForFunction(() => "initFanfare" in globalThis);
  await page.evaluate(
    async (config) => {
      const host = globalThis as unknown as Host;
      host.told = [];
      host.sdk = await host.initFanfare(config);
      host.sdk.on("auth:error", ({ context, error }) => host.told.push(`${context} ${error.code}`));
    },
    { organizationId, publishableKey, apiUrl: service.consumerUrl },
  );
}

const guest = (page: Page): Promise<GuestSession> => page.evaluate(() => (globalThis as unknown as Host).sdk.auth.guest());
const refresh = (page: Page): Promise<Session> => page.evaluate(() => (globalThis as unknown as Host).sdk.auth.refresh());
const session = (page: Page): Promise<Session | null> => page.evaluate(() => (globalThis as unknown as Host).sdk.auth.getSession());
const stored = (page: Page): Promise<Record<string, string>> => page.evaluate(() => Object.fromEntries(Object.entries(localStorage)));

/** Statuses of the answers to one route, over all tabs of a profile. What a page has heard already may be told here a moment later. */
function answersTo(context: BrowserContext, path: string): number[] {
  const statuses: number[] = [];
  context.on("response", (response) => {
    if (response.url().endsWith(path) && response.request().method() === "POST") statuses.push(response.status());
  });
  return statuses;
}

const rounds = Number(process.env["ROUNDS"] ?? 5);

test(`eight tabs that ask together from cold end as one consumer, ${rounds} times of ${rounds}`, async () => {
  for (let round = 0; round < rounds; round++) {
    const context = await browser.newContext();
    const asked = answersTo(context, "/auth/guest");
    const tabs = await Promise.all(Array.from({ length: 8 }, () => openTab(context)));
    const guests = await Promise.all(tabs.map(guest));
    expect(new Set(guests.map((each) => each.consumerId)).size).toBe(1);
    const seen = await Promise.all(tabs.map(session));
    expect(new Set(seen.map((each) => each?.consumerId)).size).toBe(1);
    expect(guests[0]).toMatchObject({ bound: "device" });
    const renewed = await Promise.all(tabs.map(refresh));
    await expect.poll(() => asked.filter((status) => status === 201)).toHaveLength(1);
    expect(new Set(renewed.map((each) => each.consumerId)).size).toBe(1);
    await context.close();
  }
});

test("a part of the SDK that does not come is told as that, and asked for again by the next who needs it", async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  let refused = 0;
  await page.route(/\/assets\/(online|part)-/, (route) => (refused++ < 2 ? route.fulfill({ status: 503 }) : route.continue()));
  await page.goto(site.url);
  await start(page);
  const failed = await page.evaluate(async () => {
    const { sdk } = globalThis as unknown as Host;
    const codeOf = ({ code, retryable }: { code: string; retryable: boolean }): unknown => [code, retryable];
    return [await sdk.auth.guest().then(() => "came", codeOf), await sdk.auth.guest().then(() => "came", codeOf)];
  });
  expect(failed).toEqual([
    ["NETWORK_ERROR", true],
    ["NETWORK_ERROR", true],
  ]);
  expect(await guest(page)).toMatchObject({ bound: "device" });
  await context.close();
});

test("a reload keeps the session, and nobody can take the key out of the browser", async () => {
  const context = await browser.newContext();
  const page = await openTab(context);
  const { consumerId } = await guest(page);
  await page.reload();
  await start(page);
  expect(await session(page)).toMatchObject({ consumerId, bound: "device" });
  expect(await refresh(page)).toMatchObject({ consumerId });
  const taken = await page.evaluate(async (name) => {
    const db = await new Promise<IDBDatabase>((resolve) => {
      const opening = indexedDB.open(name);
      opening.onsuccess = () => resolve(opening.result);
    });
    const key = await new Promise<{ privateKey: CryptoKey }>((resolve) => {
      const reading = db.transaction("device").objectStore("device").get("key");
      reading.onsuccess = () => resolve(reading.result as { privateKey: CryptoKey });
    });
    return crypto.subtle.exportKey("jwk", key.privateKey).then(
      () => "taken",
      (error: Error) => error.name,
    );
  }, `fanfare:${launch.organizationId}`);
  expect(taken).toBe("InvalidAccessError");
  await context.close();
});

test("everything that was stored as text, copied to another profile, opens nothing there and harms nobody here", async () => {
  const home = await browser.newContext();
  const page = await openTab(home);
  const { consumerId } = await guest(page);
  const loot = await stored(page);

  const away = await browser.newContext();
  await away.addInitScript((items) => {
    for (const [key, text] of Object.entries(items)) localStorage.setItem(key, text);
  }, loot);
  const thief = await openTab(away);
  expect(await session(thief)).toBeNull();
  expect((await guest(thief)).consumerId).not.toBe(consumerId);

  const { accessToken, refreshToken } = JSON.parse(loot[`fanfare:${launch.organizationId}:session`] ?? "{}") as Record<string, string>;
  const ask = async (path: string, authorization?: string): Promise<number> => {
    const headers = { "x-publishable-key": launch.publishableKey, "content-type": "application/json", ...(authorization && { authorization }) };
    const isRead = path === "/auth/session";
    const answer = await fetch(`${service.consumerUrl}${path}`, {
      method: isRead ? "GET" : "POST",
      headers,
      ...(isRead ? {} : { body: JSON.stringify({ refreshToken }) }),
    });
    return answer.status;
  };
  expect(await ask("/auth/session", `Bearer ${accessToken}`)).toBe(401);
  expect(await ask("/auth/session", `DPoP ${accessToken}`)).toBe(401);
  expect(await ask("/auth/refresh")).toBe(401);
  expect(await ask("/auth/logout")).toBe(401);

  expect(await refresh(page)).toMatchObject({ consumerId });
  await Promise.all([home.close(), away.close()]);
});

test("a browser that refuses IndexedDB binds the session to the page: one consumer in three calls, and no throw", async () => {
  const context = await browser.newContext();
  await context.addInitScript(() => {
    IDBFactory.prototype.open = () => {
      throw new DOMException("refused", "SecurityError");
    };
  });
  const page = await openTab(context);
  const guests = [await guest(page), await guest(page), await guest(page)];
  expect(new Set(guests.map((each) => each.consumerId)).size).toBe(1);
  expect(guests[0]).toMatchObject({ bound: "page" });
  expect(await refresh(page)).toMatchObject({ bound: "page" });
  expect(Object.keys(await stored(page))).not.toContain(`fanfare:${launch.organizationId}:session`);
  await context.close();
});

test.each([-86_400_000, 86_400_000])("a device clock that is wrong by %d ms costs one repeated call, and no other", async (wrongMs) => {
  const context = await browser.newContext();
  await context.addInitScript((offsetMs) => {
    const now = Date.now.bind(Date);
    Date.now = () => now() + offsetMs;
  }, wrongMs);
  const [made, renewed] = [answersTo(context, "/auth/guest"), answersTo(context, "/auth/refresh")];
  const page = await openTab(context);
  await guest(page);
  for (let call = 0; call < 10; call++) await refresh(page);
  await expect.poll(() => made).toEqual([401, 201]);
  await expect.poll(() => renewed).toEqual(Array<number>(10).fill(200));
  await context.close();
});

test(`after logout the key is retired: the next guest of this device is somebody else, in every tab, ${rounds} times of ${rounds}`, async () => {
  const context = await browser.newContext();
  const [page, other] = [await openTab(context), await openTab(context)];
  for (let round = 0; round < rounds; round++) {
    const { consumerId } = await guest(page);
    await expect.poll(async () => (await session(other))?.consumerId).toBe(consumerId);
    await page.evaluate(() => (globalThis as unknown as Host).sdk.auth.logout());
    await expect.poll(() => session(other)).toBeNull();
    const next = await guest(other);
    expect(next).toMatchObject({ bound: "device" });
    expect(next.consumerId).not.toBe(consumerId);
    await expect.poll(async () => (await session(page))?.consumerId).toBe(next.consumerId);
    await other.evaluate(() => (globalThis as unknown as Host).sdk.auth.logout());
    await expect.poll(() => session(page)).toBeNull();
  }
  await context.close();
});
