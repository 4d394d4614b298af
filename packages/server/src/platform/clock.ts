/** The service's time: everything that compares instants gets it from here, so that tests can turn it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls back every `periodMs` until the returned function is called. A callback that is still running is not started again. */
  every(periodMs: number, callback: () => Promise<void> | void): () => void;
}
