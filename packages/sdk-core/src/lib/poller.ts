import { createAlarm } from "./alarm.ts";
import type { Clock } from "./clock.ts";

/** Asks again and again, one question at a time. */
export interface Poller {
  /** Asks at once, or joins the question in flight; resolves when it is answered. */
  now(): Promise<void>;
  /** Asks anew: a question in flight was about what is no longer so, and is followed by another at once. */
  again(): void;
  /** Asks after this pause. */
  after(delayMs: number): void;
  /** Final: an answer that is still on its way starts nothing any more. */
  stop(): void;
}

/** `ask` must not reject; it returns the pause in milliseconds until the next question, or null to rest until `now` or `after`. */
export function createPoller(clock: Pick<Clock, "monotonic" | "setTimeout">, ask: () => Promise<number | null>): Poller {
  const alarm = createAlarm(clock);
  let flight: Promise<void> | null = null;
  let stopped = false;
  let isWanted = false;

  const round = async (): Promise<void> => {
    alarm.cancel();
    isWanted = false;
    const delayMs = await ask();
    flight = null;
    if (isWanted) void poller.now();
    else if (delayMs !== null) poller.after(delayMs);
  };
  const poller: Poller = Object.freeze<Poller>({
    now() {
      if (stopped) return Promise.resolve();
      flight ??= round();
      return flight;
    },
    again() {
      isWanted = true;
      void poller.now();
    },
    after(delayMs) {
      if (!stopped && !flight) alarm.set(delayMs, () => void poller.now());
    },
    stop() {
      stopped = true;
      alarm.cancel();
    },
  });
  return poller;
}
