import type { Browser, BrowserContextOptions } from "playwright-core";
import { afterAll, afterEach, beforeAll } from "vitest";
import { launchChromium } from "./chromium.ts";
import { joinLine, visit } from "./shopper.ts";
import type { Shopper } from "./shopper.ts";
import { openStreet } from "./street.ts";
import type { Street } from "./street.ts";

/** A street of shops, and a browser to go there with. */
export interface Outing {
  /** Open from the first test to the last. */
  readonly street: Street;
  /** Somebody new enters: a browser context of their own, closed after the test. */
  enter(url: string, options?: BrowserContextOptions): Promise<Shopper>;
  /**
   * A time after which something may happen that so many pages must be open before, whatever else this machine does: several times what opening one takes
   * just now, and ten seconds at least. Milliseconds.
   */
  enoughFor(pages: number): Promise<number>;
  /** Undone after the test, the last first. */
  afterwards(undo: () => Promise<unknown>): void;
}

/** Registers the hooks that open and close all of it. A page that complains on its console fails the test that it was opened in. */
export function goOut(): Outing {
  let browser: Browser;
  let street: Street;
  let shoppers: Shopper[] = [];
  let undoing: (() => Promise<unknown>)[] = [];

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
    for (const undo of undoing.toReversed()) await undo();
    [shoppers, undoing] = [[], []];
    if (troubles.length > 0) throw new Error(`A page complained on its console:\n${troubles.join("\n")}`);
  });

  return Object.freeze<Outing>({
    get street() {
      return street;
    },
    async enter(url, options) {
      const shopper = await visit(browser, url, options);
      shoppers.push(shopper);
      return shopper;
    },
    async enoughFor(pages) {
      const began = performance.now();
      const first = await visit(browser, (await street.openShop()).url);
      await joinLine(first.page);
      const tookMs = performance.now() - began;
      await first.close();
      return Math.max(10_000, 4 * pages * tookMs);
    },
    afterwards: (undo) => void undoing.push(undo),
  });
}
