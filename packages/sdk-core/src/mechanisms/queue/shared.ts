import type { PublicQueue, QueueConsumerState, WaitEstimate } from "@fanfare-io/fanfare-contract";
import type { FarPlace } from "./far.ts";

/** Whether an answer is a shared body that this SDK can read. */
export function isPublicQueue(value: unknown): value is PublicQueue {
  const { window, version, departures } = (value ?? {}) as Partial<PublicQueue>;
  return typeof window === "number" && typeof version === "number" && Array.isArray(departures?.counts);
}

/** What the body that everybody reads says about one place. */
export interface SharedNews {
  /** Null where only the service itself can say: the turn is near, or the body knows nothing of this ticket. */
  readonly state: QueueConsumerState | null;
  /** Whether the turn will be near by the time of the next question. */
  readonly isNearNext: boolean;
}

/**
 * Reads one place out of the shared body (contract, `FollowShared`). `anchor` is what the service said of it last; what has gone from its
 * own stretch since then is not known, so the position is never lower than the true one.
 */
export function placeInShared(anchor: FarPlace, body: PublicQueue, heldUntil: (seconds: number) => string): SharedNews {
  const { ticket, follow } = anchor;
  if (ticket <= body.window) return { state: null, isNearNext: true };
  if (body.state === "killed" || body.state === "exhausted")
    return { state: { status: "DENIED", denyReason: body.soldOut === true ? "SOLD_OUT" : "QUEUE_CLOSED" }, isNearNext: false };
  // A cache may hold a body that is older than what is known already.
  if (body.version < anchor.version) return { state: anchor, isNearNext: false };
  const { from, before, blockSize, counts } = body.departures;
  const stretch = Math.floor((ticket - from) / blockSize);
  if (stretch < 0 || stretch >= counts.length) return { state: null, isNearNext: true };
  let gone = before + (blockSize === follow.blockSize ? follow.departedInBlock : 0);
  for (let index = 0; index < stretch; index++) gone += counts[index] ?? 0;
  const position = Math.max(1, Math.min(anchor.position, ticket - gone));
  const ahead = position - 1;
  const moving = body.state === "open" || body.state === "ended";
  const estimate = moving ? estimateAt(position, body) : null;
  const { message: _said, heldUntil: _held, ...rest } = anchor;
  const waitSeconds = estimate && (estimate.low + estimate.high) / 2;
  return {
    state: {
      ...rest,
      position,
      waitingAhead: ahead,
      progress: follow.aheadAtEntry > 0 ? Math.min(1, Math.max(0, 1 - ahead / follow.aheadAtEntry)) : 0,
      estimate,
      estimatedWaitTimeInSeconds: waitSeconds && Math.round(waitSeconds),
      admitRatePerMinute: moving ? body.admitRatePerMinute : 0,
      pollAfterSeconds: body.pollAfterSeconds,
      heldUntil: heldUntil(body.holdSeconds),
      version: body.version,
      ...(body.message !== undefined && { message: body.message }),
    },
    isNearNext: waitSeconds !== null && waitSeconds > 0 && ticket - body.window <= (position / waitSeconds) * body.pollAfterSeconds,
  };
}

/** Between two positions of the body a wait is a straight line. */
function estimateAt(position: number, { estimates, estimateReason }: PublicQueue): WaitEstimate | null {
  const at = estimates.findIndex((it) => it.position >= position);
  const above = estimates[at] ?? estimates.at(-1);
  if (!above) return null;
  const below = estimates[at - 1] ?? { position: 0, low: 0, high: 0 };
  const share = Math.min(1, (position - below.position) / Math.max(1, above.position - below.position));
  const between = (from: number, to: number): number => Math.round(from + (to - from) * share);
  return { low: between(below.low, above.low), high: between(below.high, above.high), ...(estimateReason !== undefined && { reason: estimateReason }) };
}
