import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

interface EstimateFigures {
  readonly law: string;
  readonly line: string;
  readonly told: number;
  readonly p50Error: number;
  readonly p90Error: number;
  readonly covered: number;
  readonly width: number;
}

/** What the measure is made from; the same options give the same page. */
export interface EstimateOptions {
  readonly seed: number;
  readonly runs: number;
}

const script = fileURLToPath(new URL("../../packages/server/src/testing/estimate-figures.ts", import.meta.url));
const page = fileURLToPath(new URL("../../docs/benchmarks-estimates.md", import.meta.url));
const run = promisify(execFile);
const people = 20_000;

/** Plays launches with the service's own decisions, compares what people were told with what came, and writes the page. */
export async function benchEstimates({ seed, runs }: EstimateOptions): Promise<void> {
  process.stderr.write("estimates …\n");
  const args = ["--conditions=@fanfare-io/source", script, String(seed), String(runs), String(people)];
  const { stdout } = await run(process.execPath, args, { maxBuffer: 1 << 24 });
  const report = writeEstimateReport(JSON.parse(stdout) as readonly EstimateFigures[], { seed, runs });
  await writeFile(page, report);
  process.stdout.write(`\n${report}`);
}

function writeEstimateReport(figures: readonly EstimateFigures[], { seed, runs }: EstimateOptions): string {
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  const rows = figures.map(
    ({ line, law, told, p50Error, p90Error, covered, width }) =>
      `| ${line} | ${law} | ${told.toLocaleString("en")} | ${percent(p50Error)} | ${percent(p90Error)} | ${percent(covered)} | ${percent(width)} |`,
  );
  return `# How good estimates are

Made by \`npm run bench -- --only estimates --seed ${seed} --runs ${runs}\`; the same on every machine. ${people.toLocaleString("en")} people a launch; each fiftieth is told a wait every half minute, and
what they were told is compared with when their turn came. Error is the distance of the expected wait from the real one, as a share of the real one; covered, how many turns came within the range; width, the median
width of the range as a share of the wait.

Step: everybody within ten seconds. Poisson: twelve a second. Spike: half of the people within minutes, over six a second. Where people give up, a fifth are lost within half an hour; half of those leave, half just go silent and
stand in the line still. Shopping takes a lognormal time (median 120 s, sigma 0.6); where slots fill in minutes, 24 to 96 s, but one in seven shoppers never shows their grant, which ends after ten minutes. The last rows are a change that nobody could foresee: there the range widens after the fact, and what was told before it is wrong.

| line | arrivals | told | median error | 90 % are off by less than | covered | width |
| --- | --- | --: | --: | --: | --: | --: |
${rows.join("\n")}
`;
}
