import { execFile } from "node:child_process";
import { cpus, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

interface Comparison {
  readonly n: number;
  readonly medianOne: number;
  readonly medianOther: number;
  readonly above: number;
  readonly p: number;
  readonly distance: number;
  readonly distanceP: number;
}

/** What `packages/server/src/testing/otp-figures.ts` measures. */
export interface OtpFigures {
  readonly pairs: number;
  readonly asked: Comparison;
  readonly tried: Comparison;
  readonly differences: readonly string[];
  readonly delivery: {
    readonly messages: number;
    readonly perSecond: number;
    readonly killedAfter: number;
    readonly awaySeconds: number;
    readonly caughtUpSeconds: number;
    readonly lost: number;
    readonly twice: number;
    readonly differentCodes: number;
  };
}

const script = fileURLToPath(new URL("../../packages/server/src/testing/otp-figures.ts", import.meta.url));
const run = promisify(execFile);

/** Measures on the PostgreSQL that is named, else on the embedded database. */
export async function measureOtp(databaseUrl: string | undefined, options: { readonly pairs: number; readonly messages: number }): Promise<OtpFigures> {
  const env = { ...process.env, ...(databaseUrl === undefined ? { DB: "pglite" } : { DB: "postgres", TEST_DATABASE_URL: databaseUrl }) };
  const { stdout } = await run(process.execPath, ["--conditions=@fanfare-io/source", script, String(options.pairs), String(options.messages)], { env });
  return JSON.parse(stdout) as OtpFigures;
}

/** The figures as a page of Markdown, with the machine they come from. */
export function writeOtpReport({ pairs, asked, tried, differences, delivery }: OtpFigures, database: string, at: Date): string {
  const row = (name: string, { medianOne, medianOther, above, p, distance, distanceP }: Comparison): string =>
    `| ${name} | ${medianOne.toFixed(2)} ms | ${medianOther.toFixed(2)} ms | ${above.toFixed(4)} (p = ${p.toFixed(2)}) | ${distance.toFixed(4)} (p = ${distanceP.toFixed(2)}) |`;
  return `# One-time codes

Made by \`npm run bench -- --only otp\` on ${at.toISOString().slice(0, 10)}, on ${database}: ${cpus().length} cores (${cpus()[0]?.model.trim() ?? "unknown"}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}; the service, the database, the mail server and whoever asks share them.

## Whether anybody has this address

${pairs.toLocaleString("en")} addresses that somebody has proved and as many that nobody has, one of each in turn in an order that is drawn each time. *Above*: the chance that an answer about a known address took longer than one about an unknown one (Mann and Whitney); 0.5 is
what nothing could tell apart. *Distance*: between the two distributions (Kolmogorov and Smirnov). *p*: how often chance alone makes as much; what is told apart has a p below 0.01.

| | known, median | unknown, median | above | distance |
| --- | --: | --: | --: | --: |
${row("Asking for a code", asked)}
${row("Trying a wrong code", tried)}

Statuses, headers and bodies, but for ids and instants of the single request: ${differences.length === 0 ? "the same for both groups." : `${differences.length} kinds that only one group was given.`}

## Delivery

| | |
| --- | --: |
| Messages in the outbox, over real SMTP | ${delivery.messages.toLocaleString("en")} |
| Delivered a second, until the server was killed | ${Math.round(delivery.perSecond)} |
| Killed after so many, and away for | ${delivery.killedAfter.toLocaleString("en")}, ${delivery.awaySeconds.toFixed(1)} s |
| From its return until everything was delivered | ${delivery.caughtUpSeconds.toFixed(1)} s |
| Never delivered | ${delivery.lost} |
| Delivered twice, with the same code | ${delivery.twice - delivery.differentCodes} |
| Delivered twice, with different codes | ${delivery.differentCodes} |
`;
}
