import type { BotCheck, DenyReason, FollowShared, QueueConsumerState, QueueState } from "@fanfare-io/fanfare-contract";
import { farPollSeconds, isAtTheFront, pollAfterSeconds, toEstimate } from "./estimate.ts";
import type { Wait } from "./estimate.ts";
import { isoInstant } from "./instant.ts";
import { longestPollSeconds } from "./presence.ts";
import { admitsWaiters, areLastOnes, isSoldOut, isUndrawn } from "./queue-settings.ts";
import type { QueueCounters, QueueSettings } from "./queue-settings.ts";

type Queued = Extract<QueueConsumerState, { status: "QUEUED" }>;
type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };

/** A live grant as a status answer needs it; instants in milliseconds. */
export interface Admission {
  readonly ticket: number;
  readonly grantId: string;
  readonly admittedAt: number;
  readonly expiresAt: number;
}

/** Where a waiter stands, and how the line moves. */
export interface WaitingFacts {
  readonly settings: QueueSettings;
  readonly state: QueueState;
  readonly counters: QueueCounters;
  readonly ticket: number;
  /** The number that an early arrival is drawn under; null where none was drawn. */
  readonly arrival: number | null;
  readonly position: number;
  readonly aheadAtEntry: number;
  /** Null when nothing honest can be said. */
  readonly wait: Wait | null;
  /** For whoever stands beyond the admission window of a line whose numbers are shown. */
  readonly follow: FollowShared | null;
  /** What has to be shown before anybody is let in from this place. */
  readonly check?: BotCheck | undefined;
  /** How much longer the pauses of those who are far should be; 1 = as usual. */
  readonly stretch: number;
  readonly version: number;
  readonly now: number;
}

/** What someone in line is told. A line that was stopped, or has nothing left to give, says so instead of letting people wait for nothing. */
export function waitingState(facts: WaitingFacts): QueueConsumerState {
  const { settings, state, position } = facts;
  if (state === "killed" || state === "exhausted") return deniedState(facts.counters);
  if (isUndrawn(settings)) return earlyState(facts);
  const lastOnes = areLastOnes(facts.counters);
  const moving = admitsWaiters(settings, state) && !lastOnes;
  const wait = moving ? facts.wait : null;
  const precise = settings.positionDisplayMode === "precise";
  const ahead = position - 1;
  const told: Mutable<Queued> = {
    status: "QUEUED",
    ticket: precise ? facts.ticket : null,
    position: precise ? position : null,
    waitingAhead: precise ? ahead : null,
    positionDisplayMode: settings.positionDisplayMode,
    progress: facts.aheadAtEntry <= 0 ? (ahead <= 0 ? 1 : 0) : clampToOne(1 - ahead / facts.aheadAtEntry),
    estimatedWaitTimeInSeconds: wait === null ? null : Math.round(wait.expected),
    estimate: toEstimate(wait),
    admitRatePerMinute: moving ? settings.admitRate : 0,
    pollAfterSeconds: pollAfterSeconds(wait, position, facts.stretch),
    heldUntil: isoInstant(facts.now + settings.holdSeconds * 1000),
    version: facts.version,
  };
  // Set one by one: most answers have none of them, and this is made for every question.
  if (isAtTheFront(wait, position)) told.stream = true;
  if (precise && facts.follow !== null) told.follow = facts.follow;
  if (facts.arrival !== null) told.arrival = facts.arrival;
  if (lastOnes) told.lastOnes = true;
  if (facts.check !== undefined) told.check = facts.check;
  if (settings.message !== null) told.message = settings.message;
  return told;
}

/** What someone is told for whom nothing is left, or whom the queue does not take. */
export function deniedState(counters: QueueCounters): QueueConsumerState {
  return { status: "DENIED", denyReason: isSoldOut(counters) ? "SOLD_OUT" : "QUEUE_CLOSED" };
}

/** What an early arrival is told: that the place is kept, under which number it will be drawn, and when; no position, because there is none yet. */
function earlyState({ settings, arrival, stretch, version, now }: WaitingFacts): QueueConsumerState {
  const untilOpening = settings.openAt === null ? 0 : Math.ceil((settings.openAt - now) / 1000);
  return {
    status: "QUEUED",
    ticket: null,
    position: null,
    waitingAhead: null,
    positionDisplayMode: settings.positionDisplayMode,
    progress: 0,
    estimatedWaitTimeInSeconds: null,
    estimate: null,
    admitRatePerMinute: 0,
    // The first question after the opening is the one that everybody has.
    pollAfterSeconds:
      untilOpening > 2 * farPollSeconds
        ? Math.round(Math.min(farPollSeconds * stretch, untilOpening - farPollSeconds))
        : Math.min(longestPollSeconds, Math.max(2, untilOpening + 1)),
    heldUntil: isoInstant(now + settings.holdSeconds * 1000),
    version,
    ...(arrival === null ? {} : { arrival }),
    ...(settings.openAt === null ? {} : { placesDrawnAt: isoInstant(settings.openAt) }),
    ...(settings.message === null ? {} : { message: settings.message }),
  };
}

/** What someone with a live grant is told. Never the grant's token. */
export function admittedState(admission: Admission, now: number): QueueConsumerState {
  return {
    status: "ADMITTED",
    admittedAt: isoInstant(admission.admittedAt),
    grantId: admission.grantId,
    expiresAt: isoInstant(admission.expiresAt),
    // Soon after the end the page must know; before it nothing changes by itself but a completion elsewhere.
    pollAfterSeconds: Math.min(20, Math.max(1, Math.ceil((admission.expiresAt - now) / 1000))),
  };
}

/** What someone is told whose entry is over, or who never had one. */
export function pastState(state: "completed" | "expired" | "left" | "denied" | null, denyReason: DenyReason | null = null): QueueConsumerState {
  switch (state) {
    case "completed":
      return { status: "COMPLETED" };
    case "expired":
      return { status: "EXPIRED" };
    case "left":
      return { status: "LEFT" };
    case "denied":
      return { status: "DENIED", denyReason: denyReason ?? "QUEUE_CLOSED" };
    case null:
      return { status: "NOT_QUEUED" };
  }
}

function clampToOne(value: number): number {
  return Math.min(1, Math.max(0, Math.round(value * 1000) / 1000));
}
