import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { arrive } from "@fanfare-io/fanfare-testing";
import type { Browser, Page } from "playwright-core";
import { launchChromium } from "./chromium.ts";
import { checkDraw, enterDraw, openDrawShop } from "./draw-shop.ts";
import { askForCode, keepPlace, lettersOf, typeCode } from "./inbox.ts";
import { goToCheckout, joinLine, pay, reach, reachPlace, visit } from "./shopper.ts";
import { takeReport } from "./report-picture.ts";
import { openStreet } from "./street.ts";
import type { OpenShop, Street } from "./street.ts";

// The pictures that the documentation shows: the storefront's views of line and draw, as a shopper on a phone and one at a desk see them, and a rehearsal's report.

const folder = fileURLToPath(new URL("../docs/images", import.meta.url));

interface Screen {
  readonly name: string;
  readonly viewport: { readonly width: number; readonly height: number };
  readonly deviceScaleFactor: number;
  readonly isMobile: boolean;
}

const screens: readonly Screen[] = [
  { name: "phone", viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true },
  { name: "desktop", viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1, isMobile: false },
];

/** Where the shopper joins, and how far they get while we look. */
const [joinsAt, waitsAt] = [48, 17];

async function shoot(page: Page, view: string, screen: Screen, theme: "light" | "dark" = "light"): Promise<void> {
  await page.evaluate(async () => {
    await document.fonts.ready;
    scrollTo(0, 0);
  });
  await page.mouse.move(0, 0);
  await page.screenshot({ path: join(folder, `${view}-${screen.name}${theme === "dark" ? "-dark" : ""}.png`), animations: "disabled" });
}

/** People in line before ours; `send` lets some of them go. */
async function crowd(street: Street, shop: OpenShop, size: number): Promise<{ send(count: number): Promise<void> }> {
  const people = await Promise.all(Array.from({ length: size }, () => arrive(street.service.consumerUrl, shop.launch)));
  for (const person of people) await person.enter();
  return { send: async (count) => void (await Promise.all(people.splice(0, count).map((person) => person.leave()))) };
}

async function takeAll(browser: Browser, street: Street, screen: Screen): Promise<void> {
  // A rate so low that nobody is let in while we look, then one that lets ours in.
  const shop = await street.openShop({ admitRate: 0 }, 86);
  const { name: _name, ...device } = screen;
  const { page, close } = await visit(browser, shop.url, { ...device, colorScheme: "light", reducedMotion: "reduce" });
  // Whoever stands far from the turn is asked rarely.
  page.setDefaultTimeout(90_000);
  await page.getByRole("button", { name: "Join the line" }).waitFor();
  await shoot(page, "product", screen);

  const ahead = await crowd(street, shop, joinsAt - 1);
  await joinLine(page);
  await ahead.send(joinsAt - waitsAt);
  await reachPlace(page, waitsAt);
  await shop.setLine({ admitRate: 6 });
  await page.getByText("lets in up to 6").waitFor();
  await page.locator(".estimate strong").waitFor();
  await shoot(page, "waiting", screen);
  await page.emulateMedia({ colorScheme: "dark" });
  await shoot(page, "waiting", screen, "dark");
  await page.emulateMedia({ colorScheme: "light" });
  // A code comes to a phone; no page shows the sheet at a desk.
  if (screen.isMobile) await takeKnown(page, street, shop, screen);

  await ahead.send(waitsAt);
  await shop.setLine({ admitRate: 6000 });
  await reach(page, "turn");
  await shoot(page, "turn", screen);
  await goToCheckout(page);
  await shoot(page, "checkout", screen);
  await pay(page);
  await reach(page, "order");
  await shoot(page, "order", screen);
  await close();
}

/** The way from a guest in line to somebody known: where the code goes, the code, and what has become of it. */
async function takeKnown(page: Page, street: Street, shop: OpenShop, screen: Screen): Promise<void> {
  const letters = lettersOf(street.service.adminUrl, shop.launch);
  const email = `ines.aubert.${screen.name}@example.com`;
  await page.getByRole("button", { name: keepPlace }).click();
  await shoot(page, "known-address", screen);
  await page.getByRole("button", { name: "Not now" }).click();
  await askForCode(page, email);
  await shoot(page, "known-code", screen);
  await page.emulateMedia({ colorScheme: "dark" });
  await shoot(page, "known-code", screen, "dark");
  await page.emulateMedia({ colorScheme: "light" });
  await typeCode(page, await letters.codeFor(email));
  await page.getByRole("heading", { name: "Done" }).waitFor();
  await shoot(page, "known-done", screen);
  await page.getByRole("button", { name: "Go on" }).click();
}

/** Entrants beside ours, and how long the draw is open: long enough for the sun to come up half while we look. */
const [others, drawsInMs] = [6, 40_000];

async function takeDraw(browser: Browser, street: Street, screen: Screen): Promise<void> {
  // Half of them win, so that both results are there to be pictured.
  const shop = await openDrawShop(street, Math.ceil(others / 2), drawsInMs);
  const { name: _name, ...device } = screen;
  const people = await Promise.all(
    Array.from({ length: others }, () => visit(browser, shop.url, { ...device, colorScheme: "light", reducedMotion: "reduce" })),
  );
  const [first] = people as [(typeof people)[0]];
  await first.page.locator(".draw-times dd").first().waitFor();
  await shoot(first.page, "draw", screen);
  for (const { page } of people) await enterDraw(page);
  await first.page
    .getByRole("timer")
    .getByText(/^0:1\d$/)
    .waitFor();
  await shoot(first.page, "draw-entered", screen);
  await first.page.emulateMedia({ colorScheme: "dark" });
  await shoot(first.page, "draw-entered", screen, "dark");
  await first.page.emulateMedia({ colorScheme: "light" });
  const results = await Promise.all(
    people.map(async ({ page }) => {
      await page.locator('main:is([data-view="turn"], [data-view="ended"])').waitFor({ timeout: drawsInMs + 30_000 });
      return { page, view: await page.locator("main").getAttribute("data-view") };
    }),
  );
  const winner = results.find(({ view }) => view === "turn");
  const loser = results.find(({ view }) => view === "ended");
  if (winner) await shoot(winner.page, "draw-won", screen);
  if (loser) {
    await checkDraw(loser.page);
    await shoot(loser.page, "draw-checked", screen);
  }
  for (const { close } of people) await close();
  await shop.close();
}

await mkdir(folder, { recursive: true });
const [browser, street] = await Promise.all([launchChromium(), openStreet()]);
try {
  for (const screen of screens) {
    await takeDraw(browser, street, screen);
    await takeAll(browser, street, screen);
  }
  await takeReport(browser, join(folder, "rehearsal-report.png"));
  console.log("Pictures of the views of line and draw and of a rehearsal's report are in docs/images.");
} finally {
  await browser.close();
  await street.close();
}
