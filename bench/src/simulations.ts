import { tmpdir } from "node:os";
import { join } from "node:path";
import { cpus } from "node:os";
import { brokenOf, rehearse } from "./rehearse.ts";
import type { RehearsalFigures } from "./rehearse.ts";

/** One simulated launch with its words. */
interface Simulated {
  readonly name: string;
  readonly words: readonly string[];
  readonly figures: RehearsalFigures;
}

const withFaults = ["--nodes", "3", "--faults", "120"];

/** A third of a million admissions under each of three arrival laws, with faults; then a million people at once. */
export async function measureSimulations(scale: number): Promise<readonly Simulated[]> {
  const crowd = String(Math.round(350_000 * scale));
  const launches: readonly (readonly [string, readonly string[]])[] = [
    [
      "Poisson, a little above the rate",
      ["--shoppers", crowd, "--arrivals", "poisson", "--over", "1800", "--rate", String(Math.round(11_000 * scale)), ...withFaults],
    ],
    [
      "Spike, slots bound it",
      [
        "--shoppers",
        crowd,
        "--arrivals",
        "spike",
        "--over",
        "1200",
        "--rate",
        String(Math.round(24_000 * scale)),
        "--capacity",
        String(Math.round(40_000 * scale)),
        ...withFaults,
      ],
    ],
    ["Bots, a fifth of all", ["--shoppers", crowd, "--arrivals", "bots", "--over", "1200", "--rate", String(Math.round(15_000 * scale)), ...withFaults]],
    ["All within five seconds", ["--shoppers", String(Math.round(1_000_000 * scale)), "--arrivals", "step", "--rate", String(Math.round(60_000 * scale))]],
  ];
  const simulated: Simulated[] = [];
  for (const [name, words] of launches) {
    process.stderr.write(`${name} …\n`);
    simulated.push({ name, words, figures: await rehearse(["--simulate", ...words, "--for", "14400", "--report", join(tmpdir(), "fanfare-simulation.html")]) });
  }
  return simulated;
}

const whole = (value: number): string => Math.round(value).toLocaleString("en");
const percent = (share: number | null): string => (share === null ? "–" : `${(share * 100).toFixed(1)} %`);

/** The figures as a page of Markdown. */
export function writeSimulationReport(simulated: readonly Simulated[], scale: number, at: Date): string {
  const total = simulated.reduce((sum, { figures }) => sum + figures.totals.admitted, 0);
  const rows: readonly (readonly [string, (figures: RehearsalFigures) => string])[] = [
    ["Shoppers", ({ totals }) => whole(totals.arrived)],
    ["Let in", ({ totals }) => whole(totals.admitted)],
    ["Launch, and time to play it", ({ seconds, playedInSeconds }) => `${whole(seconds / 60)} min in ${whole(playedInSeconds)} s`],
    ["Faults", ({ simulation }) => whole(simulation?.faults ?? 0)],
    [
      "Minutes exact, of those that could be judged",
      ({ minutes }) => `${minutes.filter(({ judged, exact }) => judged && exact).length} of ${minutes.filter(({ judged }) => judged).length}`,
    ],
    ["Longest pause while somebody could go in", ({ simulation }) => `${(simulation?.longestGapSeconds ?? 0).toFixed(1)} s`],
    ["Admissions that the counters row refused", ({ simulation }) => whole(simulation?.refusedByRow ?? 0)],
    ["Wait: half under, 99 of 100 under", ({ waits }) => `${whole(waits.figures.p50 ?? 0)} s, ${whole(waits.figures.p99 ?? 0)} s`],
    ["Estimates off by, in the median", ({ estimates }) => percent(estimates.medianError)],
    ["Estimated ranges that were right", ({ estimates }) => percent(estimates.covered)],
    ["Requests to the service a shopper", ({ totals }) => (totals.requests / totals.joined).toFixed(1)],
    ["Broken promises", brokenOf],
  ];
  return `# Simulated launches

Made by \`npm run bench -- --only simulation${scale === 1 ? "" : ` --scale ${scale}`}\` on ${at.toISOString().slice(0, 10)}: ${cpus().length} cores (${cpus()[0]?.model.trim() ?? "unknown"}), Node ${process.versions.node}. ${whole(total)} admissions in all.
The line's own code over rows in memory (decision 0020); each column is one command, and the seed makes it the same launch everywhere. A minute is judged when all the time as many were present, and as many slots free, as the rate lets in at once, and no
fault lay within forty seconds; the faults are nodes that die or freeze, stalls of all of them, and answers of the database that get lost.

| | ${simulated.map(({ name }) => name).join(" | ")} |
| --- | ${simulated.map(() => "--:").join(" | ")} |
${rows.map(([name, show]) => `| ${name} | ${simulated.map(({ figures }) => show(figures)).join(" | ")} |`).join("\n")}

${simulated.map(({ name, words }) => `- ${name}: \`fanfare rehearse --simulate ${words.join(" ")} --for 14400\``).join("\n")}
`;
}
