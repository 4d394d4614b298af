import { fileURLToPath } from "node:url";
import { launchChromium } from "./chromium.ts";
import { servePage } from "./fixtures/serve-page.ts";
import type { CheckCost } from "./fixtures/draw-check/main.ts";

// Prints, as JSON, what checking draws costs in a real browser: run by `npm run bench -- --only check`.

/** Entries, rounds, and whether the whole draw is recomputed: a list of a million is for a file, one entry of it for a page. */
const sizes: readonly (readonly [entries: number, rounds: number, whole: boolean])[] = [
  [5, 51, true],
  [100, 51, true],
  [1_000, 21, true],
  [10_000, 5, true],
  [1_000_000, 51, false],
];

const page = await servePage(fileURLToPath(new URL("./fixtures/draw-check", import.meta.url)), "http://localhost/api");
const browser = await launchChromium();
try {
  const costs: CheckCost[] = [];
  for (const [entries, rounds, whole] of sizes) {
    // A page of its own each: the first check of a shopper's page is a first one.
    const tab = await browser.newPage();
    await tab.goto(page.url);
    await tab.waitForFunction(() => "measure" in globalThis);
    costs.push(
      await tab.evaluate(
        ([count, times, all]) => (globalThis as unknown as { measure(count: number, rounds: number, whole: boolean): CheckCost }).measure(count, times, all),
        [entries, rounds, whole] as const,
      ),
    );
    await tab.close();
  }
  process.stdout.write(JSON.stringify({ browser: browser.version(), costs }));
} finally {
  await browser.close();
  await page.close();
}
