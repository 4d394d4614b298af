import type { RehearsalReport } from "../report.ts";
import { table } from "./figure.ts";
import { duration, percent, whole } from "./words.ts";

const laws = {
  step: "all within five seconds of the opening",
  poisson: "evenly, at random",
  spike: "a rush at the opening that ebbs away",
  bots: "scripts in the first second, people after them",
} as const;

const limit = (value: number | null): string => (value === null ? "no limit" : whole(value));

/** The script of the rehearsal in two tables: who came, and what the queue was set to. */
export function describeScenario({ scenario, limits, simulation, seconds }: RehearsalReport): string {
  const people = [
    ["Shoppers", whole(scenario.shoppers)],
    ["Arrivals", laws[scenario.law]],
    ["Over", duration(scenario.arrivalSeconds)],
    ...(scenario.law === "bots" ? [["Scripts among them", percent(scenario.botShare)]] : []),
    ["Lose patience", `${percent(scenario.abandonShare)}, after ${duration(scenario.patienceSeconds)} on average`],
    ["Go away for a while", `${percent(scenario.absentShare)}, for ${duration(scenario.absenceSeconds)} on average`],
    ["Buy", `${percent(scenario.buyShare)}, after ${duration(scenario.shoppingSeconds)} on average`],
  ];
  const queue = [
    ["Let in a minute", whole(limits.admitRate)],
    ["In the shop at once", limit(limits.capacity)],
    ["Let in altogether", limit(limits.maxAdmissions)],
    ["A turn lasts", duration(limits.admissionExpirationSeconds)],
    ["Rehearsed for", duration(seconds)],
  ];
  const watched =
    simulation === null
      ? []
      : [
          ["Nodes", whole(simulation.nodes)],
          ["Faults", whole(simulation.faults)],
          ["Admissions that the counters refused", whole(simulation.refusedByRow)],
          ["Longest pause while somebody could go in", duration(simulation.longestGapSeconds)],
        ];
  return `${table(["The crowd", ""], people)}${table(["The queue", ""], [...queue, ...watched])}`;
}
