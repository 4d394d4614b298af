import { ServiceError } from "../service-error.ts";

/** What a caller may still do in this window, as `X-RateLimit-*` says it. */
export interface Allowance {
  readonly limit: number;
  readonly remaining: number;
  /** Seconds until the window ends. */
  readonly resetSeconds: number;
}

/** Which allowance a request draws on (contract §4). */
export type LimitKind = "guest" | "consumer" | "public" | "secret" | "entry" | "network" | "code" | "organization";

/** Counts requests against their limits. */
export interface Limits {
  /** Null where limits are off. Raises `rate_limited`, with the allowance in `allowance`. `most` is what this caller has, where that is not the kind's. */
  take(kind: LimitKind, key: string, most?: number): Allowance | null;
  /** Takes one and says whether that was more than there was: for limits beyond which something is asked, and nothing refused. */
  count(kind: LimitKind, key: string): { readonly allowance: Allowance | null; readonly isOver: boolean };
  /** Takes nothing; raises `rate_limited` where nothing is left. */
  check(kind: LimitKind, key: string): void;
}

/** `rate_limited`, knowing what is left, so that the refusal carries the headers too. */
export class RateLimitedError extends ServiceError {
  readonly allowance: Allowance;
  constructor(allowance: Allowance) {
    super("rate_limited", { retryAfterSeconds: allowance.resetSeconds });
    this.allowance = allowance;
  }
}

/**
 * Requests a minute. `guest` (an address) and `consumer` are the contract's; beyond the first, guests of that address do some work
 * each. The other two stop floods only: thousands of honest people share an address, and a shop's backend completes every order of a
 * launch from one. `code` (an address) counts codes asked for; beyond it each costs work. `entry` (an address) and `network` (a /24 or /48) count who enters a protected launch, and refuse nobody either.
 * `organization` counts new guests; there is no limit but what the organization itself says.
 */
export const limitsPerMinute: Readonly<Record<LimitKind, number>> = {
  guest: 300,
  consumer: 60,
  public: 30_000,
  secret: 60_000,
  entry: 30,
  network: 300,
  code: 20,
  organization: Infinity,
};

const windowMs = 60_000;
// Beyond this many callers in a minute a newcomer goes uncounted: a bound on memory must not become a way to lock people out.
const maxKeys = 200_000;

/** Fixed windows of a minute, counted in this process: a map that is dropped whole needs no timer and no sweep per caller. */
export function createLimits(enabled: boolean, now: () => number): Limits {
  if (!enabled) return Object.freeze<Limits>({ take: () => null, count: () => ({ allowance: null, isOver: false }), check: () => undefined });
  const counts: Record<LimitKind, Map<string, number>> = {
    guest: new Map(),
    consumer: new Map(),
    public: new Map(),
    secret: new Map(),
    entry: new Map(),
    network: new Map(),
    code: new Map(),
    organization: new Map(),
  };
  let window = -1;

  function count(kind: LimitKind, key: string, taken: 0 | 1, limit = limitsPerMinute[kind]): { readonly allowance: Allowance; readonly isOver: boolean } {
    const at = now();
    const current = Math.floor(at / windowMs);
    if (current !== window) {
      window = current;
      for (const map of Object.values(counts)) map.clear();
    }
    const map = counts[kind];
    const before = map.get(key) ?? 0;
    if (taken > 0 && (before > 0 || map.size < maxKeys)) map.set(key, before + 1);
    const remaining = Math.max(0, limit - before - taken);
    const allowance = { limit, remaining, resetSeconds: Math.ceil(((current + 1) * windowMs - at) / 1000) };
    return { allowance, isOver: before >= limit };
  }

  function allow(kind: LimitKind, key: string, taken: 0 | 1, limit?: number): Allowance {
    const { allowance, isOver } = count(kind, key, taken, limit);
    if (isOver) throw new RateLimitedError(allowance);
    return allowance;
  }

  return Object.freeze<Limits>({
    take: (kind, key, most) => allow(kind, key, 1, most),
    count: (kind, key) => count(kind, key, 1),
    check: (kind, key) => void allow(kind, key, 0),
  });
}
