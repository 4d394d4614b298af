import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLaunch, merchantOf, startService } from "@fanfare-io/fanfare-testing";
import type { RunningService, TestLaunch } from "@fanfare-io/fanfare-testing";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchChromium } from "./chromium.ts";
import { serveGuestExperience } from "./fixtures/guest-experience/serve.ts";
import type { GuestExperiencePage } from "./fixtures/guest-experience/serve.ts";

let dataDir: string;
let service: RunningService;
let launch: TestLaunch;
let site: GuestExperiencePage;
let browser: Browser;

// The ids that the guide writes, given to the service at creation.
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "fanfare-guide-"));
  [browser, service] = await Promise.all([launchChromium(), startService({ dataDir })]);
  const names = { organizationId: "org_xxx", publishableKey: "pk_live_xxx", experienceId: "exp_product_launch" };
  launch = await createLaunch(service.adminUrl, service.operatorKey, {}, names);
  site = await serveGuestExperience(service.consumerUrl);
});
afterAll(async () => {
  await browser.close();
  await site.close();
  await service.stop();
  await rm(dataDir, { recursive: true });
});

test("the guide's flow runs from the first paint to a grant that the merchant validates and completes once", async () => {
  const page = await browser.newPage();
  const seen: string[] = [];
  await page.exposeFunction("note", (text: string) => seen.push(text));
  await page.addInitScript(() => {
    const note = (globalThis as unknown as { note(text: string): void }).note;
    new MutationObserver(() => note(document.body?.innerText ?? "")).observe(document, { childList: true, subtree: true, characterData: true });
  });
  const guests: number[] = [];
  page.on("response", (response) => {
    if (response.url().endsWith("/auth/guest")) guests.push(response.status());
  });

  await page.goto(site.url);
  await page.getByRole("button", { name: "Join the line" }).click();
  await page.getByRole("heading", { name: "It is your turn" }).waitFor();
  const consumerId = await page.getByTestId("consumer").innerText();
  await page.getByRole("button", { name: "Continue to checkout" }).click();
  await page.getByRole("heading", { name: "Checkout" }).waitFor();

  await expect.poll(() => seen.some((text) => text.includes("Preparing your visit"))).toBe(true);
  // StrictMode mounts everything twice; still one guest is asked for, once.
  await expect.poll(() => guests).toEqual([201]);
  const [token = ""] = site.receivedTokens;
  const merchant = merchantOf(service.consumerUrl, launch);
  const hold = await merchant.validate(token);
  expect(hold).toMatchObject({ consumerId, experienceId: "exp_product_launch", distributionId: launch.queueId });
  const receipt = await merchant.complete(hold.redemptionId, "order-1");
  expect(await merchant.complete(hold.redemptionId, "order-1")).toEqual(receipt);
  await expect(merchant.complete(hold.redemptionId, "order-2")).rejects.toMatchObject({ status: 409 });
  await expect(merchant.validate(token)).rejects.toMatchObject({ status: 409 });
  await page.close();
});

test("a shopper who comes back after buying is told so, and finds no second way in", async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(site.url);
  await page.getByRole("button", { name: "Join the line" }).click();
  await page.getByRole("button", { name: "Continue to checkout" }).click();
  await page.getByRole("heading", { name: "Checkout" }).waitFor();
  const merchant = merchantOf(service.consumerUrl, launch);
  const hold = await merchant.validate(site.receivedTokens.at(-1) ?? "");
  await merchant.complete(hold.redemptionId, "order-3");
  await page.goto(site.url);
  await page.getByTestId("outcome").getByText("completed").waitFor();
  expect(await page.getByRole("button").count()).toBe(0);
  await context.close();
});
