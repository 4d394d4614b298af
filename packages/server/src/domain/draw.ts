import type { BeaconTrouble, DrawBeaconRound, DrawConsumerState, DrawState } from "@fanfare-io/fanfare-contract";

/** A draw as decisions need it; instants in milliseconds. */
export interface DrawFacts {
  readonly organizationId: string;
  readonly id: string;
  readonly experienceId: string;
  readonly sequenceId: string;
  readonly name: string;
  /** As the operator set it; null = open since it was made. */
  readonly openAt: number | null;
  /** When entries really open. */
  readonly opensAt: number;
  /** As the operator set it; null = they close at `drawAt`. */
  readonly closeAt: number | null;
  readonly drawAt: number;
  readonly earlierDrawAts: readonly number[];
  readonly winnerCount: number;
  readonly capacity: number | null;
  readonly admissionExpirationSeconds: number;
  readonly continueSelecting: boolean;
  readonly maxWeight: number;
  readonly beacon: DrawBeaconRound | null;
  readonly hasBeaconSignature: boolean;
  /** When the service last asked for the round in vain, and why it was. */
  readonly beaconAskedAt: number | null;
  readonly beaconTrouble: BeaconTrouble | null;
  readonly message: string | null;
  /** How many commitments it has made. */
  readonly commitments: number;
  /** Tickets handed out, those who left included. */
  readonly tickets: number;
  /** Of them, those that take no part. */
  readonly excluded: number;
  readonly closedAt: number | null;
  readonly rootedAt: number | null;
  /** Hex. */
  readonly root: string | null;
  readonly drawingAt: number | null;
  readonly drawnAt: number | null;
  /** Entries in the ranking. */
  readonly ranked: number;
  /** How far down the ranking grants were given. */
  readonly offered: number;
  /** Since when nothing more can come of it: every win is bought or over, and none is given on. */
  readonly settledAt: number | null;
  readonly cancelledAt: number | null;
  readonly archived: boolean;
  readonly createdAt: number;
  readonly updatedAt: number | null;
}

/** When entries close. */
export function closesAt(draw: Pick<DrawFacts, "closeAt" | "drawAt">): number {
  return draw.closeAt ?? draw.drawAt;
}

/** When the result may be made at the earliest: its time, and the beacon's where it waits for one. */
export function drawableAt(draw: Pick<DrawFacts, "drawAt" | "beacon">): number {
  return Math.max(draw.drawAt, draw.beacon === null ? 0 : Date.parse(draw.beacon.at));
}

/** What a draw is doing at `now`, in the contract's words. */
export function drawState(draw: DrawFacts, now: number): DrawState {
  if (draw.drawnAt !== null) return "drawn";
  if (draw.cancelledAt !== null || draw.archived) return "cancelled";
  if (draw.drawingAt !== null || ((draw.closedAt !== null || now >= closesAt(draw)) && now >= drawableAt(draw))) return "drawing";
  if (draw.closedAt !== null || now >= closesAt(draw)) return "closed";
  return now < draw.opensAt ? "upcoming" : "open";
}

/** What the job has to do next for a draw; null = nothing now. */
export type DrawStep = "close" | "root" | "begin" | "rank" | "grant";

/**
 * The next step. Each is written down before the one after it begins, and does nothing where it was done already, so that a draw that is
 * broken off anywhere goes on there.
 */
export function nextStep(draw: DrawFacts, now: number): DrawStep | null {
  if (draw.drawnAt !== null) return draw.settledAt === null ? "grant" : null;
  if (draw.cancelledAt !== null || draw.archived) return null;
  if (draw.drawingAt !== null) return "rank";
  if (draw.closedAt === null) return now >= closesAt(draw) ? "close" : null;
  if (draw.rootedAt === null) return "root";
  return now >= drawableAt(draw) && (draw.beacon === null || draw.hasBeaconSignature) ? "begin" : null;
}

/**
 * Whether entries would close too late for the round that was promised: then somebody could know the result while they decide who is in
 * the list, and a later round has to be promised first.
 */
export function missedBeacon(draw: DrawFacts, now: number): boolean {
  return draw.beacon !== null && draw.closedAt === null && now >= Date.parse(draw.beacon.at);
}

/** Since when nothing but the beacon's round is missing; null where that is not so. */
export function waitsForBeaconSince(draw: DrawFacts, now: number): number | null {
  const isMissing = draw.beacon !== null && !draw.hasBeaconSignature && draw.rootedAt !== null && draw.drawnAt === null && draw.cancelledAt === null;
  return isMissing && now >= drawableAt(draw) ? drawableAt(draw) : null;
}

/** For so long after the draw a win that nobody claims is given on, where the rules say so. */
export const continuesForDays = 30;
const dayMs = 86_400_000;

function givesOn(draw: DrawFacts, now: number): boolean {
  return draw.continueSelecting && draw.drawnAt !== null && draw.settledAt === null && now < draw.drawnAt + continuesForDays * dayMs;
}

/** How many further winners a published draw may take now, going down the ranking: those of the result, and only then those whom unclaimed wins are given on to. */
export function furtherWinners(
  draw: DrawFacts,
  grants: { readonly active: number; readonly completed: number },
  now: number,
): { readonly count: number; readonly isContinuation: boolean } {
  const left = draw.ranked - draw.offered;
  const first = Math.min(left, Math.max(0, draw.winnerCount - draw.offered));
  if (first > 0) return { count: first, isContinuation: false };
  const unclaimed = Math.max(0, draw.winnerCount - grants.active - grants.completed);
  return { count: givesOn(draw, now) ? Math.min(left, unclaimed) : 0, isContinuation: true };
}

/** What the database knows of one consumer in one draw; instants in milliseconds. */
export interface DrawStanding {
  readonly consumerId: string;
  /** `enteredAs`: the id that the entry's reference was made for, where it was a guest's who has become this consumer. */
  readonly entry: { readonly ticket: number; readonly class: number; readonly weight: number; readonly enteredAt: number; readonly enteredAs?: string } | null;
  readonly grant: { readonly id: string; readonly state: string; readonly grantedAt: number; readonly expiresAt: number } | null;
  /** From 1; null while there is no ranking, or the entry takes no part in it. */
  readonly rank: number | null;
}

const longestPollSeconds = 300;
/** How late a result may be before it is asked for more seldom, and how seldom at most. */
const latenessSeconds = 10;
const longestLatePollSeconds = 30;

/**
 * Until the moment that matters, then a while that differs from person to person, so that a million do not ask in one second. What is late
 * is asked for ever more seldom: a beacon that cannot be reached may be out of reach for hours.
 */
function pollUntil(moment: number, now: number, spread: number): number {
  const until = (moment - now) / 1000;
  if (until < -latenessSeconds) return Math.round(Math.min(longestLatePollSeconds, -until / latenessSeconds) * (1 + spread) * 10) / 10;
  return Math.round(Math.max(2, Math.min(longestPollSeconds, until + 1 + spread * Math.min(10, Math.max(1, until / 10)))) * 10) / 10;
}

/** A win that comes to somebody on the reserve has to be seen while there is time to claim it. */
function reservePoll(draw: DrawFacts, spread: number): number {
  return Math.max(2, Math.min(15 + Math.round(spread * 15), Math.floor(draw.admissionExpirationSeconds / 4)));
}

/** What a consumer is told. `completed` = wins that were bought, `spread` = 0 to 1, different for everybody. */
export function standingOf(
  draw: DrawFacts,
  standing: DrawStanding,
  facts: { readonly completed: number; readonly now: number; readonly spread: number },
): DrawConsumerState {
  const { entry, grant } = standing;
  const { now, spread } = facts;
  if (entry === null) return { status: "NOT_ENTERED" };
  if (entry.class === 1) return { status: "LEFT" };
  if (entry.class !== 0) return { status: "DENIED", denyReason: entry.class === 3 ? "BOT_DETECTED" : "VALIDATION_LIMIT_REACHED" };
  if (grant !== null) {
    if (grant.state === "completed") return { status: "COMPLETED" };
    if (grant.state === "revoked") return { status: "DENIED", denyReason: "VALIDATION_LIMIT_REACHED" };
    if (grant.state === "expired") return { status: "EXPIRED" };
    const pollAfterSeconds = Math.min(10, Math.max(1, Math.ceil((grant.expiresAt - now) / 1000)));
    return { status: "WON", wonAt: iso(grant.grantedAt), grantId: grant.id, expiresAt: iso(grant.expiresAt), pollAfterSeconds };
  }
  const message = draw.message === null ? {} : { message: draw.message };
  if (draw.drawnAt === null) {
    if (draw.cancelledAt !== null || draw.archived) return { status: "CANCELLED", cancelledAt: iso(draw.cancelledAt ?? draw.updatedAt ?? now), ...message };
    const common = {
      enteredAt: iso(entry.enteredAt),
      drawAt: iso(drawableAt(draw)),
      winnerCount: draw.winnerCount,
      entrants: draw.tickets - draw.excluded,
      weight: entry.weight,
      ...message,
    };
    if (drawState(draw, now) === "open")
      return { status: "ENTERED", ...common, closeAt: iso(closesAt(draw)), pollAfterSeconds: pollUntil(closesAt(draw), now, spread) };
    return { status: "SETTLING", ...common, pollAfterSeconds: pollUntil(drawableAt(draw), now, spread) };
  }
  // Drawn a moment ago, and this winner's grant is on its way.
  if (standing.rank !== null && standing.rank <= draw.winnerCount && standing.rank > draw.offered) {
    return {
      status: "SETTLING",
      enteredAt: iso(entry.enteredAt),
      drawAt: iso(drawableAt(draw)),
      winnerCount: draw.winnerCount,
      entrants: draw.tickets - draw.excluded,
      weight: entry.weight,
      pollAfterSeconds: 1,
      ...message,
    };
  }
  const open = givesOn(draw, now) && standing.rank !== null && standing.rank > draw.offered && facts.completed < draw.winnerCount;
  const reserve = open ? { ahead: (standing.rank ?? 0) - draw.offered - 1, pollAfterSeconds: reservePoll(draw, spread) } : null;
  return { status: "NOT_SELECTED", drawnAt: iso(draw.drawnAt), reserve };
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
