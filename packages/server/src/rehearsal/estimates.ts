import { quantiles } from "./quantiles.ts";
import type { Recording } from "./recorder.ts";

/** How honest the estimates were: one of each shopper's, compared with the wait that followed. */
export interface EstimateFigures {
  readonly told: number;
  readonly compared: number;
  /** Share of ranges that held the wait that followed. */
  readonly covered: number | null;
  /** Of the middle of the range, as a share of the wait that followed. */
  readonly medianError: number | null;
  readonly p90Error: number | null;
  /** Share of estimates that rose noticeably over the one before, and of those that did so without saying why. */
  readonly rose: number | null;
  readonly roseWithoutReason: number | null;
  /** A sample for the eye: seconds that followed, and the range told. */
  readonly sample: readonly { readonly waited: number; readonly low: number; readonly high: number }[];
}

// Right before the turn a second's rounding is a large share of the wait.
const leastWaitSeconds = 10;
const sampled = 400;

/** Compares what was told with what came. */
export function judgeEstimates({ seen, estimates }: Recording): EstimateFigures {
  const errors = new Float64Array(seen.estimateAt.length);
  const pairs: { waited: number; low: number; high: number }[] = [];
  let covered = 0;
  seen.estimateAt.forEach((at, shopper) => {
    const waited = ((seen.admittedAt[shopper] as number) - at) / 1000;
    if (!(waited >= leastWaitSeconds)) return;
    const [low, high] = [seen.estimateLow[shopper] as number, seen.estimateHigh[shopper] as number];
    // The clock of the turn ticks ten times a second, and seconds are what is told.
    if (waited >= low - 1 && waited <= high + 1) covered++;
    errors[pairs.length] = Math.abs((low + high) / 2 - waited) / waited;
    pairs.push({ waited, low, high });
  });
  const { count, p50, p90 } = quantiles(errors.subarray(0, pairs.length).sort());
  const stride = Math.max(1, Math.ceil(pairs.length / sampled));
  const share = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);
  return {
    told: estimates.told,
    compared: count,
    covered: share(covered, count),
    medianError: p50,
    p90Error: p90,
    rose: share(estimates.rose, estimates.told),
    roseWithoutReason: share(estimates.roseWithoutReason, estimates.told),
    sample: pairs.filter((_, index) => index % stride === 0),
  };
}
