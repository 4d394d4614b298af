/** How numbers are spread; null where there are none. */
export interface Quantiles {
  readonly count: number;
  readonly p10: number | null;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

/** The quantiles of numbers in ascending order. */
export function quantiles(sorted: ArrayLike<number>): Quantiles {
  const at = (share: number): number | null => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null;
  return { count: sorted.length, p10: at(0.1), p50: at(0.5), p90: at(0.9), p99: at(0.99), max: sorted[sorted.length - 1] ?? null };
}
