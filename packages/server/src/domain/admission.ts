/** How many consumers a queue may let in by now. */
export interface Bucket {
  /** What the rate has gathered and nobody has used. */
  readonly tokens: number;
  /** A second, smaller bucket filled at twice the rate: what bounds catching up. */
  readonly pace: number;
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
  /** What is left to sell; each live grant may take one of it. */
  readonly stock: number | null;
  readonly active: number;
  readonly granted: number;
}

/** How many may go in now, and what is in the bucket afterwards. */
export interface AdmissionPlan {
  readonly count: number;
  /** When so many went in, of as many as could. */
  after(taken: number): Bucket;
  /** When it could not be tried. */
  readonly untried: Bucket;
}

// What ticks missed is caught up, but not more than this: after a long outage the shop is not to be run over for minutes.
const rememberedSeconds = 30;

// So long may a tick take before it lets fewer in than the rate says: the database is slowest at the worst minute of the launch.
const longestTickSeconds = 2;

/** So many at once: a statement for all of a long line that is let through would hold its rows, and outlast the lease, for seconds. */
const mostAtOnce = 2_000;

/** Before the first admission: one may go in at once, so that the first in line does not wait for an empty shop. */
export const freshBucket: Bucket = Object.freeze({ tokens: 1, pace: 1, refilledAt: null });

/**
 * How many may be let in at `now`. A tick that comes late finds more tokens, and they are used at twice the rate at most; what nobody
 * could use, for want of people or of slots, is gone but for one.
 */
export function planAdmission(facts: AdmissionFacts, now: number): AdmissionPlan {
  const filled = fill(facts.bucket, facts.admitRate, now);
  const allowed = facts.admitRate <= 0 ? 0 : Math.min(mostAtOnce, Math.floor(Math.min(filled.tokens, filled.pace) + 1e-9));
  const slots = Math.min(facts.capacity ?? Infinity, facts.stock ?? Infinity) - facts.active;
  const left = facts.maxAdmissions === null ? Infinity : facts.maxAdmissions - facts.granted;
  return {
    count: Math.max(0, Math.min(allowed, slots, left)),
    untried: filled,
    after(taken) {
      const tokens = Math.max(0, filled.tokens - taken);
      return { tokens: taken < allowed ? Math.min(1, tokens) : tokens, pace: Math.max(0, filled.pace - taken), refilledAt: now };
    },
  };
}

/** The bucket of a queue that had nobody to let in, or was not to let anybody in: it does not gather for later. */
export function restBucket(bucket: Bucket, admitRate: number, now: number): Bucket {
  const filled = fill(bucket, admitRate, now);
  return { ...filled, tokens: Math.min(1, filled.tokens) };
}

function fill(bucket: Bucket, admitRate: number, now: number): Bucket {
  const seconds = bucket.refilledAt === null ? 0 : Math.max(0, now - bucket.refilledAt) / 1000;
  const perSecond = admitRate / 60;
  return {
    tokens: Math.min(bucket.tokens + seconds * perSecond, Math.max(1, perSecond * rememberedSeconds)),
    pace: Math.min(bucket.pace + seconds * perSecond * 2, Math.max(1, perSecond * longestTickSeconds)),
    refilledAt: now,
  };
}
