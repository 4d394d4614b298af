import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type initFanfare from "@fanfare-io/fanfare-sdk-core";
import type { GuestSession } from "@fanfare-io/fanfare-sdk-core";
import { ApiRefusal, arrive, call, createLaunch, startService } from "@fanfare-io/fanfare-testing";
import type { RunningService, TestLaunch } from "@fanfare-io/fanfare-testing";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchChromium } from "./chromium.ts";
import { servePage } from "./fixtures/serve-page.ts";
import type { ServedPage } from "./fixtures/serve-page.ts";
import type { takePart } from "./fixtures/session-page/take-part.ts";

let dataDir: string;
let service: RunningService;
let launch: TestLaunch;
let site: ServedPage;
let browser: Browser;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "fanfare-crowded-"));
  [browser, service] = await Promise.all([launchChromium(), startService({ dataDir, env: { RATE_LIMITS: "on" } })]);
  site = await servePage(fileURLToPath(new URL("fixtures/session-page", import.meta.url)), service.consumerUrl);
  launch = await createLaunch(service.adminUrl, service.operatorKey);
});
afterAll(async () => {
  await browser.close();
  await site.close();
  await service.stop();
  await rm(dataDir, { recursive: true });
});

/** Guests come from this address until the service asks for work. */
async function crowd(): Promise<void> {
  for (;;) {
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, () =>
        arrive(service.consumerUrl, launch).then(
          () => "came",
          (error: unknown) => (error instanceof ApiRefusal ? error.body?.error : String(error)),
        ),
      ),
    );
    for (const outcome of outcomes) expect(["came", "challenge_required"]).toContain(outcome);
    if (outcomes.includes("challenge_required")) return;
  }
}

test("a shopper behind a crowded address becomes a guest in a real browser, by work of the device alone", async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const asked: string[] = [];
  page.on("response", (response) => {
    const path = new URL(response.url()).pathname;
    if (response.request().method() === "POST" && path.startsWith("/api/")) asked.push(`${path} ${response.status()}`);
  });
  await page.goto(site.url);
  await page.waitForFunction(() => "initFanfare" in globalThis);
  const become = (): Promise<GuestSession> =>
    page.evaluate(
      async ({ organizationId, publishableKey, apiUrl }) => {
        const host = globalThis as unknown as { initFanfare: typeof initFanfare };
        const sdk = await host.initFanfare({ organizationId, publishableKey, apiUrl, storage: "memory" });
        const guest = await sdk.auth.guest();
        sdk.destroy();
        return guest;
      },
      { organizationId: launch.organizationId, publishableKey: launch.publishableKey, apiUrl: service.consumerUrl },
    );
  // A new minute may begin between the crowd and the shopper; then nobody is asked, and both come again.
  do {
    asked.length = 0;
    await crowd();
    expect(await become()).toMatchObject({ type: "guest" });
    // What the page has heard already may be told here a moment later.
    await expect.poll(() => asked.at(-1)).toBe("/api/auth/guest 201");
  } while (!asked.some((line) => line.includes("/challenges")));
  expect(asked).toEqual(["/api/auth/guest 403", "/api/challenges 200", "/api/auth/guest 201"]);
  await context.close();
});

test("a shopper enters a launch that takes this browser for one that nobody looks at, works for it, and sees nothing of it but the line", async () => {
  const authorization = { authorization: `Bearer ${launch.secretKey}` };
  await call("PUT", `${service.adminUrl}/experiences/${launch.experienceId}`, authorization, { protectionLevel: "enhanced" });
  const context = await browser.newContext();
  const page = await context.newPage();
  const asked: string[] = [];
  page.on("response", (response) => {
    const path = new URL(response.url()).pathname;
    if (response.request().method() === "POST" && /enter|challenges/.test(path)) asked.push(`${path.replace(/.*\//, "")} ${response.status()}`);
  });
  await page.goto(site.url);
  await page.waitForFunction(() => "initFanfare" in globalThis);
  const phase = await page.evaluate(
    async ({ organizationId, publishableKey, apiUrl, experienceId }) => {
      const host = globalThis as unknown as { initFanfare: typeof initFanfare; takePart: typeof takePart };
      const sdk = await host.initFanfare({ organizationId, publishableKey, apiUrl });
      return host.takePart(sdk, experienceId, ["participating", "granted"]);
    },
    { organizationId: launch.organizationId, publishableKey: launch.publishableKey, apiUrl: service.consumerUrl, experienceId: launch.experienceId },
  );
  expect(["participating", "granted"]).toContain(phase);
  await expect.poll(() => asked).toEqual(expect.arrayContaining(["enter 403", "challenges 200", "enter 200"]));
  await context.close();
});
