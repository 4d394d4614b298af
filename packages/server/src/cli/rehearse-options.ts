import { parseArgs } from "node:util";
import { arrivalLaws } from "../rehearsal/arrivals.ts";
import type { ArrivalLaw } from "../rehearsal/arrivals.ts";
import { ordinaryScenario } from "../rehearsal/scenario.ts";
import type { QueueLimits, Scenario } from "../rehearsal/scenario.ts";
import { CommandError } from "./command-error.ts";
import type { Environment } from "./environment.ts";

/** A rehearsal as it was asked for. */
export interface RehearsalOptions {
  readonly scenario: Scenario;
  readonly limits: QueueLimits;
  readonly nodes: number;
  readonly faultEverySeconds: number | null;
  readonly reportFile: string;
  readonly json: boolean;
}

const text = { type: "string" } as const;
const flag = { type: "boolean", default: false } as const;
const flags = {
  ...{ simulate: flag, json: flag, report: text, seed: text, for: text },
  ...{ shoppers: text, arrivals: text, over: text, bots: text, abandon: text, patience: text, absent: text, absence: text, buy: text, shopping: text },
  ...{ rate: text, capacity: text, total: text, turn: text, nodes: text, faults: text },
} as const;

/** Reads the words after `fanfare rehearse`. Raises `CommandError` with the option to put right. */
export function readRehearsalOptions(words: readonly string[], _environment: Environment): RehearsalOptions {
  const { values } = parseArgs({ args: [...words], options: flags });
  if (!values.simulate) throw new CommandError("fanfare rehearse needs --simulate.");
  const given = values as Readonly<Record<string, string | boolean | undefined>>;
  const number = (name: string, standard: number, { least = 0, most = Infinity, isWhole = false } = {}): number => {
    const said = given[name];
    if (said === undefined) return standard;
    const value = Number(said);
    if (typeof said !== "string" || said.trim() === "" || !(value >= least && value <= most) || (isWhole && !Number.isInteger(value)))
      throw new CommandError(
        `--${name} has to be ${isWhole ? "a whole number" : "a number"} ${most === Infinity ? `of at least ${least}` : `from ${least} to ${most}`}, not "${said}".`,
      );
    return value;
  };
  const share = (name: string, standard: number): number => number(name, standard, { most: 1 });
  const bound = (name: string): number | null => (given[name] === undefined ? null : number(name, 0, { isWhole: true, least: 1 }));
  const usual = ordinaryScenario;
  return {
    scenario: {
      seed: number("seed", usual.seed, { isWhole: true }),
      shoppers: number("shoppers", usual.shoppers, { isWhole: true, least: 1, most: 10_000_000 }),
      law: lawOf(values.arrivals),
      arrivalSeconds: number("over", usual.arrivalSeconds, { least: 1 }),
      botShare: share("bots", usual.botShare),
      abandonShare: share("abandon", usual.abandonShare),
      patienceSeconds: number("patience", usual.patienceSeconds),
      absentShare: share("absent", usual.absentShare),
      absenceSeconds: number("absence", usual.absenceSeconds),
      buyShare: share("buy", usual.buyShare),
      shoppingSeconds: number("shopping", usual.shoppingSeconds),
      maxSeconds: number("for", usual.maxSeconds, { least: 1, most: 86_400 }),
    },
    limits: {
      admitRate: number("rate", 600, { isWhole: true }),
      capacity: bound("capacity"),
      maxAdmissions: bound("total"),
      admissionExpirationSeconds: number("turn", 600, { isWhole: true, least: 1 }),
    },
    nodes: number("nodes", 1, { isWhole: true, least: 1, most: 16 }),
    faultEverySeconds: values.faults === undefined ? null : number("faults", 60, { least: 1 }),
    reportFile: values.report ?? "fanfare-rehearsal.html",
    json: values.json,
  };
}

function lawOf(said: string | undefined): ArrivalLaw {
  const law = arrivalLaws.find((each) => each === (said ?? ordinaryScenario.law));
  if (law === undefined) throw new CommandError(`--arrivals has to be one of ${arrivalLaws.join(", ")}, not "${said}".`);
  return law;
}
