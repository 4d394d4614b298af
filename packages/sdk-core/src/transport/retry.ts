import type { FanfareErrorShape } from "@fanfare-io/fanfare-contract";
import { backoffDelayMs } from "../lib/backoff.ts";

/** A pause that a person who just pressed a button accepts without a word; longer ones are the caller's to show. */
const longestSilentPauseMs = 5_000;

/**
 * Whether the catalog lets a refusal be asked for again, read off the status so that the catalog's texts stay out of the browser.
 * A test holds this against every row of the catalog.
 */
export function isRetryable(status: number): boolean {
  return [408, 423, 425, 429].includes(status) || (status >= 500 && status !== 501);
}

/** The pause before the same request goes out again, or null when it is not to be repeated. The only place that decides this. */
export function retryDelayMs(error: FanfareErrorShape, attempt: number, attempts: number, random: () => number): number | null {
  if (!error.retryable || attempt + 1 >= attempts) return null;
  const atLeastMs = (error.retryAfterSeconds ?? 0) * 1000;
  if (atLeastMs > longestSilentPauseMs) return null;
  return backoffDelayMs({ attempt, baseMs: 400, capMs: longestSilentPauseMs, random, atLeastMs });
}
