/** One tab, whichever browser it is in. */
export interface Tab {
  goto(url: string): Promise<void>;
  reload(): Promise<void>;
  back(): Promise<void>;
  /** Runs a function in the page; it sees its argument and nothing else of here. */
  run<T, A = undefined>(script: (argument: A) => T | Promise<T>, argument?: A): Promise<T>;
  close(): Promise<void>;
}

/** A page as Playwright and Puppeteer both have it. */
interface DrivenPage {
  goto(url: string): Promise<unknown>;
  reload(): Promise<unknown>;
  goBack(): Promise<unknown>;
  evaluate(script: never, value: unknown): Promise<unknown>;
  close(): Promise<void>;
}

/** A tab, by the page that is in it at that moment. */
export function tabOn(page: () => DrivenPage): Tab {
  return {
    goto: async (url) => void (await page().goto(url)),
    reload: async () => void (await page().reload()),
    back: async () => void (await page().goBack()),
    run: (script, value) => page().evaluate(script as never, value) as Promise<never>,
    close: () => page().close(),
  };
}
