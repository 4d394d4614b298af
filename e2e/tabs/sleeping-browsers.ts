import { setTimeout as pause } from "node:timers/promises";
import puppeteer from "puppeteer-core";
import type { Browser, Page } from "puppeteer-core";
import { chromiumPath, quietChromium } from "../chromium.ts";
import type { OpenBrowser } from "./browsers.ts";
import { discardsOf } from "./chromium-discards.ts";
import { chromeOf } from "./firefox-chrome.ts";
import { tabOn } from "./tab.ts";
import type { Tab } from "./tab.ts";

/** What a browser does to its tabs by itself when nobody looks at them, or memory is short; here it is told to. */
export interface Handling {
  /** Puts the tab before the others of its window, which hides those. */
  front(): Promise<void>;
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Kills what runs the page; a reload brings it back. */
  crash(): Promise<void>;
  /** Drops the page, as browsers do for want of memory. */
  discard(): Promise<void>;
  /** Goes to the tab that was discarded, which loads it again. */
  bringBack(): Promise<void>;
}

/** A tab that can be put to sleep. */
export interface SleepyTab extends Tab, Handling {}

const unable = (what: string) => (): Promise<void> => Promise.reject(new Error(`This browser ${what}.`));

/** What is done to a tab through the browser; `adopt` takes the page that has come into a discarded one's place. */
type HandlingOf = (page: () => Page, adopt: (page: Page) => void) => Omit<Handling, "front">;

function openTabsOf(browser: Browser, handlingOf: HandlingOf): OpenBrowser["newProfile"] {
  return async (prepare, argument) => {
    const context = await browser.createBrowserContext();
    const newTab = async (): Promise<SleepyTab> => {
      let page = await context.newPage();
      await page.evaluateOnNewDocument(prepare as (argument: unknown) => void, argument);
      return {
        ...tabOn(() => page),
        front: () => page.bringToFront(),
        ...handlingOf(
          () => page,
          (next) => (page = next),
        ),
      };
    };
    return { newTab, close: () => context.close() };
  };
}

/** The page that has come since, of this address. */
async function newcomer(browser: Browser, before: readonly Page[], url: string): Promise<Page> {
  for (;;) {
    const found = (await browser.pages()).find((page) => !before.includes(page) && page.url() === url);
    if (found) return found;
    await pause(20);
  }
}

/** The machine's Chromium as people have it: tabs in the background are hidden and slowed down, a second after they were shown where people have five minutes. */
export async function openSleepyChromium(): Promise<OpenBrowser> {
  const browser = await puppeteer.launch({
    executablePath: chromiumPath(),
    headless: true,
    args: [...quietChromium, "--enable-features=AllowDevtoolsConnectedDiscard,IntensiveWakeUpThrottling:grace_period_seconds/1"],
    ignoreDefaultArgs: ["--disable-background-timer-throttling", "--disable-renderer-backgrounding", "--disable-backgrounding-occluded-windows"],
  });
  const discards = discardsOf(browser);
  const handlingOf: HandlingOf = (page, adopt) => {
    const lifecycle = async (state: "frozen" | "active"): Promise<void> => {
      const session = await page().createCDPSession();
      await session.send("Page.setWebLifecycleState", { state });
      await session.detach();
    };
    let before: readonly Page[] = [];
    let url = "";
    return {
      freeze: () => lifecycle("frozen"),
      thaw: () => lifecycle("active"),
      async crash() {
        const session = await page().createCDPSession();
        const crashed = new Promise<void>((resolve) => page().once("error", () => resolve()));
        void session.send("Page.crash").catch(() => undefined);
        await crashed;
      },
      async discard() {
        before = await browser.pages();
        url = page().url();
        await discards.discard(page());
      },
      async bringBack() {
        const next = await newcomer(browser, before, url);
        adopt(next);
        await next.bringToFront();
      },
    };
  };
  return {
    name: "Chromium",
    version: (await browser.version()).replace(/^.*\//, ""),
    newProfile: openTabsOf(browser, handlingOf),
    close: () => browser.close(),
  };
}

/** The Firefox at this path, whose own windows may be told things; timers of tabs in the background come once a minute. */
export async function openSleepyFirefox(executablePath: string): Promise<OpenBrowser> {
  const browser = await puppeteer.launch({
    browser: "firefox",
    executablePath,
    headless: true,
    args: ["--remote-allow-system-access"],
    extraPrefsFirefox: {
      "browser.tabs.unloadOnLowMemory": false,
      "dom.min_background_timeout_value": 60_000,
      "dom.min_background_timeout_value_without_budget_throttling": 60_000,
    },
  });
  const chrome = chromeOf(browser);
  const handlingOf: HandlingOf = (page, adopt) => {
    let before: readonly Page[] = [];
    let url = "";
    return {
      freeze: unable("freezes no tab"),
      thaw: unable("freezes no tab"),
      crash: unable("is not told to crash"),
      async discard() {
        before = await browser.pages();
        url = page().url();
        const title = await page().evaluate(() => (document.title = `To be discarded ${Math.random()}`));
        await chrome.discard(title);
      },
      async bringBack() {
        await chrome.select();
        adopt(await newcomer(browser, before, url));
      },
    };
  };
  return {
    name: "Firefox",
    version: (await browser.version()).replace(/^.*\//, ""),
    newProfile: openTabsOf(browser, handlingOf),
    close: () => browser.close(),
  };
}
