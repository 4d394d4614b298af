import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

interface Cost {
  readonly entries: number;
  readonly transcriptFirst: number;
  readonly transcript: number;
  readonly entryFirst: number;
  readonly entry: number;
  readonly proofBytes: number;
  readonly holds: boolean;
}

/** What checking draws costs in a browser. */
interface CheckFigures {
  readonly browser: string;
  readonly costs: readonly Cost[];
}

const script = fileURLToPath(new URL("../../e2e/check-figures.ts", import.meta.url));
const run = promisify(execFile);

/** Checks draws of several sizes in the machine's Chromium. Raises when one of them does not hold. */
async function measureChecks(): Promise<CheckFigures> {
  process.stderr.write("checking draws in a browser …\n");
  const { stdout } = await run(process.execPath, ["--conditions=@fanfare-io/source", script]);
  const figures = JSON.parse(stdout) as CheckFigures;
  if (!figures.costs.every(({ holds }) => holds)) throw new Error("A draw that was made as promised did not hold.");
  return figures;
}

// Browsers round what they tell of time, and the whole of a million was not asked for.
const figure = (milliseconds: number, wasMeasured = true): string =>
  !wasMeasured ? "" : milliseconds < 0.1 ? "< 0.1" : milliseconds.toFixed(milliseconds < 10 ? 1 : 0);

/** The figures as a page of Markdown, with the machine they come from. */
function writeCheckReport({ browser, costs }: CheckFigures, date: Date): string {
  const rows = costs.map(
    ({ entries, entryFirst, entry, transcriptFirst, transcript, proofBytes }) =>
      `| ${entries.toLocaleString("en-US")} | ${proofBytes} | ${figure(entryFirst)} | ${figure(entry)} | ${[transcriptFirst, transcript].map((cost) => figure(cost, transcriptFirst > 0)).join(" | ")} |`,
  );
  return `# What checking a draw costs a browser

Made by \`npm run bench -- --only check\` on ${date.toISOString().slice(0, 10)}: Chromium ${browser}, ${cpus().length} cores of ${cpus()[0]?.model ?? "an unnamed processor"}. Milliseconds; "first" is the first check of a fresh page, the
other the median of many. Signatures and a beacon's curve are apart.

| entries | proof, bytes | one entry, first | one entry | whole draw, first | whole draw |
| --: | --: | --: | --: | --: | --: |
${rows.join("\n")}

One entry is what a shopper asks about, and costs the same under a list of a million. The whole draw is recomputed by the storefront's page as well; beyond some thousands of entries that is for \`fanfare verify\`.
`;
}

/** Measures, and writes docs/benchmarks-draw-check.md. */
export async function benchCheck(): Promise<void> {
  const report = writeCheckReport(await measureChecks(), new Date());
  await writeFile(fileURLToPath(new URL("../../docs/benchmarks-draw-check.md", import.meta.url)), report);
  process.stdout.write(`\n${report}`);
}
