import type { Clock } from "./clock.ts";

/** One pending wake-up; setting it again replaces it. */
export interface Alarm {
  set(delayMs: number, ring: () => void): void;
  cancel(): void;
}

/** Browsers keep delays in 32 bits and fire at once beyond; long waits go in legs of at most a day. */
const longestLegMs = 86_400_000;

/** A timer that can be replaced, and that holds for months. */
export function createAlarm(clock: Pick<Clock, "monotonic" | "setTimeout">): Alarm {
  let cancel: (() => void) | null = null;
  const stop = (): void => {
    cancel?.();
    cancel = null;
  };
  const arm = (dueAt: number, ring: () => void): void => {
    const left = dueAt - clock.monotonic();
    cancel = clock.setTimeout(
      () => {
        cancel = null;
        if (left > longestLegMs) arm(dueAt, ring);
        else ring();
      },
      Math.max(0, Math.min(left, longestLegMs)),
    );
  };
  return Object.freeze<Alarm>({
    set(delayMs, ring) {
      stop();
      arm(clock.monotonic() + delayMs, ring);
    },
    cancel: stop,
  });
}
