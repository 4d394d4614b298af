import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { createLaunch, startService } from "@fanfare-io/fanfare-testing";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brokenOf, rehearse } from "./rehearse.ts";
import type { RehearsalFigures } from "./rehearse.ts";

/** Rehearses a launch of so many shoppers on loopback; its report stays beside the figures. */
export async function measureRehearsal(databaseUrl: string | undefined, shoppers: number): Promise<RehearsalFigures> {
  const dataDir = await mkdtemp(join(tmpdir(), "fanfare-rehearsal-"));
  const service = await startService({ dataDir, ...(databaseUrl === undefined ? {} : { databaseUrl }) });
  try {
    // A tenth of the crowd goes in each minute; nobody is held up for want of slots.
    const { queueId, publishableKey, secretKey } = await createLaunch(service.adminUrl, service.operatorKey, {
      admitRate: Math.ceil(shoppers / 10),
      admissionExpirationSeconds: 60,
    });
    const where = ["--queue", queueId, "--consumer-url", service.consumerUrl, "--admin-url", service.adminUrl];
    const crowd = ["--shoppers", String(shoppers), "--arrivals", "spike", "--over", "120", "--shopping", "20", "--connections", "256"];
    const report = fileURLToPath(new URL("../../docs/operations/rehearsal.html", import.meta.url));
    return await rehearse([...where, ...crowd, "--report", report], { FANFARE_PUBLISHABLE_KEY: publishableKey, FANFARE_SECRET_KEY: secretKey });
  } finally {
    await service.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

const whole = (value: number): string => Math.round(value).toLocaleString("en");

/** The figures as a page of Markdown. */
export function writeRehearsalReport(figures: RehearsalFigures, database: string, at: Date): string {
  const { totals, waits, estimates, minutes, latency, seconds } = figures;
  const judged = minutes.filter((minute) => minute.judged);
  const percent = (share: number | null): string => (share === null ? "–" : `${(share * 100).toFixed(1)} %`);
  return `# A rehearsal on loopback

Made by \`npm run bench -- --only rehearsal\` on ${at.toISOString().slice(0, 10)}: ${cpus().length} cores (${cpus()[0]?.model.trim() ?? "unknown"}), ${database}, Node ${process.versions.node}; crowd, service and database share the
machine. The whole report: [rehearsal.html](operations/rehearsal.html).

| | |
| --- | --: |
| Shoppers | ${whole(totals.arrived)} |
| Let in, bought | ${whole(totals.admitted)}, ${whole(totals.completed)} |
| It took | ${whole(seconds)} s |
| Requests, a shopper | ${whole(totals.requests)}, ${(totals.requests / totals.joined).toFixed(1)} |
| Refused or failed | ${whole(totals.refusals)} |
| Wait: half under, 99 of 100 under | ${whole(waits.figures.p50 ?? 0)} s, ${whole(waits.figures.p99 ?? 0)} s |
| Minutes exact, of those that could be judged | ${judged.filter((minute) => minute.exact).length} of ${judged.length} |
| Estimates off by, in the median | ${percent(estimates.medianError)} |
| Estimated ranges that were right | ${percent(estimates.covered)} |
| Broken promises | ${brokenOf(figures)} |

| call | answers | p50 | p99 |
| --- | --: | --: | --: |
${latency.map(({ route, count, p50, p99 }) => `| ${route} | ${whole(count)} | ${p50.toFixed(1)} ms | ${p99.toFixed(1)} ms |`).join("\n")}
`;
}
