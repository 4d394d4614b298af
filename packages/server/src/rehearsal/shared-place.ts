import type { FollowShared, PublicQueue, QueueConsumerState, WaitEstimate } from "@fanfare-io/fanfare-contract";

type Queued = Extract<QueueConsumerState, { status: "QUEUED" }>;

/** A place so far from the turn that its holder follows the body that everybody reads, as the SDK does. */
export interface FollowedPlace {
  readonly ticket: number;
  readonly position: number;
  readonly version: number;
  readonly follow: FollowShared;
  /** When the service itself told of it, in milliseconds of the rehearsal. */
  readonly toldAt: number;
}

/** What the shared body says of a place. */
export interface SharedNews {
  readonly position: number;
  readonly estimate: WaitEstimate | null;
  readonly version: number;
  readonly pollAfterSeconds: number;
  /** Whether the next question has to go to the service itself. */
  readonly isNearNext: boolean;
}

/** The place of an answer that lets its holder follow the shared body; null where they ask for themselves. */
export function followedPlace({ ticket, position, version, follow }: Queued, toldAt: number): FollowedPlace | null {
  return follow === undefined || ticket === null || position === null ? null : { ticket, position, version, follow, toldAt };
}

/** Reads a place out of the shared body (contract, `FollowShared`); null where only the service itself can say. */
export function readShared(place: FollowedPlace, body: PublicQueue, now: number): SharedNews | null {
  const { ticket, follow } = place;
  if (ticket <= body.window || body.state === "killed" || body.state === "exhausted" || now - place.toldAt > follow.statusAfterSeconds * 1000) return null;
  const { from, blockSize, counts } = body.departures;
  const stretch = Math.floor((ticket - from) / blockSize);
  if (stretch < 0 || stretch >= counts.length) return null;
  const gone = goneBefore(body)[stretch] ?? 0;
  const found = ticket - gone - (blockSize === follow.blockSize ? follow.departedInBlock : 0);
  // A cache may hold a body that is older than what is known already.
  const position = body.version < place.version ? place.position : Math.max(1, Math.min(place.position, found));
  const estimate = estimateAt(position, body);
  const wait = estimate === null ? 0 : (estimate.low + estimate.high) / 2;
  const isNearNext = wait > 0 && ticket - body.window <= (position / wait) * body.pollAfterSeconds;
  return { position, estimate, version: Math.max(body.version, place.version), pollAfterSeconds: body.pollAfterSeconds, isNearNext };
}

const known = new WeakMap<PublicQueue, Float64Array>();

// A million read one body: its sums are made once.
function goneBefore(body: PublicQueue): Float64Array {
  const made = known.get(body);
  if (made !== undefined) return made;
  let sum = body.departures.before;
  const sums = Float64Array.from(body.departures.counts, (count) => (sum += count) - count);
  known.set(body, sums);
  return sums;
}

/** Between two positions of the body a wait is a straight line. */
function estimateAt(position: number, { estimates, estimateReason }: PublicQueue): WaitEstimate | null {
  const at = estimates.findIndex((each) => each.position >= position);
  const above = estimates[at] ?? estimates.at(-1);
  if (above === undefined) return null;
  const below = estimates[at - 1] ?? { position: 0, low: 0, high: 0 };
  const share = Math.min(1, (position - below.position) / Math.max(1, above.position - below.position));
  const between = (low: number, high: number): number => Math.round(low + (high - low) * share);
  const [low, high] = [between(below.low, above.low), between(below.high, above.high)];
  return estimateReason === undefined ? { low, high } : { low, high, reason: estimateReason };
}
