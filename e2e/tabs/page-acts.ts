import type { Tab } from "./browsers.ts";

/** A page as Playwright and Puppeteer both have it. */
interface DrivenPage {
  goto(url: string): Promise<unknown>;
  reload(): Promise<unknown>;
  goBack(): Promise<unknown>;
  evaluate(script: never, value: unknown): Promise<unknown>;
  close(): Promise<void>;
}

/** What cases do in a tab, done to the page that is in it at that moment. */
export function actsOn(page: () => DrivenPage): Tab {
  return {
    goto: async (url) => void (await page().goto(url)),
    reload: async () => void (await page().reload()),
    back: async () => void (await page().goBack()),
    run: (script, value) => page().evaluate(script as never, value) as Promise<never>,
    close: () => page().close(),
  };
}
