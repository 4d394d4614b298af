import type { QueueLimits } from "./scenario.ts";
import type { Counters } from "./world.ts";

/** What only a simulation can see: everything, at every instant. */
export interface SimulationWatch {
  readonly mostInside: number;
  readonly granted: number;
  /** What the counters row refused though memory thought it right. */
  readonly refusedByRow: number;
  readonly faults: number;
  /** Longest time without an admission while somebody was present, a slot free and the rate above zero. */
  readonly longestGapMs: number;
  /** By minute: whether all the time as many were present, and as many slots free, as the rate lets in at once, and no fault was near. */
  readonly judged: readonly boolean[];
}

/** Looks at everything after each tick, as nothing inside the service could. Instants in milliseconds. */
export interface Watcher {
  admitted(at: number): void;
  fault(at: number, forMs: number): void;
  /** `present`: how many are in line who may be let in, counted up to those of a tick. */
  ticked(at: number, counters: Counters, present: number): void;
  report(counters: Counters): SimulationWatch;
}

// After a fault ends, what it left to catch up is caught up within so long.
const recoveryMs = 40_000;

/** How many the rate, in consumers per minute, lets in at once; one at least. */
export function ofOneTick(admitRate: number, tickMs: number): number {
  return Math.max(1, Math.ceil((admitRate * tickMs) / 60_000));
}

/** Makes the watch of one simulation. */
export function createSimulationWatch({ admitRate, capacity, maxAdmissions }: QueueLimits, tickMs: number): Watcher {
  let mostInside = 0;
  let faults = 0;
  let longestGapMs = 0;
  let idleSince: number | null = null;
  let troubledUntil = -1;
  const judged: boolean[] = [];
  // Between two admissions of a slow queue lies more than a tick without anything being wrong.
  const pauseMs = admitRate > 0 ? 60_000 / admitRate : Infinity;
  // A few slots that were given back since the last turn are free when somebody looks, and do not let the rate through.
  const enough = ofOneTick(admitRate, tickMs);

  return Object.freeze<Watcher>({
    admitted(at) {
      if (idleSince !== null) longestGapMs = Math.max(longestGapMs, at - idleSince - pauseMs);
      idleSince = at;
    },
    fault(at, forMs) {
      faults++;
      troubledUntil = Math.max(troubledUntil, at + forMs + recoveryMs);
    },
    ticked(at, { active, granted }, present) {
      mostInside = Math.max(mostInside, active);
      const room = Math.min(present, (capacity ?? Infinity) - active, (maxAdmissions ?? Infinity) - granted);
      if (room <= 0) idleSince = null;
      else idleSince ??= at;
      const minute = Math.floor(at / 60_000);
      while (judged.length <= minute) judged.push(true);
      if (room < enough || at <= troubledUntil) judged[minute] = false;
    },
    report: (counters) => ({ mostInside, granted: counters.granted, refusedByRow: counters.refused, faults, longestGapMs, judged }),
  });
}
