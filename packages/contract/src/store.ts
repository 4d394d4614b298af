/** A readable store; nanostores fit it. Its functions need no `this`: `useSyncExternalStore(store$.listen, store$.get)` is right. */
export interface ReadableStore<T> {
  /** The value now. */
  readonly get: () => T;
  /** Calls back on each change; returns the way to stop. */
  readonly listen: (listener: (value: T) => void) => () => void;
  /** Like `listen`, and once at once with the value now. */
  readonly subscribe: (listener: (value: T) => void) => () => void;
}
