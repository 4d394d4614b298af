import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { writeReport } from "./report.ts";
import type { Measured } from "./report.ts";
import { measure } from "./rounds.ts";
import { startFloor, startSubject } from "./subject.ts";

// `npm run bench [-- --rounds 5 --amount 6000]`: writes docs/benchmarks.md. BENCH_DATABASE_URL names the PostgreSQL that the runner started.
const { values } = parseArgs({ options: { rounds: { type: "string", default: "5" }, amount: { type: "string", default: "6000" } } });
const databases = [
  { database: "PGlite", url: undefined },
  { database: "PostgreSQL", url: process.env["BENCH_DATABASE_URL"] },
];

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
