import { cpus, totalmem } from "node:os";
import type { Case } from "./cases.ts";

/** A case, run many times in one browser. */
export interface Series {
  readonly case: Case;
  readonly browser: string;
  readonly runs: number;
  held: number;
  /** Milliseconds, one of each run that has one. */
  readonly figures: number[];
  readonly failures: unknown[];
}

/** The series as a page of Markdown, with the machine they come from. */
export function writeSoakReport(all: readonly Series[], { load, at }: { readonly load: number; readonly at: Date }): string {
  const rows = all.map(({ case: { name, figure }, browser, runs, held, figures }) => {
    const sorted = figures.toSorted((a, b) => a - b);
    const part = (share: number): string => `${Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)} ms`;
    const shown = sorted.length === 0 ? ["", ""] : [part(0.5), part(0.99)];
    return `| ${name}${figure === undefined ? "" : `<br>*${figure}*`} | ${browser} | ${held === runs ? `${held} of ${runs}` : `**${held} of ${runs}**`} | ${shown.join(" | ")} |`;
  });
  return `# Sessions in real browsers

Made by \`npm run soak\` on ${at.toISOString().slice(0, 10)}: ${cpus().length} cores (${cpus()[0]?.model.trim() ?? "unknown"}), ${Math.round(totalmem() / 2 ** 30)} GiB; browsers, service and its database share them, and each core is kept busy for
${Math.round(load * 100)} % of its time beside. Each run is a new profile. What holds is judged run by run; the times are what was seen, and nothing fails for them.

| case | browser | held | middle | 99th of 100 |
| --- | --- | --: | --: | --: |
${rows.join("\n")}
`;
}
