/** The token bucket of a queue, as its counters row keeps it. */
export interface Bucket {
  readonly tokens: number;
  /** Milliseconds; null before the first admission. */
  readonly refilledAt: number | null;
}

/** What bounds an admission. Null = no bound. */
export interface AdmissionFacts {
  readonly bucket: Bucket;
  /** Consumers per minute. */
  readonly admitRate: number;
  readonly capacity: number | null;
  readonly maxAdmissions: number | null;
  readonly active: number;
  readonly granted: number;
  readonly waiting: number;
}

// Two seconds' worth: a late tick catches up, a long pause does not let a crowd in at once.
const burstSeconds = 2;

/**
 * How many may be let in at `now`, and what is left in the bucket if they are. One consumer is always allowed to gather, so that slow
 * rates work; a bucket never used before starts with that one, so that the first in line does not wait for an empty shop.
 */
export function planAdmission(facts: AdmissionFacts, now: number): { readonly count: number; readonly tokensLeft: number } {
  if (facts.admitRate <= 0) return { count: 0, tokensLeft: 0 };
  const burst = Math.max(1, (facts.admitRate / 60) * burstSeconds);
  const { tokens, refilledAt } = facts.bucket;
  const gathered = refilledAt === null ? 1 : tokens + (Math.max(0, now - refilledAt) * facts.admitRate) / 60_000;
  const available = Math.min(burst, gathered);
  const slots = facts.capacity === null ? Infinity : facts.capacity - facts.active;
  const left = facts.maxAdmissions === null ? Infinity : facts.maxAdmissions - facts.granted;
  const count = Math.max(0, Math.min(Math.floor(available + 1e-9), slots, left, facts.waiting));
  return { count, tokensLeft: Math.max(0, available - count) };
}
