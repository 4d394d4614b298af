import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** How long a slowed browser works for a place, see `e2e/phone-figures.ts`. */
interface PhoneFigures {
  readonly browser: string;
  readonly cores: number;
  readonly samples: number;
  /** How many times slower the developer tools' throttling of six made each. */
  readonly throttled: { readonly page: number; readonly worker: number };
  readonly series: readonly { readonly slowdown: number; readonly wallMs: readonly number[]; readonly cpuSeconds: readonly number[] }[];
}

const script = fileURLToPath(new URL("../../e2e/phone-figures.ts", import.meta.url));
const run = promisify(execFile);

const quantile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
};
const seconds = (value: number): string => `${value.toFixed(1)} s`;

function writePhoneReport({ browser, cores, samples, throttled, series }: PhoneFigures, load: number, date: Date): string {
  const rows = series.map(({ slowdown, wallMs, cpuSeconds }) => {
    const wall = (share: number): string => seconds(quantile(wallMs, share) / 1000);
    const cpu = (share: number): number => quantile(cpuSeconds, share);
    const onFour = (share: number): string => seconds((cpu(share) * slowdown) / 4);
    return `| ${slowdown} | ${wall(0.5)} | ${wall(0.95)} | ${seconds(cpu(0.5))} | ${seconds(cpu(0.95))} | ${onFour(0.5)} | ${onFour(0.95)} |`;
  });
  return `# How long a slow phone works for a place

Made by \`npm run bench -- --only phone --samples ${samples}\` on ${date.toISOString().slice(0, 10)}: Chromium ${browser}, ${cores} cores of ${cpus()[0]?.model.trim() ?? "an unnamed processor"}, load of the machine ${load.toFixed(1)} when it began. A page with
the SDK enters a launch at \`enhanced\` of a real service, as one of many from its address, and is asked for work of the normal effort; from the challenge to its answer, ${samples} times at each speed. The answer lies anywhere up to 160 tries away.

| times slower than this machine | p50, ${cores} cores | p95, ${cores} cores | CPU of the page, p50 | p95 | p50, 4 such cores | p95, 4 such cores |
| --: | --: | --: | --: | --: | --: | --: |
${rows.join("\n")}

The page's processes run one of so many parts of the time, workers and all: the developer tools' CPU throttling, set to six, made the page's own thread ${throttled.page.toFixed(1)} times slower and a worker ${throttled.worker.toFixed(1)} times. The first two columns are
a clock's, and are only as good as the machine is quiet; CPU is what the page's processes used, which other work on the machine hardly changes. The last two columns are that CPU at that speed, shared by four cores instead of ${cores}; on two such cores it takes twice as long.
`;
}

/** Measures, and writes docs/benchmarks-phone.md. */
export async function benchPhone(samples: number): Promise<void> {
  process.stderr.write("working for a place as a slow phone …\n");
  const load = loadavg()[0] ?? 0;
  const { stdout } = await run(process.execPath, ["--conditions=@fanfare-io/source", script, "--samples", String(samples)], { maxBuffer: 2 ** 24 });
  const report = writePhoneReport(JSON.parse(stdout) as PhoneFigures, load, new Date());
  await writeFile(fileURLToPath(new URL("../../docs/benchmarks-phone.md", import.meta.url)), report);
  process.stdout.write(`\n${report}`);
}
