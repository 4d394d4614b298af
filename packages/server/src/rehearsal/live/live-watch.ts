import type { QueueMetrics } from "@fanfare-io/fanfare-contract";
import type { Recorder } from "../recorder.ts";
import type { QueueLimits } from "../scenario.ts";
import { Refusal } from "./service.ts";
import type { LiveService } from "./service.ts";

/** How far it has come. */
export interface LiveProgress {
  readonly second: number;
  readonly over: number;
  readonly waiting: number;
  readonly inside: number;
  readonly requestsPerSecond: number;
  readonly p99: number | null;
  readonly refusals: number;
}

/** What the operator's side says while a launch is played, once a second. Instants in milliseconds of the rehearsal. */
export interface LiveWatch {
  /** Reads the queue's settings. Raises `Refusal`. */
  begin(): Promise<QueueLimits>;
  /** Asks once. Never rejects: a service that does not answer is part of what is rehearsed. */
  look(): Promise<void>;
  /** An instant that the service named. */
  ours(instant: string): number;
  /** Names this rehearsal of this queue. */
  readonly name: string;
  progress(): Pick<LiveProgress, "waiting" | "inside" | "requestsPerSecond" | "refusals">;
  found(): { readonly mostInside: number; readonly granted: number; readonly judged: readonly boolean[] };
}

/** Watches one queue through the admin plane, and through what shoppers saw. */
export function createLiveWatch({
  service,
  recorder,
  now,
}: {
  readonly service: LiveService;
  readonly recorder: Recorder;
  readonly now: () => number;
}): LiveWatch {
  const { recording } = recorder;
  let limits: QueueLimits | undefined;
  // What the service's clock says when ours says zero, by the answer that came fastest: a slow one says little about when it was made.
  let epoch = 0;
  let fastestMs = Infinity;
  let last: QueueMetrics | null = null;
  let mostInside = 0;
  const gaps = new Set<number>();

  async function ask(): Promise<QueueMetrics> {
    const askedAt = now();
    const metrics = await service.metrics();
    const tookMs = now() - askedAt;
    if (tookMs < fastestMs) {
      fastestMs = tookMs;
      epoch = Date.parse(metrics.at) - askedAt - tookMs / 2;
    }
    return metrics;
  }

  async function look(): Promise<void> {
    const minute = Math.floor(now() / 60_000);
    try {
      last = await ask();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // What could not be seen cannot be judged.
      gaps.add(minute);
      return;
    }
    recorder.line(now(), last.waiting, last.activeGrants);
    mostInside = Math.max(mostInside, last.activeGrants);
    const { capacity = null, maxAdmissions = null } = limits ?? {};
    const full = (capacity !== null && last.activeGrants >= capacity) || (maxAdmissions !== null && last.granted >= maxAdmissions);
    if (last.present === 0 || full || last.state !== "open") gaps.add(Math.floor(now() / 60_000));
  }

  return Object.freeze<LiveWatch>({
    async begin() {
      const { admitRate, capacity, maxAdmissions, admissionExpirationSeconds } = await service.queue();
      limits = { admitRate, capacity, maxAdmissions, admissionExpirationSeconds };
      last = await ask();
      return limits;
    },
    look,
    ours: (instant) => Date.parse(instant) - epoch,
    get name() {
      return Math.floor(epoch).toString(36);
    },
    progress() {
      const requests = recording.perSecond.requests.values();
      return {
        ...{ waiting: last?.waiting ?? 0, inside: last?.activeGrants ?? 0 },
        ...{ requestsPerSecond: requests.at(-2) ?? 0, refusals: recording.perSecond.refusals.total() },
      };
    },
    found() {
      const minutes = Math.floor(recording.perSecond.admitted.values().length / 60);
      return {
        mostInside: Math.max(mostInside, mostAtOnce(recorder)),
        granted: last?.granted ?? 0,
        judged: Array.from({ length: minutes }, (_, minute) => !gaps.has(minute)),
      };
    },
  });
}

/** How many were inside at once for certain: from when their page knew of the turn to when the shop began to complete their order. */
function mostAtOnce({ recording: { seen } }: Recorder): number {
  const steps: { readonly at: number; readonly change: number }[] = [];
  seen.toldAt.forEach((at, shopper) => {
    const until = seen.leavingAt[shopper] as number;
    if (!Number.isNaN(at) && until > at) steps.push({ at, change: 1 }, { at: until, change: -1 });
  });
  steps.sort((one, other) => one.at - other.at || one.change - other.change);
  let inside = 0;
  let most = 0;
  for (const { change } of steps) most = Math.max(most, (inside += change));
  return most;
}
