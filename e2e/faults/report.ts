import { cpus } from "node:os";
import { faults } from "./faults.ts";
import type { Outcome } from "./world.ts";

/** What a series has come to so far; kept between its pieces. */
export interface Seen {
  /** The outcomes of each fault, by its name. */
  readonly outcomes: Record<string, Outcome[]>;
  /** How many processes wanted a core, on average, after each run. */
  readonly loads: number[];
  /** Why a fault could not be tried here. */
  readonly untried: Record<string, string>;
  /** The commit that upgrades began from. */
  older: string | null;
}

function rowOf(name: string, outcomes: readonly Outcome[]): string {
  const broken = (...invariants: readonly string[]): number =>
    outcomes.flatMap((outcome) => outcome.violations).filter(({ invariant }) => invariants.includes(invariant)).length;
  const sum = (figure: (outcome: Outcome) => number): string => outcomes.reduce((total, outcome) => total + figure(outcome), 0).toLocaleString("en");
  const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;
  const longest = (figure: (outcome: Outcome) => number): string => seconds(Math.max(...outcomes.map(figure)));
  const gaps = outcomes.map((outcome) => outcome.admissionsGapMs).toSorted((one, other) => one - other);
  const counts = [outcomes.length, broken("I1"), broken("I2", "I5"), broken("I4"), broken("I3", "I6")];
  const figures = [
    sum((each) => each.entries),
    sum((each) => each.completed),
    longest((each) => each.answersGapMs),
    seconds(gaps[Math.floor(gaps.length / 2)] ?? 0),
    longest((each) => each.admissionsGapMs),
  ];
  return `| ${name} | ${[...counts, ...figures].join(" | ")} |`;
}

/** What a series that was not alone on the machine says of it: its times are longer than they would be. */
function besides(loads: readonly number[]): string {
  const [least, most] = [Math.min(...loads), Math.max(...loads)].map(Math.round);
  return most === undefined || most <= 2 * cpus().length ? "" : `, and so does other work: its load was ${least} to ${most} meanwhile`;
}

/** What was seen, as a page of Markdown. */
export function writeFaultReport({ outcomes, loads, untried, older }: Seen, at: Date): string {
  const rows = faults.flatMap(({ name }) => {
    const tried = outcomes[name] ?? [];
    if (tried.length > 0) return [rowOf(name, tried)];
    const why = untried[name];
    return why === undefined ? [] : [`| ${name} | 0: ${why} | | | | | | | | | |`];
  });
  return `# Faults

Made by \`npm run soak -- faults\` on ${at.toISOString().slice(0, 10)}: ${cpus().length} cores (${cpus()[0]?.model.trim() ?? "unknown"}), Node ${process.versions.node}. Two nodes over one PostgreSQL, 24 shoppers at once who enter, enter again, leave, vanish,
or buy with three orders at once; everything shares the machine${besides(loads)}. What shoppers saw is compared with the database afterwards (\`packages/testing/src/history.ts\`).

| when | times | lost | given twice | over the cap | out of order | entries | sales | longest without any answer | without an admission, in the median | at most |
| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |
${rows.join("\n")}

A client whose node does not answer within two seconds, or says 503, asks the other one, as a load balancer would have it. The three last columns hold the fault itself: a database that is down for half
a second lets nobody in meanwhile. An owner that dies is followed by another when its lease of a second and a half has run out.
${older === null ? "" : `\nThe older version is ${older}, the last before the newest step of the schema: old and new nodes work beside each other for two seconds and more, on the new schema.\n`}
**Clocks**: what a process takes for the time of day is set, not the machine's. Nodes go by the database's clock, which \`shared-clock.test.ts\` sets; \`clocks.db.test.ts\` runs two nodes that are ten seconds apart.
`;
}
