import type { FanfareConfig } from "@fanfare-io/fanfare-sdk-core";

/** What this package needs of the world outside: a timer and a die. The host's `platform` where it gives one. */
export interface Outside {
  /** Runs the callback in a later task, at least `delayMs` from now; returns the way to cancel. */
  readonly defer: (callback: () => void, delayMs: number) => () => void;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** Creates the world outside; touches nothing yet. */
export function createOutside({ platform }: FanfareConfig): Outside {
  return Object.freeze<Outside>({
    defer: (callback, delayMs) => {
      if (platform?.clock !== undefined) return platform.clock.setTimeout(callback, delayMs);
      const timer = globalThis.setTimeout(callback, delayMs);
      return () => globalThis.clearTimeout(timer);
    },
    random: platform?.random ?? Math.random,
  });
}
