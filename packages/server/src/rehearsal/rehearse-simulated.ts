import { findVerdicts } from "./verdicts.ts";
import { makeReport } from "./report.ts";
import type { RehearsalReport } from "./report.ts";
import { simulate } from "./simulate.ts";
import type { SimulationOptions } from "./simulate.ts";

/** What the surroundings of a rehearsal tell its report. */
export interface Surroundings {
  readonly machine: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Whether somebody asked to stop. */
  readonly stopped: () => boolean;
}

/** Simulates a launch and reports on it. */
export async function rehearseSimulated(options: SimulationOptions, surroundings: Surroundings): Promise<RehearsalReport> {
  const began = surroundings.now();
  const { recording, seconds, finished, watch } = await simulate(options);
  const { scenario, limits, nodes } = options;
  const { judged, mostInside, granted } = watch;
  const playedInSeconds = (surroundings.now() - began) / 1000;
  return makeReport({
    title: `What if ${scenario.shoppers.toLocaleString("en")} come?`,
    kind: "simulated",
    madeAt: new Date(began).toISOString(),
    endedBy: finished ? "finished" : surroundings.stopped() ? "stopped" : "time",
    ...{ seconds, playedInSeconds, target: null, machine: surroundings.machine, scenario, limits },
    simulation: { nodes, faults: watch.faults, refusedByRow: watch.refusedByRow, longestGapSeconds: watch.longestGapMs / 1000 },
    latency: [],
    errors: [],
    recording,
    judged,
    verdicts: findVerdicts({ recording, limits, judged, mostInside, granted, twice: null }),
  });
}
