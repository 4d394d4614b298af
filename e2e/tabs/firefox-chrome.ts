import type { Browser } from "puppeteer-core";

/** Firefox's own windows around the pages. */
export interface Chrome {
  /** Discards the tab of this title. */
  discard(title: string): Promise<void>;
  /** Goes to the tab that is discarded, which loads it again. */
  select(): Promise<void>;
}

interface Connection {
  send(method: string, parameters: object): Promise<{ readonly result: Record<string, unknown> }>;
}

/** Reached through the connection that puppeteer keeps to itself: it has no way of its own to a window of the browser. */
export function chromeOf(browser: Browser): Chrome {
  const { connection } = browser as unknown as { readonly connection: Connection };
  /** Runs in each window until one says true. */
  const evaluate = async (expression: string): Promise<void> => {
    const tree = await connection.send("browsingContext.getTree", { "moz:scope": "chrome", maxDepth: 0 });
    for (const { context } of tree.result["contexts"] as readonly { readonly context: string }[]) {
      const { result } = await connection.send("script.evaluate", { expression, target: { context }, awaitPromise: true });
      if ((result["result"] as { readonly value?: unknown } | undefined)?.value === true) return;
    }
    throw new Error("No window of Firefox has such a tab.");
  };
  return Object.freeze<Chrome>({
    discard: (title) =>
      evaluate(
        `[...gBrowser.tabs].some((tab) => tab.linkedBrowser.contentTitle === ${JSON.stringify(title)} && (gBrowser.discardBrowser(tab, true), tab.hasAttribute("pending")))`,
      ),
    select: () => evaluate(`[...gBrowser.tabs].some((tab) => tab.hasAttribute("pending") && ((gBrowser.selectedTab = tab), true))`),
  });
}
