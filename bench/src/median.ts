import type { LoadFigures } from "./load.ts";

/** The middle of a few numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** A subject's figures beside the floor's of the same rounds: medians, and the median of the ratios pair by pair. */
export interface Comparison {
  readonly subject: LoadFigures;
  readonly floor: LoadFigures;
  readonly ratio: number;
}

/** Compares rounds that were run in turn, so that a machine that slows down slows both. */
export function compare(subject: readonly LoadFigures[], floor: readonly LoadFigures[]): Comparison {
  const middle = (rounds: readonly LoadFigures[]): LoadFigures => ({
    perSecond: median(rounds.map((round) => round.perSecond)),
    p50: median(rounds.map((round) => round.p50)),
    p99: median(rounds.map((round) => round.p99)),
  });
  return { subject: middle(subject), floor: middle(floor), ratio: median(subject.map((round, index) => round.perSecond / (floor[index]?.perSecond ?? 1))) };
}
