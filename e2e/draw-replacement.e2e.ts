import { readEntry } from "@fanfare-io/fanfare-draw-proof";
import type { Transcript } from "@fanfare-io/fanfare-draw-proof";
import { call } from "@fanfare-io/fanfare-testing";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { launchChromium } from "./chromium.ts";
import { checkDraw, enterDraw, openDrawShop } from "./draw-shop.ts";
import type { DrawShop } from "./draw-shop.ts";
import { problemsOf } from "./page-problems.ts";
import { buy, visit } from "./shopper.ts";
import type { Shopper } from "./shopper.ts";
import { openStreet } from "./street.ts";
import type { Street } from "./street.ts";

let browser: Browser;
let street: Street;
let closing: (() => Promise<unknown>)[] = [];
let shoppers: Shopper[] = [];

beforeAll(async () => {
  [browser, street] = await Promise.all([launchChromium(), openStreet()]);
});
afterAll(async () => {
  await browser.close();
  await street.close();
});
afterEach(async () => {
  const troubles = shoppers.flatMap((shopper) => shopper.troubles);
  await Promise.all(shoppers.map((shopper) => shopper.close()));
  for (const close of closing.toReversed()) await close();
  [shoppers, closing] = [[], []];
  if (troubles.length > 0) throw new Error(`A page complained on its console:\n${troubles.join("\n")}`);
});

async function enterShop(url: string): Promise<Shopper> {
  const shopper = await visit(browser, url);
  shoppers.push(shopper);
  return shopper;
}
const transcriptOf = (shop: DrawShop, drawId: string): Promise<Transcript> =>
  call<Transcript>("GET", `${street.service.consumerUrl}/draws/${drawId}/transcript`, { "x-publishable-key": shop.launch.publishableKey });
const weightsOf = ({ entries }: Transcript): number[] => entries.map((entry) => readEntry(Buffer.from(entry, "hex"))?.weight ?? 0).toSorted((a, b) => a - b);
const failed = (points: readonly string[]): readonly string[] => points.filter((point) => !point.endsWith(": holds"));

async function saveReceipt(page: Page): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save my receipt" }).click()]);
  return download.path();
}

test("a win that nobody claims goes to the next, in public; who missed out counts more the next time; and a stranger checks all of it from the link, with somebody's receipt", async () => {
  const rules = { weighting: { rule: "luck_balancing", maxWeight: 3 }, continueSelectingUntilCompleted: true, admissionExpirationSeconds: 24 } as const;
  const shop = await openDrawShop(street, 1, undefined, rules);
  closing.push(shop.close);
  const entrants = await Promise.all([1, 2, 3].map(() => enterShop(shop.url)));
  for (const { page } of entrants) await enterDraw(page);
  const receipt = await saveReceipt(entrants[0]!.page);
  await shop.drawNow();
  const pages = entrants.map(({ page }) => page);
  const winning = (page: Page) =>
    page
      .locator('main[data-view="turn"]')
      .waitFor({ timeout: 90_000 })
      .then(() => page);
  for (const page of pages) await page.reload();
  const first = await Promise.any(pages.map(winning));
  const others = pages.filter((page) => page !== first);
  for (const page of others) await page.getByRole("heading", { name: "Not among the first" }).waitFor();
  // The winner looks at the page until the time is up.
  const second = await Promise.any(others.map(winning));
  expect(await buy(second)).toMatch(/^KR-/);
  await first.getByRole("heading", { name: "Your win has lapsed" }).waitFor({ timeout: 60_000 });
  const third = others.find((page) => page !== second)!;
  await third.getByRole("heading", { name: "Not this time" }).waitFor({ timeout: 60_000 });
  const { verdict, points } = await checkDraw(third);
  expect([verdict, failed(points)]).toEqual(["The draw holds.", []]);
  expect(await third.locator(".found").innerText()).toContain("1 given on in the order of the ranking; of those that ended, the operator took back 0.");
  expect(weightsOf(await transcriptOf(shop, shop.draw.id))).toEqual([1, 1, 1]);

  const link = (await third.getByRole("link", { name: "Link for anyone to check" }).getAttribute("href")) ?? "";
  const stranger = await enterShop(new URL(link, shop.url).href);
  await stranger.page.getByRole("heading", { name: "A draw, for anyone to check" }).waitFor();
  await stranger.page.getByLabel("Check a receipt as well").setInputFiles(receipt);
  const theirs = await checkDraw(stranger.page);
  expect([theirs.verdict, failed(theirs.points)]).toEqual(["The draw holds.", []]);
  expect(theirs.points).toContain("The entry on the receipt that you got when entering is on the list : holds");
  expect(await problemsOf(stranger.page), "the check page").toEqual([]);

  const next = await shop.nextDraw();
  for (const page of [first, third]) {
    await page.getByRole("button", { name: "To the next draw" }).click();
    await enterDraw(page);
  }
  await enterDraw((await enterShop(shop.url)).page);
  await shop.drawNow(next.id);
  expect(weightsOf(await transcriptOf(shop, next.id))).toEqual([1, 1, 2]);
  // A receipt of one draw is none of another.
  await stranger.page.goto(new URL(`/draw/check/${next.id}`, shop.url).href);
  await stranger.page.getByLabel("Check a receipt as well").setInputFiles(receipt);
  expect((await checkDraw(stranger.page)).verdict).toBe("The draw does not hold.");
  await stranger.page.goto(new URL("/draw/check/draw_nowhere", shop.url).href);
  await stranger.page.getByText("There is no such draw here.").waitFor();
});
