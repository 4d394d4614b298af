/** One number a second, from the start of a rehearsal on. */
export interface Series {
  /** Adds to the second of an instant in milliseconds; what came before the start counts as its first second. */
  add(at: number, value: number): void;
  set(at: number, value: number): void;
  /** From the first second to the last that was written to. */
  values(): readonly number[];
  total(): number;
}

/** Makes an empty series. A count is zero in seconds that nobody wrote to; a level stays what it was. */
export function createSeries(kind: "count" | "level"): Series {
  const kept: number[] = [];

  function second(at: number): number {
    const index = Math.max(0, Math.floor(at / 1000));
    while (kept.length <= index) kept.push(kind === "level" ? (kept.at(-1) ?? 0) : 0);
    return index;
  }

  return Object.freeze<Series>({
    add(at, value) {
      const index = second(at);
      kept[index] = (kept[index] ?? 0) + value;
    },
    set(at, value) {
      kept[second(at)] = value;
    },
    values: () => kept,
    total: () => kept.reduce((sum, each) => sum + each, 0),
  });
}

/** At most `points` values, each of equally many seconds, and how many those are: sums for counts, the last value for levels. */
export function thinned(values: readonly number[], points: number, kind: "count" | "level"): { readonly step: number; readonly values: readonly number[] } {
  const step = Math.max(1, Math.ceil(values.length / points));
  const out: number[] = [];
  for (let from = 0; from < values.length; from += step) {
    const part = values.slice(from, from + step);
    out.push(kind === "count" ? part.reduce((sum, each) => sum + each, 0) : (part.at(-1) ?? 0));
  }
  return { step, values: out };
}
