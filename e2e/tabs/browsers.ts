import { chromium } from "playwright-core";
import puppeteer from "puppeteer-core";
import { chromiumPath, quietChromium } from "../chromium.ts";
import { tabOn } from "./tab.ts";
import type { Tab } from "./tab.ts";

/** A profile of its own: storage, database and channels that its tabs share and nobody else sees. */
export interface Profile {
  newTab(): Promise<Tab>;
  close(): Promise<void>;
}

/** A browser that is open. */
export interface OpenBrowser {
  readonly name: "Chromium" | "Firefox";
  readonly version: string;
  /** `prepare` runs in each page before anything of the page does. */
  newProfile<A>(prepare: (argument: A) => void, argument: A): Promise<Profile>;
  close(): Promise<void>;
}

/** Opens the machine's Chromium, with the back-forward cache that people have and automation takes away. */
export async function openChromium(): Promise<OpenBrowser> {
  const browser = await chromium.launch({ executablePath: chromiumPath(), args: quietChromium, ignoreDefaultArgs: ["--disable-back-forward-cache"] });
  return {
    name: "Chromium",
    version: browser.version(),
    newProfile: async (prepare, argument) => {
      const context = await browser.newContext();
      await context.addInitScript(prepare as (argument: unknown) => void, argument);
      return {
        newTab: async () => {
          const page = await context.newPage();
          return tabOn(() => page);
        },
        close: () => context.close(),
      };
    },
    close: () => browser.close(),
  };
}

/** Opens the Firefox at this path, over WebDriver BiDi. */
export async function openFirefox(executablePath: string): Promise<OpenBrowser> {
  const browser = await puppeteer.launch({
    browser: "firefox",
    executablePath,
    headless: true,
    extraPrefsFirefox: { "browser.tabs.unloadOnLowMemory": false },
  });
  return {
    name: "Firefox",
    version: (await browser.version()).replace(/^.*\//, ""),
    newProfile: async (prepare, argument) => {
      const context = await browser.createBrowserContext();
      return {
        newTab: async () => {
          const page = await context.newPage();
          await page.evaluateOnNewDocument(prepare as (argument: unknown) => void, argument);
          return tabOn(() => page);
        },
        close: () => context.close(),
      };
    },
    close: () => browser.close(),
  };
}
