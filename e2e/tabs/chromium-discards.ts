import type { Browser, Page } from "puppeteer-core";

/** The browser's own page on what it may discard, which discards what it is told to. */
export interface Discards {
  /** Resolves once the page is gone. Something else stands in its place, which loads it again when it is looked at, be it by whoever drives the browser. */
  discard(page: Page): Promise<void>;
}

/** Opens that page when it is first needed. */
export function discardsOf(browser: Browser): Discards {
  let opened: Promise<Page> | undefined;
  const open = async (): Promise<Page> => {
    const page = await browser.newPage();
    await page.goto("chrome://chrome-urls/");
    // Pages like the next one are off until somebody says so on this one.
    await page.waitForFunction(() => {
      const within = (root: Document | ShadowRoot): Element[] =>
        [...root.querySelectorAll("*")].flatMap((each) => [each, ...(each.shadowRoot ? within(each.shadowRoot) : [])]);
      const button = within(document).find((each) => each.localName === "cr-button" && /Enable internal/.test(each.textContent ?? ""));
      (button as HTMLElement | undefined)?.click();
      return button !== undefined;
    });
    await page.goto("chrome://discards/");
    return page;
  };
  return Object.freeze<Discards>({
    async discard(page) {
      const title = await page.evaluate(() => (document.title = `To be discarded ${Math.random()}`));
      const list = await (opened ??= open());
      const dropped = new Promise<void>((resolve) => page.once("close", () => resolve()));
      await list.waitForFunction(
        (name) => {
          const rows =
            document.querySelector("discards-main")?.shadowRoot?.querySelector("discards-tab")?.shadowRoot?.querySelectorAll<HTMLElement>("tbody tr") ?? [];
          const row = [...rows].find((each) => each.innerText.includes(name));
          const link = [...(row?.querySelectorAll<HTMLElement>("div[is=action-link]") ?? [])].find((each) => each.textContent?.includes("Urgent Discard"));
          link?.click();
          return link !== undefined;
        },
        // The list is drawn anew each second.
        { polling: 50 },
        title,
      );
      await dropped;
    },
  });
}
