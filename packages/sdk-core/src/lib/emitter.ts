import type { Report } from "./report.ts";

/** Tells listeners about facts, in order. A listener that throws is reported and stops nobody. */
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
  let held: (() => void)[] | null = [];

  const deliver = <E extends keyof Events>(event: E, payload: Events[E]): void => {
    trace?.(event, payload);
    for (const listener of [...(listeners.get(event) ?? [])]) {
      try {
        (listener as (payload: Events[E]) => void)(payload);
      } catch (error) {
        report(error);
      }
    }
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
      if (held) held.push(() => deliver(event, payload));
      else deliver(event, payload);
    },
    release() {
      const waiting = held ?? [];
      held = null;
      for (const send of waiting) send();
    },
    clear() {
      listeners.clear();
      held = null;
    },
  });
}
