import { execFile } from "node:child_process";
import { cpus, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

interface Answers {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}
interface Phase {
  readonly offered: number;
  readonly accepted: Answers;
  readonly refused: Answers;
  readonly refusedFromSending: Answers;
  readonly status: Answers;
  readonly other: Readonly<Record<string, number>>;
}

/** What an overload came to. Milliseconds, megabytes. */
export interface OverloadFigures {
  readonly offered: number;
  readonly database: number;
  readonly seconds: number;
  readonly calm: Phase;
  readonly overload: Phase;
  readonly recovery: Phase;
  readonly refusalsEndedAfterMs: number;
  readonly residentMegabytes: { readonly before: number; readonly most: number };
}

const script = fileURLToPath(new URL("../../packages/server/src/testing/overload-figures.ts", import.meta.url));
const run = promisify(execFile);

/** Offers 10,000 joins a second for so many seconds to a service whose database takes 1,000. */
export async function measureOverload(databaseUrl: string | undefined, seconds: number): Promise<OverloadFigures> {
  process.stderr.write(`overload for ${seconds} s …\n`);
  const env = { ...process.env, ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }) };
  const { stdout } = await run(process.execPath, ["--conditions=@fanfare-io/source", script, "--seconds", String(seconds)], { env });
  return JSON.parse(stdout) as OverloadFigures;
}

/** The figures as a page of Markdown, with the machine they come from. */
export function writeOverloadReport(figures: OverloadFigures, database: string, at: Date): string {
  const phases = [
    ["calm", figures.calm],
    ["overload", figures.overload],
    ["after", figures.recovery],
  ] as const;
  const show = ({ count, p50, p99, max }: Answers): string => (count === 0 ? "none" : `${whole(count)}: ${p50} / ${p99} / ${max} ms`);
  const rows = phases.map(
    ([name, phase]) =>
      `| ${name} | ${whole(phase.offered)} | ${show(phase.accepted)} | ${show(phase.refused)} | ${show(phase.status)} | ${Object.values(phase.other).reduce((sum, count) => sum + count, 0)} |`,
  );
  return `# Overload

Made by \`npm run bench -- --only overload --seconds ${figures.seconds}\` on ${at.toISOString().slice(0, 10)}: ${cpus().length} cores (${cpus()[0]?.model.trim() ?? "unknown"}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}, ${database}.
Joins of people who were never there before, offered from a fixed schedule (open loop): ${whole(figures.offered)} a second for ${figures.seconds} s to one node whose database takes ${whole(figures.database)} a second; then half of what it takes. Beside them the public
state of the line is asked for fifty times a second. Generator, service and database share the machine. Times are p50 / p99 / longest, counted from when a request was due, so that a generator that
cannot keep up shows as waiting too.

| | joins offered | accepted | refused (503) | line asked for | anything else |
| --- | --: | --- | --- | --- | --: |
${rows.join("\n")}

Refusals went on for ${figures.refusalsEndedAfterMs} ms after the overload had ended. Resident memory of the service: ${figures.residentMegabytes.before} MB before, at most ${figures.residentMegabytes.most} MB.
`;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en");
}
