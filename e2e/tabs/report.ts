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

/** The series as a page of Markdown, with the machine they come from. */
export function writeSoakReport({ series, runnable }: Soaked, { load, at }: { readonly load: number; readonly at: Date }): string {
  const rows = series.map(({ name, figure, browser, runs, held, figures }) => {
    const shown = figures.length === 0 ? ["", "", ""] : [part(figures, 0.5), part(figures, 0.99), part(figures, 1)].map((ms) => `${Math.round(ms)} ms`);
    return `| ${name}${figure === undefined ? "" : `<br>*${figure}*`} | ${browser} | ${held === runs ? `${held} of ${runs}` : `**${held} of ${runs}**`} | ${shown.join(" | ")} |`;
  });
  return `# Sessions in real browsers

Made by \`npm run soak -- sessions\` until ${at.toISOString().slice(0, 10)}: ${cpus().length} cores (${cpus()[0]?.model.trim() ?? "unknown"}), ${Math.round(totalmem() / 2 ** 30)} GiB. The browsers' processes, the service and its embedded database share
them with the load: ${cpus().length} threads of their own, each busy ${Math.round(load * 100)} % of the time. With all of it ${part(runnable, 0.5).toFixed(1)} threads wanted a core in the middle round, ${part(runnable, 1).toFixed(1)} at most. Each run is a new profile.
What holds is judged run by run; the times are what was seen, and nothing fails for them.

| case | browser | held | middle | 99th of 100 | worst |
| --- | --- | --: | --: | --: | --: |
${rows.join("\n")}
`;
}

function part(figures: readonly number[], share: number): number {
  const sorted = figures.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
