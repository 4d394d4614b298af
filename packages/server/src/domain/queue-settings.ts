import type { PositionDisplayMode, QueueState } from "@fanfare-io/fanfare-contract";
import type { EarlyOrder } from "./early-order.ts";

/** A queue's settings as decisions need them; instants in milliseconds. */
export interface QueueSettings {
  readonly organizationId: string;
  readonly id: string;
  readonly experienceId: string;
  readonly sequenceId: string;
  readonly name: string;
  readonly openAt: number | null;
  readonly closeAt: number | null;
  readonly paused: boolean;
  readonly killed: boolean;
  readonly archived: boolean;
  /** Consumers per minute. */
  readonly admitRate: number;
  /** Live grants at once (I4). */
  readonly capacity: number | null;
  readonly maxWaiting: number | null;
  /** Grants in all (I4). */
  readonly maxAdmissions: number | null;
  readonly admissionExpirationSeconds: number;
  /** How long the place of an absent waiter is kept. */
  readonly holdSeconds: number;
  /** How often the holder of a grant may ask for more time, and for how much. */
  readonly grantExtensions: number;
  readonly grantExtensionSeconds: number;
  readonly positionDisplayMode: PositionDisplayMode;
  readonly message: string | null;
  /** Set where who comes before the opening is put in an order that nobody chose; null = first come, first served. */
  readonly early: EarlyOrder | null;
}

/** What the counters row says, as far as decisions go. */
export interface QueueCounters {
  /** Live grants. */
  readonly active: number;
  /** Grants in all. */
  readonly granted: number;
  /** What is left to sell; null = it does not count. */
  readonly stock: number | null;
}

/**
 * Whether waiting is for nothing. While somebody is at the checkout it is not: a payment may fail, and the shop may have counted what it
 * reserved for them as gone.
 */
export function isSoldOut({ stock, active }: QueueCounters): boolean {
  return stock === 0 && active === 0;
}

/** Whether everything that is left may go to people who are at the checkout already. */
export function areLastOnes({ stock, active }: QueueCounters): boolean {
  return stock !== null && stock <= active && active > 0;
}

/** What a queue is doing at `now`, in the contract's words. The operator's word goes before the schedule. */
export function queueState(settings: QueueSettings, counters: QueueCounters, now: number): QueueState {
  if (settings.killed || settings.archived) return "killed";
  if (settings.maxAdmissions !== null && counters.granted >= settings.maxAdmissions) return "exhausted";
  if (isSoldOut(counters)) return "exhausted";
  // Before their places are drawn there is no order to let people in by, whatever the clock says.
  if ((settings.openAt !== null && now < settings.openAt) || isUndrawn(settings)) return "upcoming";
  if (settings.closeAt !== null && now >= settings.closeAt) return "ended";
  return settings.paused ? "paused" : "open";
}

/** Whether early arrivals wait for their places to be drawn. */
export function isUndrawn({ early }: Pick<QueueSettings, "early">): boolean {
  return early !== null && early.drawn === null;
}

/**
 * Whether newcomers may join. A paused queue takes them: their place is kept until it goes on. One that orders its early arrivals takes
 * them before it opens.
 */
export function takesNewcomers(state: QueueState, early: EarlyOrder | null): boolean {
  return state === "open" || state === "paused" || (state === "upcoming" && early !== null);
}

/**
 * Whether people already in line are let in. A queue whose closing time has come takes nobody new, but keeps its word to those who wait; a
 * pause outlasts that time, and a rate of nothing is a pause by another name.
 */
export function admitsWaiters({ paused, admitRate }: Pick<QueueSettings, "paused" | "admitRate">, state: QueueState): boolean {
  return (state === "open" || state === "ended") && !paused && admitRate > 0;
}
