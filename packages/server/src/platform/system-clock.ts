import type { Clock } from "./clock.ts";

/** The machine's clock. `onError` hears of a periodic callback that failed; the period goes on. */
export function createSystemClock(onError: (error: unknown) => void): Clock {
  return Object.freeze<Clock>({
    now: Date.now,
    every(periodMs, callback) {
      let running = false;
      const run = async (): Promise<void> => {
        if (running) return;
        running = true;
        try {
          await callback();
        } catch (error) {
          onError(error);
        } finally {
          running = false;
        }
      };
      const timer = setInterval(() => void run(), periodMs);
      timer.unref();
      return () => clearInterval(timer);
    },
  });
}
