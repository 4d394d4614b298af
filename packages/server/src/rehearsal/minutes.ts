/** One minute's admissions beside what the rate promises. */
export interface Minute {
  readonly minute: number;
  readonly admitted: number;
  /** Whether as many were present, and as many slots free, as the rate needs, all the time, and nothing broke. */
  readonly judged: boolean;
  /** Off by at most half a percent or one consumer, whichever is more. */
  readonly exact: boolean;
}

/** How far a minute's admissions may be off the rate. */
export function tolerated(admitRate: number): number {
  return Math.max(1, admitRate * 0.005);
}

/** Admissions by minute of the rehearsal's clock. The last, cut-off minute is not judged. */
export function perMinute(perSecond: readonly number[], judged: readonly boolean[], admitRate: number): readonly Minute[] {
  const minutes: Minute[] = [];
  for (let from = 0; from < perSecond.length; from += 60) {
    const part = perSecond.slice(from, from + 60);
    const admitted = part.reduce((sum, each) => sum + each, 0);
    const minute = from / 60;
    minutes.push({
      minute,
      admitted,
      judged: part.length === 60 && judged[minute] === true,
      exact: Math.abs(admitted - admitRate) <= tolerated(admitRate),
    });
  }
  return minutes;
}
