import type { ReadableStore } from "@fanfare-io/fanfare-sdk-core";

/** A readable store that its owner may set; setting the same value again tells nobody. */
export interface ValueStore<T> extends ReadableStore<T> {
  set(value: T): void;
}

/** Creates a store of one value. Ten lines, so that this package needs no store library of its own. */
export function createValueStore<T>(initial: T): ValueStore<T> {
  let value = initial;
  const listeners = new Set<(value: T) => void>();
  const listen = (listener: (value: T) => void): (() => void) => {
    // A wrapper of its own per call: the same function listening twice is two listeners, as in nanostores.
    const entry = (next: T): void => listener(next);
    listeners.add(entry);
    return () => void listeners.delete(entry);
  };
  return Object.freeze({
    get: () => value,
    set: (next: T): void => {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of Array.from(listeners)) listener(next);
    },
    listen,
    subscribe: (listener: (value: T) => void): (() => void) => {
      const stop = listen(listener);
      listener(value);
      return stop;
    },
  });
}
