import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { benchCheck } from "./check.ts";
import { benchCache } from "./cache.ts";
import { benchEstimates } from "./estimates.ts";
import { measureDraws, writeDrawReport } from "./draw.ts";
import { measureFarms, writeFarmReport } from "./farm.ts";
import { measureLines, writeLineReport } from "./line.ts";
import { measureNodes, writeNodeReport } from "./node.ts";
import { measureOverload, writeOverloadReport } from "./overload.ts";
import { measureOtp, writeOtpReport } from "./otp.ts";
import { benchPhone } from "./phone.ts";
import { measureRehearsals, writeRehearsalReport } from "./rehearsals.ts";
import type { MeasuredRehearsal } from "./rehearsals.ts";
import { writeReport } from "./report.ts";
import type { Measured } from "./report.ts";
import { measure } from "./rounds.ts";
import { measureSessions, writeSessionReport } from "./sessions.ts";
import { measureSimulations, writeSimulationReport } from "./simulations.ts";
import { asInProduction, startFloor, startSubject } from "./subject.ts";
import { benchSpread } from "./spread.ts";
import { benchTurns } from "./turns.ts";

// `npm run bench [-- --only line|node|http|overload|draw|otp|sessions|estimates|cache|turns|spread|simulation|rehearsal|check|farm|phone] [-- --entries 1000000 --pairs 10000 --messages 3000 --rounds 5 --amount 6000 --seconds 300 --waiters 2000 --cache nginx|varnish --seed 1 --runs 3 --scale 1 --challenges 200 --samples 40 --ways directly --minutes 7 --into FILE]`: writes docs/benchmarks*.md. BENCH_DATABASE_URL names the PostgreSQL that the runner started.
const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    amount: { type: "string", default: "6000" },
    seconds: { type: "string", default: "300" },
    // Of the full crowds of simulations and rehearsals.
    scale: { type: "string", default: "1" },
    // Of a rehearsal: how the crowd comes, in how many minutes it is let in, and where figures of the other way lie.
    ways: { type: "string", default: "all" },
    minutes: { type: "string", default: "7" },
    into: { type: "string" },
    waiters: { type: "string", default: "2000" },
    cache: { type: "string", default: "nginx" },
    seed: { type: "string", default: "1" },
    runs: { type: "string", default: "3" },
    only: { type: "string", default: "all" },
    challenges: { type: "string", default: "200" },
    samples: { type: "string", default: "40" },
    entries: { type: "string", default: "1000000" },
    pairs: { type: "string", default: "10000" },
    messages: { type: "string", default: "3000" },
  },
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
      const service = await startSubject(url, { env: asInProduction });
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

async function benchNode(): Promise<void> {
  const url = process.env["BENCH_DATABASE_URL"];
  if (url === undefined) throw new Error("A node's figures are those over PostgreSQL: BENCH_DATABASE_URL is missing.");
  const report = writeNodeReport(await measureNodes(url), new Date());
  await writeFile(fileURLToPath(new URL("../../docs/benchmarks-node.md", import.meta.url)), report);
  process.stdout.write(`\n${report}`);
}

async function benchOverload(): Promise<void> {
  const url = process.env["BENCH_DATABASE_URL"];
  const report = writeOverloadReport(await measureOverload(url, Number(values.seconds)), url === undefined ? "PGlite" : "PostgreSQL", new Date());
  await writeFile(fileURLToPath(new URL("../../docs/benchmarks-overload.md", import.meta.url)), report);
  process.stdout.write(`\n${report}`);
}

async function benchSessions(): Promise<void> {
  const url = process.env["BENCH_DATABASE_URL"];
  if (url === undefined) throw new Error("The floor of sessions is PostgreSQL's: BENCH_DATABASE_URL is missing.");
  const figures = await measureSessions(url, { connections: 32, rounds: Number(values.rounds), amount: Number(values.amount) });
  const report = writeSessionReport(figures, new Date());
  await writeFile(fileURLToPath(new URL("../../docs/benchmarks-session-service.md", import.meta.url)), report);
  process.stdout.write(`\n${report}`);
}

async function benchSimulation(): Promise<void> {
  const report = writeSimulationReport(await measureSimulations(Number(values.scale)), Number(values.scale), new Date());
  await writeFile(fileURLToPath(new URL("../../docs/benchmarks-simulation.md", import.meta.url)), report);
  process.stdout.write(`\n${report}`);
}

async function benchRehearsal(): Promise<void> {
  const url = process.env["BENCH_DATABASE_URL"];
  const { into } = values;
  const ways = (["directly", "through nginx"] as const).filter((way) => values.ways === "all" || way === values.ways);
  const options = { shoppers: Math.round(100_000 * Number(values.scale)), minutes: Number(values.minutes), ways };
  const kept = into !== undefined && existsSync(into) ? (JSON.parse(readFileSync(into, "utf8")) as readonly MeasuredRehearsal[]) : [];
  const measured = [...kept.filter(({ way }) => !ways.includes(way)), ...(await measureRehearsals(url, options))];
  if (into !== undefined) await writeFile(into, JSON.stringify(measured));
  const report = writeRehearsalReport(measured, {
    scale: Number(values.scale),
    minutes: options.minutes,
    database: url === undefined ? "PGlite" : "PostgreSQL",
    at: new Date(),
  });
  await writeFile(fileURLToPath(new URL("../../docs/benchmarks-rehearsal.md", import.meta.url)), report);
  process.stdout.write(`\n${report}`);
}

async function benchDraw(): Promise<void> {
  const options = { entries: Number(values.entries), amount: Number(values.amount) };
  const report = writeDrawReport(await measureDraws(process.env["BENCH_DATABASE_URL"], options), new Date());
  await writeFile(fileURLToPath(new URL("../../docs/benchmarks-draw.md", import.meta.url)), report);
  process.stdout.write(`\n${report}`);
}

async function benchFarm(): Promise<void> {
  const report = writeFarmReport(await measureFarms(Number(values.scale), Number(values.challenges)), new Date());
  await writeFile(fileURLToPath(new URL("../../docs/benchmarks-farm.md", import.meta.url)), report);
  process.stdout.write(`\n${report}`);
}

async function benchOtp(): Promise<void> {
  const url = process.env["BENCH_DATABASE_URL"];
  const figures = await measureOtp(url, { pairs: Number(values.pairs), messages: Number(values.messages) });
  const report = writeOtpReport(figures, url === undefined ? "PGlite" : "PostgreSQL", new Date());
  await writeFile(fileURLToPath(new URL("../../docs/benchmarks-otp.md", import.meta.url)), report);
  process.stdout.write(`\n${report}`);
}

const benches: Readonly<Record<string, () => Promise<void>>> = {
  line: benchLine,
  node: benchNode,
  http: benchHttp,
  overload: benchOverload,
  draw: benchDraw,
  otp: benchOtp,
  sessions: benchSessions,
  simulation: benchSimulation,
  rehearsal: benchRehearsal,
  estimates: () => benchEstimates({ seed: Number(values.seed), runs: Number(values.runs) }),
  cache: () => benchCache({ waiters: Number(values.waiters), seconds: Number(values.seconds), cache: values.cache === "varnish" ? "varnish" : "nginx" }),
  turns: benchTurns,
  spread: () => benchSpread(process.env["BENCH_DATABASE_URL"], 30),
  check: benchCheck,
  farm: benchFarm,
  phone: () => benchPhone(Number(values.samples)),
};
const asked = values.only === "all" ? Object.keys(benches) : values.only.split(",");
for (const name of asked) {
  const bench = benches[name];
  if (bench === undefined) throw new Error(`There is no bench ${name}; there are ${Object.keys(benches).join(", ")}.`);
  await bench();
}
