import { playLive } from "./live/play.ts";
import type { LivePlayOptions } from "./live/play.ts";
import { makeReport } from "./report.ts";
import type { RehearsalReport } from "./report.ts";
import type { Surroundings } from "./rehearse-simulated.ts";
import { findVerdicts } from "./verdicts.ts";

/** Plays a launch against a running service and reports on it. */
export async function rehearseLive(options: LivePlayOptions, surroundings: Surroundings): Promise<RehearsalReport> {
  const began = surroundings.now();
  const { recording, seconds, finished, limits, judged, mostInside, granted, twice, latency, errors } = await playLive(options);
  const { scenario, target } = options;
  return makeReport({
    title: `${scenario.shoppers.toLocaleString("en")} come to ${target.queueId}`,
    kind: "live",
    madeAt: new Date(began).toISOString(),
    endedBy: finished ? "finished" : surroundings.stopped() ? "stopped" : "time",
    ...{ seconds, playedInSeconds: seconds, target: `${target.consumerUrl}, ${target.queueId}`, machine: surroundings.machine, scenario, limits },
    simulation: null,
    ...{ latency, errors, recording, judged },
    verdicts: findVerdicts({ recording, limits, judged, mostInside, granted, twice }),
  });
}
