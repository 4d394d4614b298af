import { execFile } from "node:child_process";
import { cpus, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { openBenchDraw } from "./bench-draw.ts";
import { sendLoad } from "./load.ts";
import type { LoadFigures } from "./load.ts";
import { startSubject } from "./subject.ts";

/** As `packages/server/src/testing/measure-draw.ts` prints them, in a process of its own. */
type DrawFigure =
  | "entries"
  | "winners"
  | "meanWeight"
  | "seconds"
  | "closeAndRootSeconds"
  | "drawAndPublishSeconds"
  | "grantSeconds"
  | "cpuSeconds"
  | "peakMegabytes"
  | "statusIdleP99Ms"
  | "statusDrawingP99Ms"
  | "longestPauseMs";
type DrawFigures = Readonly<Record<DrawFigure, number>>;

/** What a draw costs on one database: entering, beside joining a line on the same service, and the draw itself. */
export interface MeasuredDraw {
  readonly database: string;
  readonly join: LoadFigures;
  readonly enter: LoadFigures;
  readonly draw: DrawFigures;
}

const script = fileURLToPath(new URL("../../packages/server/src/testing/draw-figures.ts", import.meta.url));
const run = promisify(execFile);

/** Measures on the embedded database, and on a PostgreSQL where one is named. */
export async function measureDraws(
  databaseUrl: string | undefined,
  options: { readonly entries: number; readonly amount: number },
): Promise<readonly MeasuredDraw[]> {
  const measured: MeasuredDraw[] = [];
  for (const [database, url] of [
    ["PGlite", undefined],
    ["PostgreSQL", databaseUrl],
  ] as const) {
    if (database === "PostgreSQL" && url === undefined) continue;
    process.stderr.write(`draw of ${options.entries} on ${database} …\n`);
    const env = { ...process.env, ...(url === undefined ? { DB: "pglite" } : { DB: "postgres", TEST_DATABASE_URL: url }) };
    const { stdout } = await run(
      process.execPath,
      ["--conditions=@fanfare-io/source", script, String(options.entries), String(Math.ceil(options.entries / 100))],
      { env },
    );
    measured.push({ database, ...(await measureEntering(url, options.amount)), draw: JSON.parse(stdout) as DrawFigures });
  }
  return measured;
}

async function measureEntering(url: string | undefined, amount: number): Promise<Pick<MeasuredDraw, "join" | "enter">> {
  const service = await startSubject(url);
  try {
    const { launch } = service;
    const key = { "x-publishable-key": launch.publishableKey };
    const target = { url: new URL(service.url).origin, connections: 32, amount };
    const tokens: string[] = [];
    const guest = { method: "POST", path: "/api/auth/guest", headers: { ...key, "content-type": "application/json" }, body: "{}" } as const;
    await sendLoad({ ...target, next: () => guest, onBody: (body) => tokens.push((JSON.parse(body) as { accessToken: string }).accessToken) });
    const entering = (path: string): Promise<LoadFigures> => {
      let next = 0;
      return sendLoad({ ...target, next: () => ({ method: "POST", path, headers: { ...key, authorization: `Bearer ${tokens[next++] ?? ""}` } }) });
    };
    return { join: await entering(`/api/queues/${launch.queueId}/enter`), enter: await entering(await openBenchDraw(service, "bench")) };
  } finally {
    await service.stop();
  }
}

/** The figures as a page of Markdown, with the machine they come from. */
export function writeDrawReport(measured: readonly MeasuredDraw[], at: Date): string {
  const rows: readonly (readonly [string, (figures: MeasuredDraw) => string])[] = [
    ["Entries, winners, mean weight", ({ draw }) => `${draw.entries.toLocaleString("en")}, ${draw.winners.toLocaleString("en")}, ${draw.meanWeight}`],
    ["Closed, rooted, drawn and published", ({ draw }) => `${draw.seconds} s`],
    ["of it until the root is published", ({ draw }) => `${draw.closeAndRootSeconds} s`],
    ["of it ranking and publishing", ({ draw }) => `${draw.drawAndPublishSeconds} s`],
    ["What the processors did for it, a database server's apart", ({ draw }) => `${draw.cpuSeconds} s`],
    ["Every winner's grant", ({ draw }) => `${draw.grantSeconds} s`],
    ["Most memory above what was held before", ({ draw }) => `${draw.peakMegabytes} MB`],
    ["A standing read from the database, p99, before · while it is drawn", ({ draw }) => `${draw.statusIdleP99Ms} ms · ${draw.statusDrawingP99Ms} ms`],
    ["Longest pause of the service's thread", ({ draw }) => `${draw.longestPauseMs} ms`],
    ["Entering, 32 connections, receipt included", ({ enter }) => `${Math.round(enter.perSecond).toLocaleString("en")} /s, p99 ${enter.p99} ms`],
    ["Joining a line on the same service", ({ join }) => `${Math.round(join.perSecond).toLocaleString("en")} /s, p99 ${join.p99} ms`],
  ];
  return `# A draw

Made by \`npm run bench -- --only draw\` on ${at.toISOString().slice(0, 10)}: ${cpus().length} cores (${cpus()[0]?.model.trim() ?? "unknown"}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}; the database and the load generator share them.
Times are those of a clock on the wall, so that a machine that others use as well makes them longer. On PGlite the database is part of the process and of its memory.

| | ${measured.map(({ database }) => database).join(" | ")} |
| --- | ${measured.map(() => "--:").join(" | ")} |
${rows.map(([name, show]) => `| ${name} | ${measured.map(show).join(" | ")} |`).join("\n")}
`;
}
