/** What asks this process to stop: Ctrl-C, or whoever supervises it. */
export interface StopSignals {
  /** Resolves with the first one. A later one ends the process at once, with 130. */
  readonly asked: Promise<NodeJS.Signals>;
}

/** Ctrl-C reaches a whole group of processes and may be passed on by a parent too: that is still the first signal. */
const sameSignalMs = 1_000;

/**
 * Listens from now on, which has to be as early as can be: the first process of a container has no handler but its own, so that a signal
 * that comes before is lost, and whoever sent it waits until it kills.
 */
export function listenForStop(): StopSignals {
  const asked = Promise.withResolvers<NodeJS.Signals>();
  let firstAt: number | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (firstAt !== undefined && performance.now() - firstAt > sameSignalMs) process.exit(130);
    firstAt ??= performance.now();
    asked.resolve(signal);
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return Object.freeze<StopSignals>({ asked: asked.promise });
}
