import { drawArrivals } from "./arrivals.ts";
import { createCrowd } from "./crowd.ts";
import { createSimulatedService } from "./simulated-service.ts";
import { createSimulatedVisits } from "./simulated-visit.ts";
import { createSeededRandom } from "./random.ts";
import { createRecorder } from "./recorder.ts";
import type { Recording } from "./recorder.ts";
import type { SimulationWatch } from "./simulation-watch.ts";
import type { QueueLimits, Scenario } from "./scenario.ts";

/** What is simulated beside the scenario. */
export interface SimulationOptions {
  readonly scenario: Scenario;
  readonly limits: QueueLimits;
  readonly nodes: number;
  /** One fault in so many seconds, at random; null = none. */
  readonly faultEverySeconds: number | null;
  /** Told of the simulated second, now and then; awaited, so that a signal can be heard. False ends the simulation. */
  readonly onProgress?: (progress: SimulationProgress) => Promise<boolean>;
}

/** How far a simulation has come. */
export interface SimulationProgress {
  readonly second: number;
  readonly done: number;
  readonly waiting: number;
  readonly admitted: number;
}

/** A simulation that ran. */
export interface Simulation {
  readonly recording: Recording;
  readonly seconds: number;
  /** Whether everybody's visit was over. */
  readonly finished: boolean;
  readonly watch: SimulationWatch;
}

/** The service decides ten times a second; so does everything here. */
const tickMs = 100;

/**
 * Plays a launch on the service's own line, presence, estimates and admission job, over rows in memory and a clock that waits for nobody.
 * The same options give the same launch, second for second.
 */
export async function simulate({ scenario, limits, nodes, faultEverySeconds, onProgress }: SimulationOptions): Promise<Simulation> {
  const stream = (name: string): ReturnType<typeof createSeededRandom> => createSeededRandom(scenario.seed, name);
  const arrivals = drawArrivals({ ...scenario, seconds: scenario.arrivalSeconds }, stream("arrivals"));
  const recorder = createRecorder(arrivals.at.length, stream("estimates"));
  const service = createSimulatedService({
    ...{ limits, nodes, faultEverySeconds, seconds: scenario.maxSeconds, tickMs, random: stream("service") },
    onAdmitted: (shopper, at) => recorder.admitted(shopper, at, at),
    onExpired: (shopper, at) => recorder.ended(shopper, at, "expired"),
  });
  const crowd = createCrowd(scenario, arrivals.isBot, stream("habits"), tickMs);
  const visits = createSimulatedVisits({ crowd, service, recorder, random: stream("polls") });
  const ticks = Math.ceil((scenario.maxSeconds * 1000) / tickMs);
  let arrived = 0;
  let tick = 0;
  for (; tick < ticks && (arrived < arrivals.at.length || visits.underway() > 0); tick++) {
    const now = tick * tickMs;
    await service.beginTick(now);
    const newcomers: number[] = [];
    for (; (arrivals.at[arrived] ?? Infinity) <= now; arrived++) newcomers.push(arrived);
    visits.arrive(newcomers, now);
    crowd.due(tick, (shopper) => visits.act(shopper, now));
    if (now % 1000 === 0) {
      const { active } = service.counters();
      recorder.line(now, service.waiting(), active);
    }
    const goOn =
      now % 10_000 !== 0 || (await onProgress?.({ second: now / 1000, done: visits.over(), waiting: service.waiting(), admitted: service.counters().granted }));
    if (goOn === false) break;
  }
  return {
    recording: recorder.recording,
    seconds: (tick * tickMs) / 1000,
    finished: arrived === arrivals.at.length && visits.underway() === 0,
    watch: service.watch(),
  };
}
