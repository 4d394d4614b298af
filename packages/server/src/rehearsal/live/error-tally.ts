import type { Refusal } from "./service.ts";

/** One way of being refused, and how often. */
export interface CountedError {
  readonly code: string;
  readonly count: number;
  readonly example: string;
}

/** Counts refusals by their code and keeps one example of each. */
export interface ErrorTally {
  note(refusal: Refusal): void;
  /** The most frequent first. */
  counted(): readonly CountedError[];
}

/** Makes an empty tally. */
export function createErrorTally(): ErrorTally {
  const tally = new Map<string, { count: number; example: string }>();
  return Object.freeze<ErrorTally>({
    note({ code, message }) {
      const known = tally.get(code);
      if (known === undefined) tally.set(code, { count: 1, example: message });
      else known.count++;
    },
    counted: () => [...tally].map(([code, { count, example }]) => ({ code, count, example })).toSorted((one, other) => other.count - one.count),
  });
}
