import { execFile } from "node:child_process";
import { cpus, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

interface LineFigures {
  readonly line: {
    readonly waiters: number;
    readonly bytesPerWaiter: number;
    readonly insertNanoseconds: number;
    readonly longestInsertMs: number;
    readonly findNanoseconds: number;
    readonly rankNanoseconds: number;
    readonly departNanoseconds: number;
    readonly pickMs: number;
  };
  readonly rebuild: {
    readonly seconds: number;
    readonly longestPauseMs: number;
    readonly residentMegabytes: number;
    readonly turns: { readonly medianMs: number; readonly longestMs: number; readonly longestComputingMs: number };
  };
}

const script = fileURLToPath(new URL("../../packages/server/src/testing/line-figures.ts", import.meta.url));
const run = promisify(execFile);

/** Measures a short and a long line, each in a process of its own; without a PostgreSQL the rebuild is PGlite's. */
export async function measureLines(databaseUrl: string | undefined): Promise<readonly LineFigures[]> {
  const database = databaseUrl === undefined ? { DB: "pglite" } : { DB: "postgres", TEST_DATABASE_URL: databaseUrl };
  const measured: LineFigures[] = [];
  for (const waiters of [10_000, 1_000_000]) {
    process.stderr.write(`line of ${waiters} …\n`);
    const args = ["--expose-gc", "--conditions=@fanfare-io/source", script, String(waiters)];
    const { stdout } = await run(process.execPath, args, { env: { ...process.env, ...database } });
    measured.push(JSON.parse(stdout) as LineFigures);
  }
  return measured;
}

/** The figures as a page of Markdown, with the machine they come from. */
export function writeLineReport(measured: readonly LineFigures[], database: string, at: Date): string {
  const rows: readonly (readonly [string, (figures: LineFigures) => string])[] = [
    ["Memory a waiter, presence included", ({ line }) => `${line.bytesPerWaiter} B`],
    ["Join", ({ line }) => `${line.insertNanoseconds} ns, longest ${line.longestInsertMs} ms`],
    ["Find a consumer's ticket", ({ line }) => `${line.findNanoseconds} ns`],
    ["Position", ({ line }) => `${line.rankNanoseconds} ns`],
    ["Depart", ({ line }) => `${line.departNanoseconds} ns`],
    ["Pick 100 who are there behind half a line of absent people", ({ line }) => `${line.pickMs} ms`],
    [
      `Start: the line read from ${database}`,
      ({ rebuild }) => `${rebuild.seconds} s, longest pause ${rebuild.longestPauseMs} ms, +${rebuild.residentMegabytes} MB`,
    ],
    [
      "One turn of admission, ten people each",
      ({ rebuild: { turns } }) => `${turns.medianMs} ms in the median, longest ${turns.longestMs} ms; computing ${turns.longestComputingMs} ms at most`,
    ],
  ];
  const columns = measured.map(({ line }) => line.waiters.toLocaleString("en"));
  return `# The line in memory

Made by \`npm run bench -- --only line\` on ${at.toISOString().slice(0, 10)}: ${cpus().length} cores (${cpus()[0]?.model.trim() ?? "unknown"}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}.
Times and pauses are the computing time of the service's thread; only the length of the start and of a turn of admission, with its six to seven questions to the database, is what a clock on the wall says, and a machine that others use as well makes it longer.
A whole process with so many waiters: [one node](benchmarks-node.md).

| waiters | ${columns.join(" | ")} |
| --- | ${columns.map(() => "--:").join(" | ")} |
${rows.map(([name, show]) => `| ${name} | ${measured.map(show).join(" | ")} |`).join("\n")}
`;
}
