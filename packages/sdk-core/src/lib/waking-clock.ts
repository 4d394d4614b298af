import type { Clock } from "./clock.ts";

/**
 * A clock whose timers, on a page that comes back to life, wait for what is read first: of a page that was frozen they are all due at once, and what they
 * would send may be for somebody who has left meanwhile (rule A9).
 */
export function createWakingClock(clock: Clock, awake: () => Promise<unknown>): Clock {
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    setTimeout(ring, delayMs) {
      let isOff = false;
      const cancel = clock.setTimeout(() => void awake().then(() => isOff || ring()), delayMs);
      return () => {
        isOff = true;
        cancel();
      };
    },
  };
}
