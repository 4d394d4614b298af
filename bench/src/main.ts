import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { measureLines, writeLineReport } from "./line.ts";
import { writeReport } from "./report.ts";
import type { Measured } from "./report.ts";
import { measure } from "./rounds.ts";
import { startFloor, startSubject } from "./subject.ts";

// `npm run bench [-- --rounds 5 --amount 6000] [-- --only line|http]`: writes docs/benchmarks.md and docs/benchmarks-line.md. BENCH_DATABASE_URL names the PostgreSQL that the runner started.
const { values } = parseArgs({
  options: { rounds: { type: "string", default: "5" }, amount: { type: "string", default: "6000" }, only: { type: "string", default: "all" } },
});
const databases = [
  { database: "PGlite", url: undefined },
  { database: "PostgreSQL", url: process.env["BENCH_DATABASE_URL"] },
];

async function benchHttp(): Promise<void> {
  const measured: Measured[] = [];
  const floor = await startFloor();
  try {
    for (const { database, url } of databases) {
      if (database === "PostgreSQL" && url === undefined) continue;
      const service = await startSubject(url);
      try {
        for (const connections of [32, 128]) {
          const options = { connections, rounds: Number(values.rounds), amount: Number(values.amount) };
          process.stderr.write(`${database}, ${connections} connections …\n`);
          measured.push({ database, options, calls: await measure(service, floor, options) });
        }
      } finally {
        await service.stop();
      }
    }
  } finally {
    await floor.stop();
  }
  const report = writeReport(measured, new Date());
  await writeFile(fileURLToPath(new URL("../../docs/benchmarks.md", import.meta.url)), report);
  process.stdout.write(`\n${report}`);
}

async function benchLine(): Promise<void> {
  const url = process.env["BENCH_DATABASE_URL"];
  const report = writeLineReport(await measureLines(url), url === undefined ? "PGlite" : "PostgreSQL", new Date());
  await writeFile(fileURLToPath(new URL("../../docs/benchmarks-line.md", import.meta.url)), report);
  process.stdout.write(`\n${report}`);
}

if (values.only !== "http") await benchLine();
if (values.only !== "line") await benchHttp();
