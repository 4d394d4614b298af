import axe from "axe-core";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";

const themes = ["light", "dark"] as const;
const looks = [320, 390, 1280].flatMap((width) => themes.map((colorScheme) => ({ width, colorScheme })));

/** Everything that axe finds on a page, in both themes and at every width, and whether the page fits. Empty when all is well. */
export async function problemsOf(page: Page): Promise<readonly string[]> {
  const problems: string[] = [];
  await page.evaluate(axe.source);
  for (const { width, colorScheme } of looks) {
    await page.setViewportSize({ width, height: 800 });
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await settled(page);
    const found = await inspect(page);
    problems.push(...found.map((problem) => `${width} px, ${colorScheme}: ${problem}`));
  }
  return problems;
}

/** Waits until nothing fades any more: what fades on its way to a new colour has not the contrast that people read it with. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(() => Promise.allSettled(document.getAnimations().map((animation) => animation.finished)));
}

async function inspect(page: Page): Promise<readonly string[]> {
  const { violations, passes } = await page.evaluate(() => {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    return (globalThis as unknown as { axe: { run(options: object): Promise<AxeResults> } }).axe.run({ runOnly: tags, resultTypes: ["violations"] });
  });
  if (passes.length < 10) throw new Error(`axe looked at ${passes.length} rules only: it proves nothing.`);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  const small = await page.evaluate(() =>
    [...document.querySelectorAll("button, input, a.action, a.wordmark")]
      .filter((target) => target.checkVisibility() && (target.closest("label") ?? target).getBoundingClientRect().height < 44)
      .map((target) => target.outerHTML.slice(0, 80)),
  );
  return [
    ...violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id} (${help}) at ${node.target.join(" ")}: ${node.failureSummary ?? ""}`)),
    ...(overflow > 0 ? [`wider than the window by ${overflow} px`] : []),
    ...small.map((target) => `lower than 44 px: ${target}`),
  ];
}
