import type { ChallengeReason } from "./challenges.ts";

/**
 * A bot check in the middle of a wait: the place is held until `heldUntil`, uncounted in other people's positions, and nobody is let in from
 * it before it is answered. The answer is solved work in `challenge` of entering once more; the SDK gives it unasked.
 */
export interface BotCheck {
  readonly gate: "bot_check";
  readonly reasons: readonly ChallengeReason[];
  readonly heldUntil: string;
}

/**
 * How somebody who entered a protected launch stands. `clear`: nothing was asked; `worked`: work was asked and done before the place was
 * given; `asked`: a bot check is under way, the place is held; `passed`: it was answered; `released`: an operator said that it need not be;
 * `missed`: it was shown and not answered within ten minutes, and the place has gone.
 */
export type EntryCheckState = "clear" | "worked" | "asked" | "passed" | "released" | "missed";

/** What a protected launch knows of one who entered, and why they were asked. It holds no address. */
export interface EntryCheck {
  readonly id: string;
  readonly consumerId: string;
  readonly distributionId: string;
  readonly experienceId: string;
  readonly state: EntryCheckState;
  /** Why work was asked for; empty where it was not. */
  readonly reasons: readonly ChallengeReason[];
  /** How many entered this experience so far from the same address, from its /24 or /48, and with the same signals from there (null without signals). */
  readonly crowd: { readonly address: number; readonly network: number; readonly signals: number | null };
  readonly createdAt: string;
  readonly askedAt: string | null;
  /** Until when the place is held; null until the question was shown. */
  readonly heldUntil: string | null;
  readonly answeredAt: string | null;
}

/**
 * Who may redeem what somebody gets: `device` = the browser that entered, and no other of the same consumer; `consumer` = any of theirs. Other
 * devices see place and turn in either case.
 */
export type EntryBinding = "device" | "consumer";

/** `POST /entry-bindings/release` (operator): any device of this consumer may redeem what they get here. */
export interface ReleaseEntryBindingRequest {
  readonly distributionId: string;
  readonly consumerId: string;
}

/** What became of it; `released` is false where nothing was bound. */
export interface ReleasedEntryBinding extends ReleaseEntryBindingRequest {
  readonly released: boolean;
}

/** `POST /entry-checks/release` (operator): this person need not answer, here, now or later. */
export interface ReleaseEntryCheckRequest {
  readonly distributionId: string;
  readonly consumerId: string;
}
