import { arrive } from "@fanfare-io/fanfare-testing";
import type { TestLaunch } from "@fanfare-io/fanfare-testing";
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { aged } from "./aged-token.ts";
import { goOut } from "./outing.ts";
import { bring, buy, cards, goToCheckout, joinLine, pay, reach, reachPlace } from "./shopper.ts";
import type { Shopper } from "./shopper.ts";
import type { OpenShop } from "./street.ts";

const outing = goOut();

/** Somebody whose turn lasts, so that whoever comes later has to wait. */
async function occupy(shop: OpenShop): Promise<Shopper> {
  const first = await outing.enter(shop.url);
  await joinLine(first.page);
  await reach(first.page, "turn");
  return first;
}

const consumerOf = (page: Page): Promise<string | undefined> =>
  page.evaluate(() => {
    const key = Object.keys(localStorage).find((name) => name.endsWith(":session"));
    return /"consumerId":"([^"]+)"/.exec(localStorage.getItem(key ?? "") ?? "")?.[1];
  });

describe("three shoppers where one may buy at a time", () => {
  test("are let in one after another, see their place fall, and buy one piece each; their used grants are refused", async () => {
    const shop = await outing.street.openShop({ capacity: 1 });
    const first = await occupy(shop);
    const second = await outing.enter(shop.url);
    expect(await joinLine(second.page)).toBe(1);
    const third = await outing.enter(shop.url);
    expect(await joinLine(third.page)).toBe(2);

    const token = await goToCheckout(first.page);
    await pay(first.page);
    await reach(first.page, "order");
    await reach(second.page, "turn");
    await reachPlace(third.page, 1);
    const secondOrder = await buy(second.page);
    await reach(third.page, "turn");
    const thirdOrder = await buy(third.page);

    const firstOrder = await first.page.locator(".number").innerText();
    expect(shop.completedOrders().toSorted()).toEqual([firstOrder, secondOrder, thirdOrder].toSorted());
    const thief = await outing.enter(shop.url);
    expect(await bring(thief.page, shop.url, token)).toEqual({ status: 409, view: "refusal", title: "This turn has been used" });
    expect(shop.completedOrders()).toHaveLength(3);
  });

  test("find their order again on the front page, which sells nobody a second piece", async () => {
    const shop = await outing.street.openShop({ capacity: 1 });
    const { page } = await occupy(shop);
    const order = await buy(page);
    await page.goto(shop.url);
    await reach(page, "ended");
    await page.getByRole("link", { name: "See your order" }).click();
    await reach(page, "order");
    expect(await page.locator(".number").innerText()).toBe(order);
  });
});

describe("a place in line", () => {
  test("outlives a reload and a closed tab", async () => {
    const shop = await outing.street.openShop({ capacity: 1 });
    await occupy(shop);
    const shopper = await outing.enter(shop.url);
    expect(await joinLine(shopper.page)).toBe(1);
    await joinLine((await outing.enter(shop.url)).page);
    await shopper.page.reload();
    await reachPlace(shopper.page, 1);
    const consumer = await consumerOf(shopper.page);
    await shopper.page.close();
    const back = await shopper.newTab();
    await reachPlace(back, 1);
    expect(await consumerOf(back)).toBe(consumer);
  });

  test("is given up by leaving, after a question, and those behind move up", async () => {
    const shop = await outing.street.openShop({ capacity: 1 });
    await occupy(shop);
    const leaver = await outing.enter(shop.url);
    await joinLine(leaver.page);
    const behind = await outing.enter(shop.url);
    expect(await joinLine(behind.page)).toBe(2);

    await leaver.page.getByRole("button", { name: "Leave the line" }).click();
    await leaver.page.getByRole("button", { name: "Keep my place" }).click();
    await reachPlace(leaver.page, 1);
    await leaver.page.getByRole("button", { name: "Leave the line" }).click();
    await leaver.page.getByRole("dialog").getByRole("button", { name: "Leave the line" }).click();
    await reach(leaver.page, "ended");
    await reachPlace(behind.page, 1);
    await leaver.page.getByRole("button", { name: "Back to the line" }).click();
    expect(await joinLine(leaver.page)).toBe(2);
  });

  test("is one place for two tabs of a browser", async () => {
    const shop = await outing.street.openShop({ capacity: 1 });
    await occupy(shop);
    const shopper = await outing.enter(shop.url);
    const other = await shopper.newTab();
    expect(await joinLine(shopper.page)).toBe(1);
    await reachPlace(other, 1);
    expect(await consumerOf(other)).toBe(await consumerOf(shopper.page));
    // The next one stands right behind: both tabs together are one entry.
    expect(await joinLine((await outing.enter(shop.url)).page)).toBe(2);
  });
});

describe("time", () => {
  test("runs out with a warning two minutes before, and more of it can be asked for as often as the shop allows", async () => {
    const shop = await outing.street.openShop({ capacity: 1, admissionExpirationSeconds: 125, grantExtensions: 1, grantExtensionSeconds: 60 });
    const { page } = await occupy(shop);
    const warning = page.locator(".turn-warning").getByText("Less than two minutes left");
    await warning.waitFor();
    const left = async (): Promise<number> => {
      const [minutes = 0, seconds = 0] = (await page.getByRole("timer").innerText()).split(":").map(Number);
      return minutes * 60 + seconds;
    };
    const more = page.getByRole("button", { name: "I need 60 seconds more" });
    const lookedAt = performance.now();
    const before = await left();
    await more.click();
    await warning.waitFor({ state: "hidden" });
    await page.locator('[role="status"]').getByText("Your turn lasts until").waitFor();
    const after = await left();
    const passed = (performance.now() - lookedAt) / 1000;
    // The page looks at the clock once a second.
    expect(after + passed).toBeGreaterThan(before + 57);
    expect(await more.count()).toBe(0);
    await buy(page);
  });

  test("a place is kept as long as the shop says, and whoever comes back to it is greeted with it", async () => {
    const shop = await outing.street.openShop({ capacity: 1, holdSeconds: 7_200 });
    await occupy(shop);
    const { page } = await outing.enter(shop.url);
    await joinLine(page);
    const until = /at least until (\d+):(\d+)/.exec(await page.getByText("your place is kept at least").innerText());
    const inTwoHours = await page.evaluate(() => new Date(Date.now() + 7_200_000).getHours());
    expect([inTwoHours, (inTwoHours + 23) % 24]).toContain(Number(until?.[1]));
    await page.evaluate(() => {
      const turnTo = (state: string): void => {
        Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
      };
      turnTo("hidden");
      const { now } = Date;
      Date.now = () => now() + 90_000;
      turnTo("visible");
    });
    await page.getByText("Welcome back. You are next.").waitFor();
  });

  test("before the opening everybody who is there waits for their place to be drawn", async () => {
    const untilOpening = await outing.enoughFor(2);
    const opensAt = new Date(Date.now() + untilOpening).toISOString();
    const shop = await outing.street.openShop({ ordering: "shuffle_early", openAt: opensAt, admitRate: 0 });
    const [one, two] = [await outing.enter(shop.url), await outing.enter(shop.url)];
    for (const { page } of [one, two]) {
      await page.getByRole("button", { name: "Join the line" }).click();
      await page.getByText("Places are drawn at", { exact: true }).waitFor();
      await page.getByText("the same chance of every place").waitFor();
    }
    await Promise.all([one, two].map(({ page }) => page.getByText("We show a time as soon as").waitFor({ timeout: untilOpening + 60_000 })));
    const places = await Promise.all([one, two].map(({ page }) => page.locator("[data-place]").innerText()));
    expect(places.toSorted()).toEqual(["1", "2"]);
  });
});

describe("a declined card", () => {
  test("costs nothing but a second try, on a phone too, where every page fits", async () => {
    const shop = await outing.street.openShop({ capacity: 1 });
    const fits = async (page: Page): Promise<void> => expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
    const { page } = await outing.enter(shop.url, { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true });
    await fits(page);
    await joinLine(page);
    await reach(page, "turn");
    await fits(page);
    await goToCheckout(page);
    await fits(page);
    await pay(page, cards.declined);
    await reach(page, "declined");
    await fits(page);
    await page.getByRole("link", { name: "Back to your turn" }).click();
    await reach(page, "turn");
    await buy(page);
    await fits(page);
    expect(shop.completedOrders()).toHaveLength(1);
  });
});

async function presentationOf(launch: TestLaunch): Promise<string> {
  const shopper = await arrive(outing.street.service.consumerUrl, launch);
  await shopper.enter();
  await expect.poll(async () => (await shopper.status()).status).toBe("ADMITTED");
  return (await shopper.present()).token;
}

describe("checkout is refused, with a page that says why and the way on,", () => {
  let shop: OpenShop;
  beforeAll(async () => {
    shop = await outing.street.openShop();
  });

  const answerTo = async (token: string | null) => bring((await outing.enter(shop.url)).page, shop.url, token);

  test("to whoever brings no grant", async () => {
    expect(await answerTo(null)).toEqual({ status: 403, view: "refusal", title: "Checkout opens with your turn" });
    const { page } = await outing.enter(shop.url);
    const answer = await page.goto(`${shop.url}/shop/checkout`);
    expect([answer?.status(), await page.getByRole("heading", { level: 1 }).innerText()]).toEqual([403, "There is no checkout open"]);
    await page.getByRole("link", { name: "Go to the line" }).click();
    await reach(page, "product");
  });

  test("to a forged grant", async () => {
    const genuine = await presentationOf(shop.launch);
    const [header, body] = genuine.split(".");
    const forged = `${header}.${body}.${Buffer.alloc(64, 7).toString("base64url")}`;
    for (const token of ["not-a-token", forged]) {
      expect(await answerTo(token)).toEqual({ status: 403, view: "refusal", title: "We cannot accept this pass" });
    }
    expect(await answerTo(genuine)).toMatchObject({ status: 303, view: "checkout" });
  });

  test("to a grant token that is two minutes old", async () => {
    expect(await answerTo(aged(await presentationOf(shop.launch), 121))).toEqual({ status: 410, view: "refusal", title: "This pass is too old" });
  });

  test("to a grant of another organization", async () => {
    const foreign = await presentationOf(await outing.street.addLaunch());
    expect(await answerTo(foreign)).toEqual({ status: 403, view: "refusal", title: "This pass is for another shop" });
  });

  test("to a grant token that was used, while its owner is still at the counter", async () => {
    const { page } = await occupy(shop);
    const token = await goToCheckout(page);
    expect(await answerTo(token)).toEqual({ status: 409, view: "refusal", title: "This pass was used already" });
    await pay(page);
    await reach(page, "order");
  });

  test("to a grant whose time ran out; its owner reads so and may join again", async () => {
    const brief = await outing.street.openShop({ admissionExpirationSeconds: Math.ceil((await outing.enoughFor(1)) / 1_000) });
    const late = await occupy(brief);
    const token = await late.page.locator('input[name="token"]').inputValue();
    await late.page.getByRole("heading", { name: "Your turn has ended" }).waitFor({ timeout: 180_000 });
    await reach(late.page, "ended");
    expect(await late.page.getByRole("heading", { level: 1 }).innerText()).toBe("Your turn has ended");
    expect(await bring((await outing.enter(brief.url)).page, brief.url, token)).toEqual({ status: 410, view: "refusal", title: "Your turn has ended" });
    await late.page.getByRole("button", { name: "Back to the line" }).click();
    await joinLine(late.page);
    await reach(late.page, "turn");
  });
});
