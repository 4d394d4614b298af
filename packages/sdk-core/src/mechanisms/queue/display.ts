import type { QueueConsumerState, QueueDisplay, WaitEstimate } from "@fanfare-io/fanfare-contract";

type QueuedState = Extract<QueueConsumerState, { status: "QUEUED" }>;

/** What is shown, and what must be remembered to keep the promise that a position never rises (I6). */
export interface Shown {
  readonly display: QueueDisplay;
  /** The place that the figures below belong to; another ticket is another place. */
  readonly ticket: number | null;
  /** The lowest position shown for this ticket. */
  readonly lowestPosition: number | null;
  readonly lowestAhead: number | null;
  readonly farthest: number;
}

/** Before the first answer. */
export function blankDisplay(updatedAt: string): QueueDisplay {
  return Object.freeze<QueueDisplay>({
    position: null,
    positionDisplayMode: "qualitative",
    waitingAhead: null,
    progress: 0,
    estimatedWaitSeconds: null,
    admitRatePerMinute: 0,
    updatedAt,
  });
}

/**
 * The next thing to show. A node that lags behind may answer a higher place than was shown before: it is clamped. A new
 * ticket is a new place (entered again, or put back by the operator) and starts afresh.
 */
export function nextShown(before: Shown | null, state: QueuedState, updatedAt: string): Shown {
  const samePlace = before !== null && (before.ticket === null || state.ticket === null || before.ticket === state.ticket);
  const lowestPosition = lower(samePlace ? before.lowestPosition : null, state.position);
  const lowestAhead = lower(samePlace ? before.lowestAhead : null, state.waitingAhead);
  const farthest = Math.max(samePlace ? before.farthest : 0, state.progress);
  const display = Object.freeze<QueueDisplay>({
    position: state.position === null ? null : lowestPosition,
    positionDisplayMode: state.positionDisplayMode,
    waitingAhead: state.waitingAhead === null ? null : lowestAhead,
    progress: farthest,
    estimatedWaitSeconds: honestEstimate(samePlace ? before.display.estimatedWaitSeconds : null, state.estimate),
    admitRatePerMinute: state.admitRatePerMinute,
    ...(state.heldUntil !== undefined && { heldUntil: state.heldUntil }),
    ...(state.check && { check: state.check }),
    ...(state.placesDrawnAt !== undefined && { placesDrawnAt: state.placesDrawnAt }),
    ...(state.message !== undefined && { message: state.message }),
    updatedAt,
  });
  return { display, ticket: state.ticket ?? (samePlace ? before.ticket : null), lowestPosition, lowestAhead, farthest };
}

/** A rise by less than this share is noise, and not worth a racing heart. */
const noise = 0.05;

/** What is said where a wait became longer and the service knows no reason of its own. */
const slower = "The line is moving more slowly than before.";

/** A wait that becomes longer says why; one that becomes longer by next to nothing does not become longer. */
export function honestEstimate(before: WaitEstimate | null, next: WaitEstimate | null): WaitEstimate | null {
  if (before === null || next === null || next.high <= before.high) return next;
  if (next.high > before.high * (1 + noise)) return { ...next, reason: next.reason ?? slower };
  return { ...next, low: Math.min(next.low, before.low), high: before.high };
}

/** At the turn: nobody ahead, the way done. */
export function turnShown(before: Shown | null, updatedAt: string): QueueDisplay {
  const { message: _said, placesDrawnAt: _drawn, heldUntil: _held, check: _check, ...rest } = before?.display ?? blankDisplay(updatedAt);
  return Object.freeze<QueueDisplay>({ ...rest, position: null, waitingAhead: 0, progress: 1, estimatedWaitSeconds: { low: 0, high: 0 }, updatedAt });
}

function lower(known: number | null, told: number | null): number | null {
  if (known === null || told === null) return told ?? known;
  return Math.min(known, told);
}
