import type { WaitEstimate } from "@fanfare-io/fanfare-contract";

/** What an honest estimate is made from; rates are consumers per minute. */
export interface EstimateFacts {
  readonly position: number;
  readonly admitRate: number;
  /** What really went through lately; null while too little was seen. */
  readonly observedRate: number | null;
  readonly capacity: number | null;
  readonly admissionExpirationSeconds: number;
}

const slowdown = "People are taking longer to check out than planned.";

/**
 * A range of seconds to the turn, or null when nothing honest can be said. The fast end is what the operator allows, the slow end what
 * was seen; where checkout slots bound the line and nothing was seen yet, the slow end lets every shopper use the whole time they have.
 */
export function estimateWait(facts: EstimateFacts): WaitEstimate | null {
  if (facts.admitRate <= 0) return null;
  const worstOfSlots = facts.capacity === null ? facts.admitRate : (facts.capacity * 60) / facts.admissionExpirationSeconds;
  const fast = facts.observedRate === null ? facts.admitRate : Math.min(facts.admitRate, facts.observedRate * 1.25);
  const slow = facts.observedRate === null ? Math.min(facts.admitRate * 0.8, worstOfSlots) : Math.min(facts.admitRate, facts.observedRate * 0.8);
  if (fast <= 0 || slow <= 0) return null;
  const range = { low: secondsFor(facts.position, fast), high: secondsFor(facts.position, slow) };
  const slower = facts.observedRate !== null && facts.observedRate < facts.admitRate * 0.8;
  return slower ? { ...range, reason: slowdown } : range;
}

function secondsFor(position: number, ratePerMinute: number): number {
  return Math.ceil((position * 60) / ratePerMinute);
}

/** When a waiter should ask again: often near the front, seldom far away, never more than 30 s apart, so that presence stays known. */
export function pollAfterSeconds(estimate: WaitEstimate | null): number {
  if (estimate === null) return 10;
  return Math.min(30, Math.max(2, Math.round(estimate.low / 8)));
}
