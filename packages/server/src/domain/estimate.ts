import type { WaitEstimate } from "@fanfare-io/fanfare-contract";
import type { FlowReading } from "./flow.ts";
import { foreseeSlots } from "./slot-forecast.ts";
import type { SlotForecast } from "./slot-forecast.ts";
import type { SlotUseReading } from "./slot-use.ts";

/** What bounds a line; rates are consumers per minute. */
export interface EstimateFacts {
  readonly admitRate: number;
  readonly capacity: number | null;
  readonly admissionExpirationSeconds: number;
  readonly flow: FlowReading;
  /** How long checkout slots are used; asked for only where there is a capacity. */
  readonly slots: SlotUseReading;
  /** Checkout slots in use. */
  readonly active: number;
  /** People in line whose tickets lie before the highest one let in: away when it was their turn. */
  readonly passedOver: number;
  /** Between which spreads nine of ten turns came of late. */
  readonly bounds: { readonly low: number; readonly high: number };
}

/** A wait as it is computed: seconds, not rounded. */
export interface Wait {
  readonly expected: number;
  readonly low: number;
  readonly high: number;
  /** One standard deviation, relative, as far as the model knows. */
  readonly spread: number;
  /** Whether turns come as checkout slots are given back, which may be any moment. */
  readonly isSlots: boolean;
  /** So many turns may come at once, whatever is expected: those of all slots, which shoppers took together and may give back together. */
  readonly inOneWave: number;
  readonly reason?: string;
}

const slotsBusy = "The shop is full and lets people in as others finish.";
const slowerThanPlanned = "Fewer people go through than planned.";

/** What nobody can foresee: an operator's hand, a shop that changes its pace. */
const surprise = 0.025;
const alwaysSeconds = 1.5;

/**
 * The wait of whoever stands at `position` and has people ahead who waited `waitedMinutes` on average, or null when nothing honest can
 * be said. Nothing of it is a promise of the operator's: it is made of the rate that holds, of how long checkout slots have been in use,
 * and of how many people leave or fall silent. Its range is as wide as estimates of this line have been wrong.
 */
export function expectWait(facts: EstimateFacts, position: number, waitedMinutes: number): Wait | null {
  const pace = paceOf(facts);
  if (pace === null) return null;
  const { perMinute, isSlots, doubt, reason } = pace;
  const { silentPerMinute, leavePerMinute, turnsSeen } = facts.flow;
  const standing = Math.max(1, position - facts.passedOver);
  // Some of those ahead are away already, others will be gone by their turn; neither takes a turn.
  const ahead = Math.max(1, standing * Math.exp(-silentPerMinute * waitedMinutes));
  const lost = silentPerMinute + leavePerMinute;
  const evenly = lost > 0 ? Math.log1p((lost * ahead) / perMinute) / lost : ahead / perMinute;
  const longest = isSlots ? longestSeconds(facts, ahead) : Infinity;
  const minutes = isSlots ? Math.min(foreseen(facts, lost).minutesUntil(ahead), longest / 60) : evenly;
  // Turns that come one by one as slots are given back scatter like rain; turns by the rate come like a clock.
  const scatter = (isSlots ? 1 : 0.2) / Math.sqrt(Math.max(1, minutes * perMinute));
  const lossDoubt = (1 - (minutes * perMinute) / standing) / Math.sqrt(4 + turnsSeen / 50);
  const spread = Math.hypot(scatter, doubt, lossDoubt, surprise);
  const expected = minutes * 60;
  // A pace that is learned errs by a factor, not by an amount.
  const wait = {
    expected,
    low: Math.max(0, expected * Math.exp(facts.bounds.low * spread) - alwaysSeconds),
    high: Math.min(expected * Math.exp(facts.bounds.high * spread), longest) + alwaysSeconds,
    spread,
    isSlots,
    inOneWave: isSlots ? Math.min(facts.capacity ?? 0, facts.active) : 0,
  };
  return reason === undefined ? wait : { ...wait, reason };
}

/**
 * The longest that slots can keep somebody waiting, in seconds: in each wave of them a grant that its shopper lets lapse and, as long again, the
 * checkout that a shop holds it for. Before any slot has been given back this is all that is known.
 */
function longestSeconds({ admitRate, capacity, admissionExpirationSeconds, flow, slots, active }: EstimateFacts, ahead: number): number {
  const waves = Math.ceil(ahead / Math.max(1, capacity ?? active));
  return waves * 2 * Math.max(admissionExpirationSeconds, slots.seconds) + (ahead * 60) / (admitRate * flow.efficiency);
}

/** How fast a line moves. */
export interface PaceOfLine {
  readonly perMinute: number;
  /** Whether checkout slots bound it, rather than the rate. */
  readonly isSlots: boolean;
  /** Relative. */
  readonly doubt: number;
  readonly reason?: string;
}

/** What bounds the line now, the rate or the checkout slots; null when nobody is let in. */
export function paceOf({ admitRate, capacity, flow, slots }: EstimateFacts): PaceOfLine | null {
  const byRate = admitRate * flow.efficiency;
  if (byRate <= 0) return null;
  const slow = flow.efficiency < 0.8 ? { reason: slowerThanPlanned } : {};
  if (capacity === null) return { perMinute: byRate, isSlots: false, doubt: 0, ...slow };
  const { seconds, doubt } = slots;
  const bySlots = (capacity * 60) / seconds;
  if (bySlots >= byRate) return { perMinute: byRate, isSlots: false, doubt: bySlots < byRate * (1 + doubt) ? doubt / 2 : 0, ...slow };
  return { perMinute: bySlots, isSlots: true, doubt, ...(bySlots < byRate * 0.8 ? { reason: slotsBusy } : slow) };
}

const foreseenFor = new WeakMap<SlotUseReading, { readonly of: string; readonly forecast: SlotForecast }>();

/** The slots played forward: once for each reading of their use, however many ask. */
function foreseen({ admitRate, capacity, flow, slots, active }: EstimateFacts, lost: number): SlotForecast {
  const of = `${admitRate}/${capacity}`;
  const known = foreseenFor.get(slots);
  if (known?.of === of) return known.forecast;
  const forecast = foreseeSlots({ use: slots, capacity: capacity ?? active, active, byRate: admitRate * flow.efficiency, lost });
  foreseenFor.set(slots, { of, forecast });
  return forecast;
}

/** The range that is told, in whole seconds. */
export function toEstimate(wait: Wait | null): WaitEstimate | null {
  if (wait === null) return null;
  const range = { low: Math.floor(wait.low), high: Math.ceil(wait.high) };
  return wait.reason === undefined ? range : { ...range, reason: wait.reason };
}

/** Within this time of the turn a waiter has to be known to be there or not. */
export const closeSeconds = 90;
/** How often the first two ask where a checkout slot may be given back at any moment, in seconds. */
const slotPollSeconds = 5;
/** How often they ask who are far by an estimate that is worth little, as before any slot has been given back: soon it may be another. Seconds. */
const unsurePoll = { least: 15, most: 40 };
const unsureSpread = 0.5;
/** Whoever's turn may come sooner than this may be told of it as it comes instead of asking for it. */
const frontSeconds = 40;
/** So many are at the front whatever is expected: at most of those whom one wave of slots would let in, and where a line stands that may go on at any moment. */
const frontOfSlots = 100;
const frontOfStill = 20;

/** Whether a waiter is so near the turn that whoever asks for it, however often, learns of it late. */
export function isAtTheFront(wait: Wait | null, position: number): boolean {
  if (wait === null) return position <= frontOfStill;
  return wait.low <= frontSeconds || position <= Math.min(wait.inOneWave, frontOfSlots);
}

/** How often a waiter asks who is not close, in seconds. */
export const farPollSeconds = 60;
/** However busy the service is: silence of twice a minute is absence, and clients vary their pauses by a tenth. */
const longestFarSeconds = 110;
/** And whoever was told to ask less often is back so long before their turn. */
const backBeforeSeconds = 60;

/**
 * When a waiter should ask again, in seconds. Close to the turn at most 30 s apart, so that presence stays known, and at the very end just
 * about when it comes; far from it once a minute, times `stretch` while the service has much to do. Never so late that the turn comes first:
 * a line whose next people all sleep lets in nobody.
 */
export function pollAfterSeconds(wait: Wait | null, position: number, stretch = 1): number {
  if (wait === null) return position <= 20 ? 15 : position <= 100 ? 30 : Math.min(longestFarSeconds, Math.round(farPollSeconds * stretch));
  // Where slots bound the line a turn may come long before it is expected.
  const soonest = wait.isSlots ? Math.max(wait.low, wait.expected / 4) : wait.expected;
  if (wait.expected > closeSeconds) {
    const isUnsure = wait.isSlots && wait.spread > unsureSpread;
    const far = isUnsure
      ? Math.min(unsurePoll.most, Math.max(unsurePoll.least, Math.round(wait.low)))
      : Math.min(farPollSeconds, Math.max(30, Math.round(soonest - 60)));
    // The first few where slots bound the line: theirs may be given back at any moment.
    const stretched = Math.min(Math.round(far * stretch), longestFarSeconds, Math.round(soonest - backBeforeSeconds));
    return wait.isSlots && position <= 2 ? slotPollSeconds : Math.max(far, stretched);
  }
  // Whoever comes to a line that is as good as empty is not kept for the five seconds that a late turn is given.
  const near = wait.expected < 3 ? 2 : Math.min(30, Math.max(5, Math.round(soonest * 0.85)));
  return wait.isSlots && position <= 2 ? Math.min(slotPollSeconds, near) : near;
}
