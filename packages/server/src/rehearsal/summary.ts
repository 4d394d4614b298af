import { duration, millis, percent, whole } from "./page/words.ts";
import type { RehearsalReport } from "./report.ts";

/** The report in a dozen lines for a terminal. */
export function summarize({ totals, waits, estimates, latency, verdicts, seconds, playedInSeconds, kind }: RehearsalReport): string {
  const { p50, p99 } = waits.figures;
  const played = kind === "simulated" ? `, played in ${duration(playedInSeconds)}` : "";
  const lines = [
    `${whole(totals.arrived)} arrived, ${whole(totals.admitted)} were let in, ${whole(totals.completed)} bought; ${duration(seconds)}${played}.`,
    `Waits: half under ${p50 === null ? "–" : duration(p50)}, 99 of 100 under ${p99 === null ? "–" : duration(p99)}.`,
    `Estimates: off by ${percent(estimates.medianError)} in the median, ${percent(estimates.covered)} of ranges were right.`,
    `Requests: ${whole(totals.requests)}, of them ${whole(totals.refusals)} refused or failed.`,
    ...latency.map(
      ({ route, count, p50, p99 }) => `  ${route.padEnd(22)} ${whole(count).padStart(10)}   p50 ${millis(p50).padStart(8)}   p99 ${millis(p99).padStart(8)}`,
    ),
    ...verdicts.map(
      ({ id, promise, verdict, fact }) => `  ${{ held: "kept    ", broken: "BROKEN  ", "not seen": "not seen" }[verdict]} ${promise} (${id}): ${fact}`,
    ),
  ];
  return lines.join("\n");
}
