import { drawArrivals } from "../arrivals.ts";
import { createCrowd } from "../crowd.ts";
import { createLatencies } from "../latency.ts";
import { createSeededRandom } from "../random.ts";
import { createRecorder } from "../recorder.ts";
import type { Recording } from "../recorder.ts";
import type { RouteFigures } from "../latency.ts";
import type { QueueLimits, Scenario } from "../scenario.ts";
import { openConnection } from "./connection.ts";
import { createCrowdCache } from "./crowd-cache.ts";
import { createErrorTally } from "./error-tally.ts";
import type { CountedError } from "./error-tally.ts";
import { createLiveVisits } from "./live-visit.ts";
import { createLiveWatch } from "./live-watch.ts";
import type { LiveProgress } from "./live-watch.ts";
import { RehearsalError } from "../rehearsal-error.ts";
import { createLiveService, operatorRoutes } from "./service.ts";
import type { LiveTarget } from "./service.ts";

/** What a live rehearsal needs from its surroundings. */
export interface LivePlayOptions {
  readonly scenario: Scenario;
  readonly target: LiveTarget;
  /** Connections at once. */
  readonly connections: number;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly stopped: () => boolean;
  /** Told ten times a second. */
  readonly onProgress: (progress: LiveProgress) => void;
}

/** A live launch that was played. */
export interface LivePlay {
  readonly recording: Recording;
  readonly seconds: number;
  readonly finished: boolean;
  readonly limits: QueueLimits;
  readonly judged: readonly boolean[];
  readonly mostInside: number;
  readonly granted: number;
  readonly twice: { readonly tried: number; readonly sold: number };
  readonly latency: readonly RouteFigures[];
  readonly errors: readonly CountedError[];
}

const tickMs = 100;
const limitedMessage = "The service limits how much one address may ask, and the whole crowd has this one. Start it with RATE_LIMITS=off for the rehearsal.";

/** Plays a launch against a running service. Raises `Refusal` when the queue cannot be read, and `RehearsalError` when the service limits this address; other refusals are counted. */
export async function playLive(options: LivePlayOptions): Promise<LivePlay> {
  const { scenario, target, now } = options;
  const stream = (name: string): ReturnType<typeof createSeededRandom> => createSeededRandom(scenario.seed, name);
  const arrivals = drawArrivals({ ...scenario, seconds: scenario.arrivalSeconds }, stream("arrivals"));
  const recorder = createRecorder(arrivals.at.length, stream("estimates"));
  const latencies = createLatencies();
  const errors = createErrorTally();
  const connection = openConnection({ connections: options.connections, now, onAnswer: latencies.note });
  const beganAt = now();
  const clock = (): number => now() - beganAt;
  let limited = false;
  const service = createLiveService(connection, target, (route, reply) => {
    // The second of two orders on one grant is refused by promise, not by mishap.
    const refusal = reply?.code === "grant_completed" ? null : reply;
    if (!operatorRoutes.has(route)) recorder.asked(clock(), refusal !== null);
    if (refusal !== null) errors.note(refusal);
    limited ||= refusal?.code === "rate_limited" || refusal?.code === "challenge_required";
  });
  const watch = createLiveWatch({ service, recorder, now: clock });
  const limits = await watch.begin();
  const crowd = createCrowd(scenario, arrivals.isBot, stream("habits"), tickMs);
  const run = Math.floor(stream("orders").next() * 1e9).toString(36);
  const visits = createLiveVisits({
    ...{ crowd, service, recorder, random: stream("polls"), now: clock, ours: watch.ours },
    shared: createCrowdCache({ fetch: service.shared, now: clock, onLook: () => recorder.looked(clock()) }),
    orderId: (shopper) => `rehearsal-${watch.name}-${run}-${shopper}`,
  });
  const asking = new Set<Promise<void>>();
  const start = (work: Promise<void>): void => {
    const running = work.finally(() => asking.delete(running));
    asking.add(running);
  };
  let arrived = 0;
  try {
    for (let tick = 0; !options.stopped() && clock() < scenario.maxSeconds * 1000 && (arrived < arrivals.at.length || visits.underway() > 0); tick++) {
      for (; (arrivals.at[arrived] ?? Infinity) <= clock(); arrived++) start(visits.arrive(arrived));
      crowd.due(tick, (shopper) => start(visits.act(shopper)));
      if (tick % 10 === 0) start(watch.look());
      options.onProgress({ ...watch.progress(), second: clock() / 1000, over: visits.over(), p99: latencies.recentP99() });
      if (limited) throw new RehearsalError(limitedMessage);
      await options.pause(Math.max(0, (tick + 1) * tickMs - clock()));
    }
    await Promise.allSettled(asking);
  } finally {
    connection.close();
  }
  const finished = arrived === arrivals.at.length && visits.underway() === 0;
  return {
    recording: recorder.recording,
    seconds: clock() / 1000,
    finished,
    limits,
    ...watch.found(),
    twice: visits.twice,
    latency: latencies.figures(),
    errors: errors.counted(),
  };
}
