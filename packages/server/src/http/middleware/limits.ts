import { ServiceError } from "../service-error.ts";

/** What a caller may still do in this window, as `X-RateLimit-*` says it. */
export interface Allowance {
  readonly limit: number;
  readonly remaining: number;
  /** Seconds until the window ends. */
  readonly resetSeconds: number;
}

/** Which allowance a request draws on (contract §4). */
export type LimitKind = "guest" | "consumer" | "public" | "secret";

/** Counts requests against their limits. */
export interface Limits {
  /** Null where limits are off. Raises `rate_limited`, with the allowance in `allowance`. */
  take(kind: LimitKind, key: string): Allowance | null;
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
 * Requests a minute. `guest` (an address) and `consumer` are the contract's; the other two stop floods only: thousands of honest
 * people share an address, and a shop's backend completes every order of a launch from one.
 */
export const limitsPerMinute: Readonly<Record<LimitKind, number>> = { guest: 300, consumer: 60, public: 6_000, secret: 60_000 };

const windowMs = 60_000;
// Beyond this many callers in a minute a newcomer goes uncounted: a bound on memory must not become a way to lock people out.
const maxKeys = 200_000;

/** Fixed windows of a minute, counted in this process: a map that is dropped whole needs no timer and no sweep per caller. */
export function createLimits(enabled: boolean, now: () => number): Limits {
  if (!enabled) return Object.freeze<Limits>({ take: () => null });
  const counts: Record<LimitKind, Map<string, number>> = { guest: new Map(), consumer: new Map(), public: new Map(), secret: new Map() };
  let window = -1;
  return Object.freeze<Limits>({
    take(kind, key) {
      const at = now();
      const current = Math.floor(at / windowMs);
      if (current !== window) {
        window = current;
        for (const map of Object.values(counts)) map.clear();
      }
      const map = counts[kind];
      const count = (map.get(key) ?? 0) + 1;
      if (count > 1 || map.size < maxKeys) map.set(key, count);
      const limit = limitsPerMinute[kind];
      const allowance = { limit, remaining: Math.max(0, limit - count), resetSeconds: Math.ceil(((current + 1) * windowMs - at) / 1000) };
      if (count > limit) throw new RateLimitedError(allowance);
      return allowance;
    },
  });
}
