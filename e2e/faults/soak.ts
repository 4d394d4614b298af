import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startPostgres } from "../../tools/postgres.mjs";
import { bareGround, faults, startOnSmallDisk } from "./faults.ts";
import type { Fault } from "./faults.ts";
import { checkOutOlder } from "./older-version.ts";
import { play } from "./world.ts";
import type { Outcome } from "./world.ts";

// `npm run soak -- faults [--runs 10] [--only frozen] [--older <commit>]`: each fault so many times under load; writes docs/operations/faults.md, unless only some are tried.
const { values } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: "string", default: "10" }, only: { type: "string", default: "" }, older: { type: "string" } },
});
const runs = Number(values.runs);
const older = checkOutOlder(values.older);

async function series(fault: Fault): Promise<readonly Outcome[] | null> {
  const small = fault.smallDisk === true ? await startOnSmallDisk() : null;
  if ((fault.smallDisk === true && small === null) || (fault.fromOlder === true && older === null)) return null;
  const server = small?.server ?? (await startPostgres());
  const outcomes: Outcome[] = [];
  try {
    for (let run = 0; run < runs; run++) {
      const ground = { ...bareGround, ...(small !== null && { disk: small.disk }), ...(older !== null && { older: older.main }) };
      const begin = fault.fromOlder === true && older !== null ? { main: older.main } : {};
      const outcome = await play(server, (world) => fault.inject(world, ground), { steadyMs: 1_500, ...begin });
      outcomes.push(outcome);
      process.stderr.write(`${fault.name}: run ${run + 1}, ${JSON.stringify(outcome)}\n`);
    }
    return outcomes;
  } finally {
    await (small ?? server).stop();
  }
}

const rows: string[] = [];
for (const fault of faults.filter(({ name }) => name.includes(values.only))) {
  const outcomes = await series(fault);
  rows.push(
    outcomes === null
      ? `| ${fault.name} | not tried: ${fault.smallDisk === true ? "no disk could be mounted" : "the repository has no past here"} | | | | | | | |`
      : rowOf(fault.name, outcomes),
  );
}

function rowOf(name: string, outcomes: readonly Outcome[]): string {
  const broken = (...invariants: readonly string[]): number =>
    outcomes.flatMap((outcome) => outcome.violations).filter(({ invariant }) => invariants.includes(invariant)).length;
  const sum = (figure: (outcome: Outcome) => number): string => outcomes.reduce((total, outcome) => total + figure(outcome), 0).toLocaleString("en");
  const longest = (figure: (outcome: Outcome) => number): string => `${(Math.max(...outcomes.map(figure)) / 1000).toFixed(1)} s`;
  const counts = [broken("I1"), broken("I2", "I5"), broken("I4"), broken("I3", "I6")];
  const figures = [sum((each) => each.entries), sum((each) => each.completed), longest((each) => each.answersGapMs), longest((each) => each.admissionsGapMs)];
  return `| ${name} | ${[...counts, ...figures].join(" | ")} |`;
}

const page = `# Faults

Made by \`npm run soak -- faults --runs ${runs}\` on ${new Date().toISOString().slice(0, 10)}: ${cpus().length} cores (${cpus()[0]?.model.trim() ?? "unknown"}), Node ${process.versions.node}. Two nodes over one PostgreSQL, 24 shoppers at once who enter, enter again, leave, vanish,
or buy with three orders at once; everything shares the machine. Each fault ${runs === 1 ? "once" : `${runs} times`}; what shoppers saw is compared with the database afterwards (\`packages/testing/src/history.ts\`).

| when | lost | given twice | over the cap | out of order | entries | sales | longest without any answer | longest without an admission |
| --- | --: | --: | --: | --: | --: | --: | --: | --: |
${rows.join("\n")}

A client whose node does not answer within two seconds, or says 503, asks the other one, as a load balancer would have it. The two last columns hold the fault itself: a database that is down for half
a second lets nobody in meanwhile. An owner that dies is followed by another when its lease of two seconds has run out.

The older version is ${older?.commit ?? "none"}, the last before the newest step of the schema: old and new nodes work beside each other for two seconds and more, on the new schema.

**Clocks** are not set here, because that takes the whole machine's. Nodes go by the database's clock; \`clocks.db.test.ts\` runs two that are ten seconds apart, \`shared-clock.test.ts\` sets the database's.
`;
older?.remove();
if (values.only === "") await writeFile(fileURLToPath(new URL("../../docs/operations/faults.md", import.meta.url)), page);
process.stdout.write(page);
