/** What was made lately, up to a weight that all of it together may have. The oldest goes first. */
export interface Remembered<Value> {
  get(name: string): Value | undefined;
  /** `weight` as the bound counts it. Put again under a name, it takes the place of what was there. */
  put(name: string, value: Value, weight: number): void;
  forget(name: string): void;
}

/** Makes an empty memory of a bound. */
export function createRemembered<Value>(mostWeight: number): Remembered<Value> {
  const kept = new Map<string, { readonly value: Value; readonly weight: number }>();
  let total = 0;

  function forget(name: string): void {
    total -= kept.get(name)?.weight ?? 0;
    kept.delete(name);
  }

  return Object.freeze<Remembered<Value>>({
    get: (name) => kept.get(name)?.value,
    put(name, value, weight) {
      forget(name);
      kept.set(name, { value, weight });
      total += weight;
      for (const oldest of kept.keys()) {
        if (total <= mostWeight || oldest === name) break;
        forget(oldest);
      }
    },
    forget,
  });
}
