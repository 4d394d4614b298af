/** A readable store; nanostores fit it. */
export interface ReadableStore<T> {
  /** The value now. */
  get(): T;
  /** Calls back on each change; returns the way to stop. */
  listen(listener: (value: T) => void): () => void;
  /** Like `listen`, and once at once with the value now. */
  subscribe(listener: (value: T) => void): () => void;
}
