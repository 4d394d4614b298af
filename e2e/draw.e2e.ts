import { call } from "@fanfare-io/fanfare-testing";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { checkDraw, enterDraw, openDrawShop } from "./draw-shop.ts";
import type { DrawShop } from "./draw-shop.ts";
import { goOut } from "./outing.ts";
import { problemsOf } from "./page-problems.ts";
import { buy } from "./shopper.ts";

const outing = goOut();

async function openShop(winnerCount: number): Promise<DrawShop> {
  const shop = await openDrawShop(outing.street, winnerCount);
  outing.afterwards(shop.close);
  return shop;
}

const resultOf = async (page: Page): Promise<"won" | "not selected"> => {
  await page.locator('main:is([data-view="turn"], [data-view="ended"])').waitFor();
  return (await page.getByRole("heading", { level: 1 }).innerText()) === "You were drawn!" ? "won" : "not selected";
};

describe("a draw of two among five", () => {
  test("is entered as a guest, told in a new tab, checked by winner and loser alike in the browser, and ends in an order", async () => {
    const shop = await openShop(2);
    const entrants = await Promise.all([1, 2, 3, 4, 5].map(() => outing.enter(shop.url)));
    for (const { page } of entrants) {
      await enterDraw(page);
      await page.close();
    }
    await shop.drawNow();

    const back = await Promise.all(entrants.map(async (entrant) => entrant.newTab()));
    const results = await Promise.all(back.map(resultOf));
    expect(results.toSorted()).toEqual(["not selected", "not selected", "not selected", "won", "won"]);

    const loser = back[results.indexOf("not selected")]!;
    const theirs = await checkDraw(loser);
    expect(theirs.verdict).toBe("The draw holds.");
    expect(theirs.failed).toEqual([]);
    expect(theirs.points.join()).toMatch(
      /Your entry is number \d of 5 on the sealed list.*on the receipt.*is on the list.*are the draw's.*your entry was not drawn/,
    );

    const winner = back[results.indexOf("won")]!;
    const mine = await checkDraw(winner);
    expect(mine.verdict).toBe("The draw holds.");
    expect(mine.points.join()).toContain("your entry was drawn");
    expect(await buy(winner)).toMatch(/^KR-/);
    expect(await winner.getByRole("main").innerText()).toContain("First Light, tea bowl");

    await shop.nextDraw();
    await winner.goto(shop.url);
    await winner.getByRole("link", { name: "See your order" }).waitFor();
    await winner.getByRole("button", { name: "To the next draw" }).click();
    await enterDraw(winner);
  });

  test("is checked by somebody who did not take part, and does not hold for a transcript that was tampered with on the way", async () => {
    const shop = await openShop(1);
    const [one, other] = [await outing.enter(shop.url), await outing.enter(shop.url)];
    await enterDraw(one.page);
    await enterDraw(other.page);
    await shop.drawNow();
    const stranger = await outing.enter(shop.url);
    await stranger.page.getByRole("heading", { name: "Entries are closed" }).waitFor();
    const { verdict, failed } = await checkDraw(stranger.page);
    expect([verdict, failed]).toEqual(["The draw holds.", []]);

    const { context, page } = await outing.enter(shop.url);
    await context.route("**/transcript", async (route) => {
      const answer = await route.fetch();
      const transcript = (await answer.json()) as { entries: string[] };
      await route.fulfill({ response: answer, json: { ...transcript, entries: transcript.entries.toReversed() } });
    });
    await page.reload();
    const tampered = await checkDraw(page);
    expect(tampered.verdict).toBe("The draw does not hold.");
    expect(tampered.failed.join()).toContain("The list is the sealed one, entry for entry : fails");
  });
});

describe("until entries close", () => {
  test("an entry is withdrawn behind a question, by keyboard alone, and made again; the next draw follows the last", async () => {
    const shop = await openShop(1);
    const { page } = await outing.enter(shop.url);
    await page.getByRole("button", { name: "Enter the draw" }).focus();
    await page.keyboard.press("Enter");
    await page.locator('main[data-view="entered"]').waitFor();
    await page.getByRole("button", { name: "Withdraw my entry" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Withdraw my entry" }).press("Enter");
    await page.getByRole("dialog").getByRole("button", { name: "Withdraw my entry" }).press("Enter");
    await page.getByRole("heading", { name: "You withdrew" }).waitFor();
    await page.getByRole("button", { name: "Enter again" }).press("Enter");
    await enterDraw(page);

    await page.reload();
    await page.locator('main[data-view="entered"]').waitFor();
    await shop.drawNow();
    await shop.nextDraw();
    await page.reload();
    expect(await resultOf(page)).toBe("won");
  });
});

describe("a draw that does not go as it was announced", () => {
  test("says so to who is in it: moved, with the time that was announced first; called off, with its operator's reason", async () => {
    const shop = await openShop(1);
    const { context, page } = await outing.enter(shop.url);
    // What a reload shows first may lie in the browser's cache; the page would ask again ten seconds later, and show the same then.
    await (await context.newCDPSession(page)).send("Network.setCacheDisabled", { cacheDisabled: true });
    await enterDraw(page);
    const operate = (method: string, path: string, body: object): Promise<unknown> =>
      call(method, `${outing.street.service.adminUrl}/draws/${shop.draw.id}${path}`, { authorization: `Bearer ${shop.launch.secretKey}` }, body);
    await operate("PUT", "", { drawAt: new Date(Date.parse(shop.draw.drawAt) + 3_600_000).toISOString() });
    await page.reload();
    await page.locator('main[data-view="entered"]').waitFor();
    await page.getByText("First announced for").waitFor();
    await operate("POST", "/cancel", { confirm: shop.draw.id, message: "The kiln has cracked." });
    await page.reload();
    await page.getByRole("heading", { name: "This draw was called off" }).waitFor();
    await page.getByText("The kiln has cracked. Nothing was drawn.").waitFor();
  });
});

describe("axe finds nothing to say, in both themes and from 320 px on, about", () => {
  test("the bowl, the entry, the result of each kind, and the check", async () => {
    const shop = await openShop(1);
    const [one, other] = [await outing.enter(shop.url), await outing.enter(shop.url)];
    await one.page.getByRole("button", { name: "Enter the draw" }).waitFor();
    await one.page.locator(".draw-times dd").first().waitFor();
    expect(await problemsOf(one.page), "the bowl").toEqual([]);
    await enterDraw(one.page);
    await enterDraw(other.page);
    expect(await problemsOf(one.page), "the entry").toEqual([]);
    await shop.drawNow();
    for (const { page } of [one, other]) {
      await page.reload();
      const result = await resultOf(page);
      await checkDraw(page);
      await page.locator("summary").click();
      expect(await problemsOf(page), result).toEqual([]);
    }
  });
});
