import type { Clock } from "./clock.ts";

/** A clock that goes by the database's, which all nodes share: theirs may differ by seconds, and be set while they run. */
export interface SharedClock extends Clock {
  /** Looks at the database's clock once. Rejects when it cannot be asked; the time goes on as it was known. */
  compare(): Promise<void>;
}

/** How often nodes look. */
export const comparePeriodMs = 10_000;

/**
 * Makes the clock. An answer bounds the database's time between what it would be had it been read when the question left, and when the
 * answer came. A time that lies within those bounds stays as it is, so that a slow answer disturbs nothing; one that does not is moved to
 * the nearer bound. In between it counts on `monotonic`, so that nobody who sets this machine's clock moves it.
 */
export function createSharedClock(deps: {
  readonly own: Clock;
  /** Milliseconds, monotonic. */
  readonly monotonic: () => number;
  /** The database's clock: milliseconds since the epoch. */
  readonly askDatabase: () => Promise<number>;
}): SharedClock {
  let offset = deps.own.now() - deps.monotonic();
  return Object.freeze<SharedClock>({
    now: () => Math.floor(deps.monotonic() + offset),
    every: deps.own.every,
    async compare() {
      const asked = deps.monotonic();
      const theirs = await deps.askDatabase();
      const least = theirs - deps.monotonic();
      const most = theirs - asked;
      offset = Math.min(most, Math.max(least, offset));
    },
  });
}
