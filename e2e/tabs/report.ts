import { cpus, totalmem } from "node:os";
import type { Case } from "./cases.ts";

/** A case, run many times in one browser; may be put together from several pieces. */
export interface Series {
  readonly name: string;
  readonly figure?: string;
  readonly browser: string;
  runs: number;
  held: number;
  /** Milliseconds, one of each run that has one. */
  readonly figures: number[];
  readonly failures: unknown[];
}

/** What all pieces came to so far. */
export interface Soaked {
  readonly series: Series[];
  /** How many threads wanted a core, at the end of each round. */
  readonly runnable: number[];
}

/** The series of a case in a browser, begun if there is none. */
export function seriesOf({ series }: Soaked, { name, figure }: Case, browser: string): Series {
  const known = series.find((each) => each.name === name && each.browser === browser);
  if (known) return known;
  const begun: Series = { name, ...(figure !== undefined && { figure }), browser, runs: 0, held: 0, figures: [], failures: [] };
  series.push(begun);
  return begun;
}

/** The series as rows of the page, each with what else was going on. */
function rowsOf({ series, runnable }: Soaked, at: Date): string[] {
  return series.map(({ name, figure, browser, runs, held, figures }) => {
    const shown = figures.length === 0 ? ["", "", ""] : [part(figures, 0.5), part(figures, 0.99), part(figures, 1)].map((ms) => `${Math.round(ms)} ms`);
    const cells = [
      `${name}${figure === undefined ? "" : `<br>*${figure}*`}`,
      browser,
      held === runs ? `${held} of ${runs}` : `**${held} of ${runs}**`,
      ...shown,
    ];
    return `| ${[...cells, `${part(runnable, 0.5).toFixed(1)}, ${part(runnable, 1).toFixed(1)}`, at.toISOString().slice(0, 10)].join(" | ")} |`;
  });
}

const runsIn = (row: string): number => Number(/\d of (\d+)\*{0,2} \|/.exec(row)?.[1] ?? 0);
const caseIn = (row: string): string => {
  const [, name = "", browser = ""] = row.split("|");
  return `${name.replace(/<br>.*/, "").trim()}|${browser.trim().split(" ")[0]}`;
};

/**
 * The page of Markdown that lies there, with these series in it: a row gives way to the same case in the same browser where that was run at least as often,
 * so that a short look at one case takes nothing away.
 */
export function writeSoakReport(soaked: Soaked, at: Date, before: string): string {
  const rows = new Map(before.split("\n").flatMap((line) => (runsIn(line) > 0 ? [[caseIn(line), line] as const] : [])));
  for (const row of rowsOf(soaked, at)) if (runsIn(row) >= runsIn(rows.get(caseIn(row)) ?? "")) rows.set(caseIn(row), row);
  return `# Sessions in real browsers

Made by \`npm run soak -- sessions\` on ${cpus().length} cores (${cpus()[0]?.model.trim() ?? "unknown"}), ${Math.round(totalmem() / 2 ** 30)} GiB, with load beside it: a thread of its own for each core, which never rests. The browsers' processes, the service and its embedded
database share the cores with that. "Beside it": how many threads wanted a core in the middle round, and at most. Each run is a new profile. What holds is judged run by run; the times are what was seen, and nothing fails for them. A shorter series
does not take the place of a longer one.

Tabs that are frozen, discarded, killed, slowed down or rendered ahead of time are so really, by the browser's own means: Chromium's DevTools protocol, its page of tabs to discard, its throttle, whose five minutes are a second here; in Firefox its own window,
which WebDriver BiDi reaches, and the shortest pause of timers in the background, set to a minute. Not driven, and why: Firefox freezes no tab that is open and renders no page ahead of time, so that there is nothing to drive, and BiDi has no command that kills what
runs one page. Chromium's throttle spares timers that no timer has set, such as the renewal's, so that nobody oversleeps there. The cases "wakes by" send a page the event that it would get, after its messages were kept from it.

| case | browser | held | middle | 99th of 100 | worst | beside it | until |
| --- | --- | --: | --: | --: | --: | --: | --- |
${[...rows.values()].join("\n")}
`;
}

function part(figures: readonly number[], share: number): number {
  const sorted = figures.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}
