/** What a pause between attempts depends on. */
export interface BackoffOptions {
  /** Failures so far, from 0. */
  readonly attempt: number;
  readonly baseMs: number;
  readonly capMs: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** What the other side asked for (`Retry-After`); the jitter comes on top, so that a crowd told the same second spreads. */
  readonly atLeastMs?: number | undefined;
}

/** Exponential pause with full jitter: a crowd that failed together must not come back together. */
export function backoffDelayMs({ attempt, baseMs, capMs, random, atLeastMs = 0 }: BackoffOptions): number {
  return atLeastMs + random() * Math.min(capMs, baseMs * 2 ** Math.min(attempt, 30));
}
