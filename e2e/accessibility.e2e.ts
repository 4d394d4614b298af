import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { goOut } from "./outing.ts";
import { problemsOf } from "./page-problems.ts";
import { bring, cards, goToCheckout, joinLine, pay, reach } from "./shopper.ts";
import type { Shopper } from "./shopper.ts";
import type { OpenShop } from "./street.ts";

const outing = goOut();

/** Holds the one turn that there is, so that whoever comes later waits. */
async function occupy(shop: OpenShop): Promise<Shopper> {
  const first = await outing.enter(shop.url);
  await joinLine(first.page);
  await reach(first.page, "turn");
  return first;
}

describe("axe finds nothing to say, in both themes and from 320 px on, about", () => {
  test("the piece, the place in line, the question before leaving, and the end", async () => {
    const shop = await outing.street.openShop({ capacity: 1 });
    await occupy(shop);
    const { page } = await outing.enter(shop.url);
    await page.getByRole("button", { name: "Join the line" }).waitFor();
    expect(await problemsOf(page)).toEqual([]);
    await joinLine(page);
    expect(await problemsOf(page)).toEqual([]);
    await page.getByRole("button", { name: "Keep it on all devices" }).click();
    expect(await problemsOf(page)).toEqual([]);
    await page.getByRole("button", { name: "Send the code" }).click();
    await page.getByRole("alert").filter({ hasText: "does not look like" }).waitFor();
    expect(await problemsOf(page)).toEqual([]);
    await page.getByLabel("E-mail address").fill("ines@shop.example");
    await page.getByRole("button", { name: "I have a code" }).click();
    await page.getByRole("textbox", { name: "Code" }).waitFor();
    expect(await problemsOf(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Leave the line" }).click();
    expect(await problemsOf(page)).toEqual([]);
    await page.getByRole("dialog").getByRole("button", { name: "Leave the line" }).click();
    await reach(page, "ended");
    expect(await problemsOf(page)).toEqual([]);
  });

  test("the turn, the counter, a form with gaps, a declined card, the order, and what comes after", async () => {
    const { page } = await occupy(await outing.street.openShop());
    expect(await problemsOf(page)).toEqual([]);
    await goToCheckout(page);
    expect(await problemsOf(page)).toEqual([]);
    await page.getByRole("button", { name: /^Pay / }).click();
    await page.getByRole("alert").waitFor();
    expect(await problemsOf(page)).toEqual([]);
    await pay(page, cards.declined);
    await reach(page, "declined");
    expect(await problemsOf(page)).toEqual([]);
    await page.getByRole("link", { name: "Back to your turn" }).click();
    await reach(page, "turn");
    await goToCheckout(page);
    await pay(page);
    await reach(page, "order");
    expect(await problemsOf(page)).toEqual([]);
    await page.getByRole("link", { name: "Back to the shop" }).click();
    await reach(page, "ended");
    expect(await problemsOf(page)).toEqual([]);
  });

  test("a line that opens later, one that has closed, and a refusal", async () => {
    const later = await outing.street.openShop({ openAt: "2100-01-01T12:00:00Z" });
    const { page } = await outing.enter(later.url);
    await page.getByRole("timer").waitFor();
    expect(await problemsOf(page)).toEqual([]);
    await bring(page, later.url, "not-a-token");
    expect(await problemsOf(page)).toEqual([]);
    const closed = await outing.enter((await outing.street.openShop({ killed: true })).url);
    await closed.page.locator(".closed, main[data-view=ended]").waitFor();
    expect(await problemsOf(closed.page)).toEqual([]);
  });
});

/** Presses Tab until something has the focus, as somebody without a mouse does. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 12; presses++) {
    await page.keyboard.press("Tab");
    if ((await focused(page)) === name) return;
  }
  throw new Error(`Tab does not lead to “${name}”.`);
}

const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const element = document.activeElement;
    return element instanceof HTMLInputElement ? (element.labels?.[0]?.textContent ?? "") : (element?.textContent ?? "");
  });

const liveText = (page: Page, politeness: "polite" | "assertive"): Promise<readonly string[]> => page.locator(`[aria-live="${politeness}"]`).allTextContents();

describe("without a mouse", () => {
  test("a shopper gets from the piece to the order; at the turn the focus stands on the one button", async () => {
    const shop = await outing.street.openShop({ capacity: 1 });
    const first = await occupy(shop);
    const { page } = await outing.enter(shop.url);
    await page.getByRole("button", { name: "Join the line" }).waitFor();
    await tabTo(page, "Join the line");
    await page.keyboard.press("Enter");
    await reach(page, "waiting");
    await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe("H1");
    await tabTo(page, "Keep it on all devices");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    for (let presses = 0; presses < 20; presses++) {
      await page.keyboard.press("Tab");
      expect(await page.evaluate(() => document.activeElement === document.body || document.activeElement?.closest("dialog") !== null)).toBe(true);
    }
    await page.keyboard.press("Escape");
    await expect.poll(() => focused(page)).toBe("Keep it on all devices");
    await tabTo(page, "Leave the line");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await expect.poll(() => focused(page)).toBe("Leave the line");

    await goToCheckout(first.page);
    await pay(first.page);
    await reach(page, "turn");
    await expect.poll(() => focused(page)).toBe("Continue to checkout");
    await page.keyboard.press("Enter");
    await reach(page, "checkout");
    for (const [label, text] of [
      ["Name", "Ines Aubert"],
      ["Street and number", "Hafenweg 4"],
      ["Postcode", "8005"],
      ["Town or city", "Zürich"],
      ["Test card number", cards.accepted],
    ] as const) {
      await tabTo(page, label);
      await page.keyboard.type(text);
    }
    await page.keyboard.press("Enter");
    await reach(page, "order");
  });
});

describe("for ears", () => {
  test("one polite region, empty at load, says the place; the assertive one speaks at the turn alone", async () => {
    const shop = await outing.street.openShop({ capacity: 1 });
    const first = await occupy(shop);
    const { page } = await outing.enter(shop.url);
    await page.getByRole("button", { name: "Join the line" }).waitFor();
    expect([await liveText(page, "polite"), await liveText(page, "assertive")]).toEqual([[""], [""]]);
    await joinLine(page);
    await expect.poll(() => liveText(page, "polite")).toEqual([expect.stringContaining("You are next")]);
    expect(await liveText(page, "assertive")).toEqual([""]);
    expect(await page.title()).toContain("You are next");
    await goToCheckout(first.page);
    await pay(first.page);
    await reach(page, "turn");
    await expect.poll(() => liveText(page, "assertive")).toEqual([expect.stringContaining("your turn")]);
    expect(await page.title()).toContain("Your turn");
  });
});

test("for those who ask for less motion nothing on the waiting page moves at all", async () => {
  const shop = await outing.street.openShop({ capacity: 1 });
  await occupy(shop);
  const { page } = await outing.enter(shop.url, { reducedMotion: "reduce" });
  await joinLine(page);
  const moving = await page.evaluate(() =>
    [...document.querySelectorAll("*")]
      .filter((element) => {
        const { transitionDuration, animationName } = getComputedStyle(element);
        return animationName !== "none" || transitionDuration.split(",").some((duration) => Number.parseFloat(duration) > 0);
      })
      .map((element) => element.outerHTML.slice(0, 60)),
  );
  expect(moving).toEqual([]);
});
