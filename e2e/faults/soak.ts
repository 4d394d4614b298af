import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startPostgres } from "../../tools/postgres.mjs";
import { beginningOf, faults, startOnSmallDisk } from "./faults.ts";
import type { Fault } from "./faults.ts";
import { checkOutOlder } from "./older-version.ts";
import type { OlderVersion } from "./older-version.ts";
import { writeFaultReport } from "./report.ts";
import type { Seen } from "./report.ts";
import { play } from "./world.ts";

// `npm run soak -- faults [--runs 10] [--only frozen,disk] [--minutes 9] [--into FILE] [--older <commit>]`: each fault so many times under load; writes
// docs/operations/faults.md, unless only some are tried. `--into` keeps what was seen in a file and adds to what lies there, so that a series may be made in
// pieces: a fault that was tried so often already is not tried again, and no run begins after `--minutes`.
const { values } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: "string", default: "10" },
    only: { type: "string", default: "" },
    minutes: { type: "string", default: "Infinity" },
    into: { type: "string" },
    older: { type: "string" },
  },
});
const { into } = values;
const runs = Number(values.runs);
const endsAt = performance.now() + Number(values.minutes) * 60_000;
const seen: Seen =
  into !== undefined && existsSync(into) ? (JSON.parse(readFileSync(into, "utf8")) as Seen) : { outcomes: {}, loads: [], untried: {}, older: null };

async function series(fault: Fault, older: OlderVersion | null): Promise<void> {
  const outcomes = (seen.outcomes[fault.name] ??= []);
  if (outcomes.length >= runs || performance.now() >= endsAt) return;
  const small = fault.smallDisk === true ? await startOnSmallDisk() : null;
  if (fault.smallDisk === true && small === null) return void (seen.untried[fault.name] = "no disk could be mounted");
  if (fault.fromOlder === true && older === null) return void (seen.untried[fault.name] = "the repository has no past here");
  const server = small?.server ?? (await startPostgres());
  try {
    while (outcomes.length < runs && performance.now() < endsAt) {
      const ground = { disk: small?.disk ?? "", older: older?.main ?? "" };
      const outcome = await play(server, (world) => fault.inject(world, ground), { steadyMs: 1_500, ...beginningOf(fault, ground) });
      outcomes.push(outcome);
      seen.loads.push(loadavg()[0] ?? 0);
      process.stderr.write(`${fault.name}: run ${outcomes.length}, ${JSON.stringify(outcome)}\n`);
      await keep();
    }
  } finally {
    await (small ?? server).stop();
  }
}

async function keep(): Promise<string> {
  const page = writeFaultReport(seen, new Date());
  if (into !== undefined) await writeFile(into, JSON.stringify(seen));
  if (into !== undefined || values.only === "") await writeFile(fileURLToPath(new URL("../../docs/operations/faults.md", import.meta.url)), page);
  return page;
}

const wanted = faults.filter(({ name }) => values.only.split(",").some((part) => name.includes(part)));
const older = wanted.some(({ fromOlder }) => fromOlder) ? checkOutOlder(values.older) : null;
if (older !== null) seen.older = older.commit;
try {
  for (const fault of wanted) await series(fault, older);
} finally {
  older?.remove();
}
process.stdout.write(await keep());
