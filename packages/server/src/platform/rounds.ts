import type { Clock } from "./clock.ts";

/** What is done again and again, with an end: whoever stops it knows when the last round is over. */
export interface Rounds {
  /** Makes a round every `periodMs`. A long one looks at `stopping` now and then, and leaves the rest for another time. */
  every(periodMs: number, round: (stopping: AbortSignal) => Promise<void> | void): void;
  /** Begins no more rounds, and resolves when none is under way: what they work on may be closed then. */
  stop(): Promise<void>;
}

/** Makes rounds by a clock, which reports those that fail. */
export function createRounds(clock: Pick<Clock, "every">): Rounds {
  const stops: (() => void)[] = [];
  const underWay = new Set<Promise<void>>();
  const stopping = new AbortController();

  async function make(round: (stopping: AbortSignal) => Promise<void> | void): Promise<void> {
    await round(stopping.signal);
  }

  return Object.freeze<Rounds>({
    every(periodMs, round) {
      const stop = clock.every(periodMs, () => {
        const made = make(round).finally(() => underWay.delete(made));
        underWay.add(made);
        return made;
      });
      stops.push(stop);
    },
    async stop() {
      stopping.abort();
      for (const stop of stops) stop();
      await Promise.allSettled(underWay);
    },
  });
}
