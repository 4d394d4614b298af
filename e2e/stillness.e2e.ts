import type { BrowserContextOptions, Page } from "playwright-core";
import { expect, test } from "vitest";
import { enterDraw, openDrawShop } from "./draw-shop.ts";
import { goOut } from "./outing.ts";
import { goToCheckout, joinLine, pay, reach, reachPlace } from "./shopper.ts";
import type { Shopper } from "./shopper.ts";

const outing = goOut();

const screens: readonly (readonly [name: string, options: BrowserContextOptions])[] = [
  ["a phone", { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true }],
  ["a desk", { viewport: { width: 1440, height: 900 } }],
];

/** Watches every document of a browser for things that move without the shopper's doing, from its first frame on. */
async function watch({ context, page }: Shopper): Promise<void> {
  await context.addInitScript(() => {
    const shifts: string[] = Object.assign(globalThis, { shifts: [] }).shifts;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as unknown as {
        value: number;
        hadRecentInput: boolean;
        sources: readonly { node: Node | null; previousRect: DOMRect; currentRect: DOMRect }[];
      }[]) {
        if (entry.hadRecentInput) continue;
        // A sentence whose words change in place is told as well, with a box that stays where it was.
        const moved = entry.sources.filter(({ previousRect: from, currentRect: to }) => from.x !== to.x || from.y !== to.y || from.height !== to.height);
        if (moved.length === 0) continue;
        const story = moved.map(({ node, previousRect: from, currentRect: to }) => {
          const name = node instanceof Element ? `${node.localName}.${node.className}` : (node?.textContent ?? "gone");
          return `${name} ${from.x},${from.y} ${from.width}×${from.height} → ${to.x},${to.y} ${to.width}×${to.height}`;
        });
        shifts.push(`${entry.value.toFixed(5)}: ${story.join("; ")}`);
      }
    }).observe({ type: "layout-shift", buffered: true });
  });
  await page.reload();
}

/** What has moved in this document so far; two frames later, when all of it has been told. */
const shiftsOf = (page: Page): Promise<readonly string[]> =>
  page.evaluate(async () => {
    for (let frames = 0; frames < 2; frames++) await new Promise((resolve) => requestAnimationFrame(resolve));
    return (globalThis as unknown as { shifts: readonly string[] }).shifts;
  });

test.each(screens)("on %s nothing moves that the shopper did not move, from arrival through the wait and the turn to the order", async (_name, options) => {
  const shop = await outing.street.openShop({ capacity: 1 });
  const first = await outing.enter(shop.url);
  await joinLine(first.page);
  await reach(first.page, "turn");
  const ahead = await outing.enter(shop.url);
  await joinLine(ahead.page);
  const shopper = await outing.enter(shop.url, options);
  await watch(shopper);
  const { page } = shopper;
  await page.getByRole("button", { name: "Join the line" }).waitFor();
  expect(await shiftsOf(page), "at arrival").toEqual([]);
  expect(await joinLine(page)).toBe(2);
  await shop.setLine({ message: "The kiln is still warm." });
  await ahead.page.getByRole("button", { name: "Leave the line" }).click();
  await ahead.page.getByRole("dialog").getByRole("button", { name: "Leave the line" }).click();
  await reachPlace(page, 1);
  await page.getByText("The kiln is still warm.").waitFor();
  expect(await shiftsOf(page), "in line").toEqual([]);
  await goToCheckout(first.page);
  await pay(first.page);
  await reach(page, "turn");
  expect(await shiftsOf(page), "at the turn").toEqual([]);
  await goToCheckout(page);
  expect(await shiftsOf(page), "at the counter").toEqual([]);
  await pay(page);
  await reach(page, "order");
  expect(await shiftsOf(page), "with the order").toEqual([]);
});

test("on neither anything moves from entering a draw to its result", async () => {
  const untilDraw = await outing.enoughFor(screens.length);
  const shop = await openDrawShop(outing.street, screens.length, untilDraw);
  outing.afterwards(shop.close);
  await Promise.all(
    screens.map(async ([name, options]) => {
      const shopper = await outing.enter(shop.url, options);
      await watch(shopper);
      const { page } = shopper;
      await page.locator(".draw-times dd", { hasText: /\S/ }).first().waitFor();
      expect(await shiftsOf(page), `on ${name}, at arrival`).toEqual([]);
      await enterDraw(page);
      await page.locator('main[data-view="turn"]').waitFor({ timeout: untilDraw + 60_000 });
      expect(await shiftsOf(page), `on ${name}, until the result`).toEqual([]);
    }),
  );
});

test("what moves is seen", async () => {
  const shopper = await outing.enter((await outing.street.openShop()).url);
  await watch(shopper);
  await shopper.page.getByRole("button", { name: "Join the line" }).waitFor();
  await shopper.page.evaluate(() => document.querySelector("main")?.before(Object.assign(document.createElement("p"), { textContent: "One more" })));
  await expect.poll(() => shiftsOf(shopper.page)).not.toEqual([]);
});
