import type { ArrivalLaw } from "./arrivals.ts";

/** A launch as it is rehearsed: who comes, how patient they are, and how they buy. */
export interface Scenario {
  readonly seed: number;
  readonly shoppers: number;
  readonly law: ArrivalLaw;
  /** Over how long they arrive. */
  readonly arrivalSeconds: number;
  /** Of all arrivals, under the law `bots`. */
  readonly botShare: number;
  /** Of the people, how many lose patience and leave. */
  readonly abandonShare: number;
  /** How long those wait, on average. */
  readonly patienceSeconds: number;
  /** Of the people, how many go away for a while: a tunnel, a locked phone. */
  readonly absentShare: number;
  /** How long those stay away, on average. */
  readonly absenceSeconds: number;
  /** Of those who are let in, how many buy; the others let their grant run out. */
  readonly buyShare: number;
  /** From being let in to paying, on average. */
  readonly shoppingSeconds: number;
  /** When the rehearsal ends, whoever is still waiting. */
  readonly maxSeconds: number;
}

/** An ordinary launch. */
export const ordinaryScenario: Scenario = Object.freeze<Scenario>({
  seed: 1,
  shoppers: 1_000,
  law: "spike",
  arrivalSeconds: 60,
  botShare: 0.2,
  abandonShare: 0.1,
  patienceSeconds: 300,
  absentShare: 0.05,
  absenceSeconds: 90,
  buyShare: 0.85,
  shoppingSeconds: 60,
  maxSeconds: 7_200,
});

/** The queue's own settings as far as a rehearsal knows them. Null = no bound. */
export interface QueueLimits {
  /** Consumers per minute. */
  readonly admitRate: number;
  readonly capacity: number | null;
  readonly maxAdmissions: number | null;
  readonly admissionExpirationSeconds: number;
}
