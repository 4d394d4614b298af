/** A part of the program that is fetched when it is first needed. */
export interface Lazy<T> {
  /** The part where it is here already. */
  now(): T | null;
  /** Fetches it, once for all who ask together; a failed fetch is tried again by the next who asks. */
  load(): Promise<T>;
}

/** `fetchPart` wraps an `import()`. */
export function createLazy<T>(fetchPart: () => Promise<T>): Lazy<T> {
  let part: T | null = null;
  let flight: Promise<T> | null = null;
  return Object.freeze<Lazy<T>>({
    now: () => part,
    load() {
      flight ??= fetchPart().then(
        (loaded) => (part = loaded),
        (error: unknown) => {
          flight = null;
          throw error;
        },
      );
      return flight;
    },
  });
}
