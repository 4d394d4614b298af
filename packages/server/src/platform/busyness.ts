import type { EventLoopUtilization } from "node:perf_hooks";

/** How busy this process is. */
export interface Busyness {
  /** By how much those who can wait should be told to ask less often: 1 while there is room, up to 4 when there is none. */
  stretch(): number;
  /** Looks again; called every `busynessPeriodMs`. */
  tick(): void;
}

/** How often `tick` is due. */
export const busynessPeriodMs = 1_000;

const roomy = 0.7;
const mostStretch = 4;
/** The weight of the last second: a spike of one second is no reason to send everybody away. */
const weight = 0.2;

/** Watches the event loop through `utilization`, as `performance.eventLoopUtilization` says it since the process began. */
export function createBusyness(utilization: () => Pick<EventLoopUtilization, "active" | "idle">): Busyness {
  let before = utilization();
  let busy = 0;
  return Object.freeze<Busyness>({
    stretch: () => 1 + Math.max(0, Math.min(1, (busy - roomy) / (1 - roomy))) * (mostStretch - 1),
    tick() {
      const now = utilization();
      const [active, idle] = [now.active - before.active, now.idle - before.idle];
      before = now;
      if (active + idle > 0) busy += (active / (active + idle) - busy) * weight;
    },
  });
}
