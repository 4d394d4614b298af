import type { Report } from "./report.ts";

/** Tells listeners about facts, one after the other, also those that a listener brings about. A listener that throws is reported and stops nobody. */
export interface Emitter<Events> {
  on<E extends keyof Events>(event: E, listener: (payload: Events[E]) => void): () => void;
  emit<E extends keyof Events>(event: E, payload: Events[E]): void;
  /** Delivers what was held back since creation, and from now on at once. */
  release(): void;
  clear(): void;
}

/** Starts in the held state: facts that arise before anybody could listen wait for `release`. `trace` sees each fact before the listeners do. */
export function createEmitter<Events>(report: Report, trace?: (event: keyof Events, payload: unknown) => void): Emitter<Events> {
  const listeners = new Map<keyof Events, Set<(payload: never) => void>>();
  /** Facts that nobody has heard of yet: before the release, and while an earlier one is being told, whose listeners may bring about the next. */
  const waiting: (() => void)[] = [];
  let isHeld = true;

  const deliver = <E extends keyof Events>(event: E, payload: Events[E]): void => {
    trace?.(event, payload);
    for (const listener of [...(listeners.get(event) ?? [])]) {
      try {
        // Asked again: an earlier listener may have taken it off.
        if (listeners.get(event)?.has(listener)) (listener as (payload: Events[E]) => void)(payload);
      } catch (error) {
        report(error);
      }
    }
  };

  const release = (): void => {
    isHeld = true;
    for (let next = waiting.shift(); next; next = waiting.shift()) next();
    isHeld = false;
  };

  return Object.freeze<Emitter<Events>>({
    on(event, listener) {
      const set = listeners.get(event) ?? new Set();
      listeners.set(event, set);
      // A wrapper of its own, so that the same function registered twice is called twice and removed once.
      const entry = (payload: never): void => listener(payload);
      set.add(entry);
      return () => void set.delete(entry);
    },
    emit(event, payload) {
      waiting.push(() => deliver(event, payload));
      if (!isHeld) release();
    },
    release,
    clear() {
      listeners.clear();
    },
  });
}
