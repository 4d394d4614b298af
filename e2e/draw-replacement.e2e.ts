import { readEntry } from "@fanfare-io/fanfare-draw-proof";
import type { Transcript } from "@fanfare-io/fanfare-draw-proof";
import { call } from "@fanfare-io/fanfare-testing";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { checkDraw, enterDraw, openDrawShop } from "./draw-shop.ts";
import type { DrawShop } from "./draw-shop.ts";
import { goOut } from "./outing.ts";
import { problemsOf } from "./page-problems.ts";
import { buy } from "./shopper.ts";

const outing = goOut();

const transcriptOf = (shop: DrawShop, drawId: string): Promise<Transcript> =>
  call<Transcript>("GET", `${outing.street.service.consumerUrl}/draws/${drawId}/transcript`, { "x-publishable-key": shop.launch.publishableKey });
const weightsOf = ({ entries }: Transcript): number[] => entries.map((entry) => readEntry(Buffer.from(entry, "hex"))?.weight ?? 0).toSorted((a, b) => a - b);

async function saveReceipt(page: Page): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save my receipt" }).click()]);
  return download.path();
}

test("a win that nobody claims goes to the next, in public; who missed out counts more the next time; and a stranger checks all of it from the link, with somebody's receipt", async () => {
  // Time for two pages to be looked at one after the other, and for whoever is next to buy.
  const claimMs = Math.max(16_000, await outing.enoughFor(2));
  const rules = {
    weighting: { rule: "luck_balancing", maxWeight: 3 },
    continueSelectingUntilCompleted: true,
    admissionExpirationSeconds: Math.ceil(claimMs / 1_000),
  } as const;
  const shop = await openDrawShop(outing.street, 1, undefined, rules);
  outing.afterwards(shop.close);
  const entrants = await Promise.all([1, 2, 3].map(() => outing.enter(shop.url)));
  for (const { page } of entrants) await enterDraw(page);
  const receipt = await saveReceipt(entrants[0]!.page);
  await shop.drawNow();
  const pages = entrants.map(({ page }) => page);
  const winning = (page: Page) =>
    page
      .locator('main[data-view="turn"]')
      .waitFor({ timeout: claimMs + 60_000 })
      .then(() => page);
  for (const page of pages) await page.reload();
  const first = await Promise.any(pages.map(winning));
  const others = pages.filter((page) => page !== first);
  for (const page of others) await page.getByRole("heading", { name: "Not among the first" }).waitFor();
  // The winner looks at the page until the time is up.
  const second = await Promise.any(others.map(winning));
  expect(await buy(second)).toMatch(/^KR-/);
  await first.getByRole("heading", { name: "Your win has lapsed" }).waitFor({ timeout: claimMs + 60_000 });
  const third = others.find((page) => page !== second)!;
  await third.getByRole("heading", { name: "Not this time" }).waitFor({ timeout: claimMs + 60_000 });
  const { verdict, failed } = await checkDraw(third);
  expect([verdict, failed]).toEqual(["The draw holds.", []]);
  expect(await third.locator(".found").innerText()).toContain("1 given on in the order of the ranking; of those that ended, the operator took back 0.");
  expect(weightsOf(await transcriptOf(shop, shop.draw.id))).toEqual([1, 1, 1]);

  const link = (await third.getByRole("link", { name: "Link for anyone to check" }).getAttribute("href")) ?? "";
  const stranger = await outing.enter(new URL(link, shop.url).href);
  await stranger.page.getByRole("heading", { name: "A draw, for anyone to check" }).waitFor();
  await stranger.page.getByLabel("Check a receipt as well").setInputFiles(receipt);
  const theirs = await checkDraw(stranger.page);
  expect([theirs.verdict, theirs.failed]).toEqual(["The draw holds.", []]);
  expect(theirs.points).toContain("The entry on the receipt that you got when entering is on the list : holds");
  expect(await problemsOf(stranger.page), "the check page").toEqual([]);

  const next = await shop.nextDraw();
  for (const page of [first, third]) {
    await page.getByRole("button", { name: "To the next draw" }).click();
    await enterDraw(page);
  }
  await enterDraw((await outing.enter(shop.url)).page);
  await shop.drawNow(next.id);
  expect(weightsOf(await transcriptOf(shop, next.id))).toEqual([1, 1, 2]);
  // A receipt of one draw is none of another.
  await stranger.page.goto(new URL(`/draw/check/${next.id}`, shop.url).href);
  await stranger.page.getByLabel("Check a receipt as well").setInputFiles(receipt);
  expect((await checkDraw(stranger.page)).verdict).toBe("The draw does not hold.");
  await stranger.page.goto(new URL("/draw/check/draw_nowhere", shop.url).href);
  await stranger.page.getByText("There is no such draw here.").waitFor();
});
