import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { OpenBrowser } from "./browsers.ts";
import type { Case } from "./cases.ts";
import { openTabsWorld } from "./world.ts";
import type { TabsWorld } from "./world.ts";

/** Runs each case once in a browser; the series, with load beside it, is `npm run soak`. */
export function testInBrowser(open: () => Promise<OpenBrowser>, cases: readonly Case[]): void {
  let browser: OpenBrowser;
  let world: TabsWorld;
  beforeAll(async () => {
    browser = await open();
    world = await openTabsWorld(browser);
  });
  afterEach(() => world.tidy());
  afterAll(async () => {
    await world.close();
    await browser.close();
  });
  test.each(cases)("$name", async (each) => {
    const { holds, seen } = await each.run(world);
    expect({ holds, ...(!holds && { seen }) }).toEqual({ holds: true });
  });
}
