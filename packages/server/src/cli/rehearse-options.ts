import { parseArgs } from "node:util";
import { arrivalLaws } from "../rehearsal/arrivals.ts";
import type { ArrivalLaw } from "../rehearsal/arrivals.ts";
import { ordinaryScenario } from "../rehearsal/scenario.ts";
import type { QueueLimits, Scenario } from "../rehearsal/scenario.ts";
import type { LiveTarget } from "../rehearsal/live/service.ts";
import { readConfig } from "../platform/config.ts";
import { CommandError } from "./command-error.ts";
import type { Environment } from "./environment.ts";

/** A rehearsal as it was asked for. */
export type RehearsalOptions = SimulatedOptions | LiveOptions;

interface CommonOptions {
  readonly scenario: Scenario;
  readonly reportFile: string;
  readonly json: boolean;
}

/** In memory: the queue's settings and the faults are made up too. */
export interface SimulatedOptions extends CommonOptions {
  readonly kind: "simulated";
  readonly limits: QueueLimits;
  readonly nodes: number;
  readonly faultEverySeconds: number | null;
}

/** Against a running service, whose queue has settings of its own. */
export interface LiveOptions extends CommonOptions {
  readonly kind: "live";
  readonly target: LiveTarget;
  /** Connections at once. */
  readonly connections: number;
  /** Whether somebody said that the service is theirs. */
  readonly confirmed: boolean;
}

const text = { type: "string" } as const;
const flag = { type: "boolean", default: false } as const;
const flags = {
  ...{ simulate: flag, json: flag, report: text, seed: text, for: text },
  ...{ shoppers: text, arrivals: text, over: text, bots: text, abandon: text, patience: text, absent: text, absence: text, buy: text, shopping: text },
  ...{ queue: text, "publishable-key": text, "secret-key": text, "consumer-url": text, "admin-url": text, connections: text, "yes-this-is-my-service": flag },
  ...{ rate: text, capacity: text, total: text, turn: text, nodes: text, faults: text },
} as const;

/** Reads the words after `fanfare rehearse`. Raises `CommandError` with the option to put right. */
export function readRehearsalOptions(words: readonly string[], environment: Environment): RehearsalOptions {
  const { values } = parseArgs({ args: [...words], options: flags });
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
  const common = {
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
    reportFile: values.report ?? "fanfare-rehearsal.html",
    json: values.json,
  };
  if (!values.simulate) {
    onlyWith("--simulate", ["rate", "capacity", "total", "turn", "nodes", "faults"], given);
    const connections = number("connections", 128, { isWhole: true, least: 1, most: 10_000 });
    return { kind: "live", ...common, target: targetOf(values, environment), connections, confirmed: values["yes-this-is-my-service"] };
  }
  onlyWith("a running service", ["queue", "publishable-key", "secret-key", "consumer-url", "admin-url", "connections"], given);
  return {
    kind: "simulated",
    ...common,
    limits: {
      admitRate: number("rate", 600, { isWhole: true }),
      capacity: bound("capacity"),
      maxAdmissions: bound("total"),
      admissionExpirationSeconds: number("turn", 600, { isWhole: true, least: 1 }),
    },
    nodes: number("nodes", 1, { isWhole: true, least: 1, most: 16 }),
    faultEverySeconds: values.faults === undefined ? null : number("faults", 60, { least: 1 }),
  };
}

function onlyWith(what: string, names: readonly string[], given: Readonly<Record<string, unknown>>): void {
  const odd = names.find((name) => given[name] !== undefined);
  if (odd !== undefined) throw new CommandError(`--${odd} only goes with ${what}.`);
}

function targetOf(
  values: Readonly<Partial<Record<"queue" | "publishable-key" | "secret-key" | "consumer-url" | "admin-url", string>>>,
  environment: Environment,
): LiveTarget {
  const need = (value: string | undefined, what: string): string => {
    if (value === undefined || value === "") throw new CommandError(`fanfare rehearse needs ${what}, or --simulate.`);
    return value;
  };
  const { consumerPort, adminPort } = readConfig(environment);
  return {
    queueId: need(values.queue, "--queue"),
    publishableKey: need(values["publishable-key"] ?? environment["FANFARE_PUBLISHABLE_KEY"], "--publishable-key or FANFARE_PUBLISHABLE_KEY"),
    secretKey: need(values["secret-key"] ?? environment["FANFARE_SECRET_KEY"], "--secret-key or FANFARE_SECRET_KEY"),
    consumerUrl: addressOf("consumer-url", values["consumer-url"] ?? `http://127.0.0.1:${consumerPort}/api`),
    adminUrl: addressOf("admin-url", values["admin-url"] ?? `http://127.0.0.1:${adminPort}/api`),
  };
}

function addressOf(name: string, said: string): string {
  if (!/^https?:\/\//.test(said) || !URL.canParse(said)) throw new CommandError(`--${name} has to be an http or https address, not "${said}".`);
  return said.replace(/\/$/, "");
}

function lawOf(said: string | undefined): ArrivalLaw {
  const law = arrivalLaws.find((each) => each === (said ?? ordinaryScenario.law));
  if (law === undefined) throw new CommandError(`--arrivals has to be one of ${arrivalLaws.join(", ")}, not "${said}".`);
  return law;
}
