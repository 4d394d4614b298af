/** Time as a dependency; both readings in milliseconds. */
export interface Clock {
  /** The wall clock: may be wrong and may jump. */
  now(): number;
  /** Never goes back; lifetimes are counted on it. */
  monotonic(): number;
  /** Returns the way to cancel. */
  setTimeout(callback: () => void, delayMs: number): () => void;
}

/** The clock of the page. */
export const systemClock: Clock = Object.freeze<Clock>({
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout(callback, delayMs) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
});
