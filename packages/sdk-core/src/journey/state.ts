import type { DenyReason, DrawDenyReason, DrawTimes, EndedOutcome, Gate, GrantExtension, Mechanism } from "@fanfare-io/fanfare-contract";

/**
 * The journey's states and the one function that moves between them. Pure; the drawing and the rules are in SPEC.md.
 */

/** The sequence that was routed to, and what is distributed there. */
export interface Place {
  readonly sequenceId: string;
  readonly name: string;
  readonly mechanism: Mechanism;
  readonly distributionId: string;
}

/** Where a routed journey stands. */
export type Phase =
  | { readonly phase: "unavailable" }
  | { readonly phase: "scheduled"; readonly startsAt: string; readonly times?: DrawTimes }
  | { readonly phase: "enterable"; readonly times?: DrawTimes }
  | { readonly phase: "participating" | "settling"; readonly turnElsewhere?: true }
  | { readonly phase: "granted"; readonly token: string; readonly expiresAt: string; readonly extension?: GrantExtension }
  | { readonly phase: "ended"; readonly outcome: EndedOutcome; readonly denyReason?: DenyReason | DrawDenyReason };

/** A journey that has a way to go. `place` is null only where nothing is offered. */
export interface RoutedState {
  readonly stage: "routed";
  readonly place: Place | null;
  readonly now: Phase;
}

export type JourneyState =
  | { readonly stage: "ready" }
  | { readonly stage: "routing" }
  | { readonly stage: "gated"; readonly gates: readonly Gate[] }
  | RoutedState;

/** What a routing answer amounts to. */
export type Plan = Extract<JourneyState, { stage: "gated" | "routed" }>;

export type JourneyInput =
  | { readonly type: "route_requested" }
  | { readonly type: "route_answered"; readonly plan: Plan }
  | { readonly type: "route_failed"; readonly back: JourneyState }
  | { readonly type: "session_required"; readonly gates: readonly Gate[] }
  | { readonly type: "joined"; readonly place: Place }
  /** In, and past the time where anything can be done but wait for the outcome. */
  | { readonly type: "closed"; readonly place: Place }
  | { readonly type: "presented"; readonly token: string; readonly expiresAt: string; readonly extension?: GrantExtension }
  /** There is a grant, and another device of the consumer has earned it. */
  | { readonly type: "turn_elsewhere" }
  /** The grant was given more time. */
  | { readonly type: "extended"; readonly expiresAt: string; readonly extension?: GrantExtension }
  | { readonly type: "ended"; readonly outcome: EndedOutcome; readonly denyReason?: DenyReason | DrawDenyReason }
  | { readonly type: "session_ended" };

/** Where every journey begins. */
export const readyState: JourneyState = Object.freeze({ stage: "ready" });

const routingState: JourneyState = Object.freeze({ stage: "routing" });

/** The next state; the same object when the input means nothing here (J1). */
export function transition(state: JourneyState, input: JourneyInput): JourneyState {
  switch (input.type) {
    case "route_requested":
      return takesPart(state) ? state : routingState;
    case "route_answered":
      return takesPart(state) ? state : input.plan;
    case "route_failed":
      return state.stage === "routing" ? input.back : state;
    case "session_required":
      return phaseIs(state, "enterable") ? { stage: "gated", gates: input.gates } : state;
    case "joined":
      return phaseIs(state, "participating") && !isElsewhere(state.now) && state.place?.distributionId === input.place.distributionId
        ? state
        : { stage: "routed", place: input.place, now: { phase: "participating" } };
    case "closed":
      return phaseIs(state, "settling") && !isElsewhere(state.now) ? state : { stage: "routed", place: input.place, now: { phase: "settling" } };
    case "presented":
      return takesPart(state) ? { ...state, now: grantedNow(input.token, input) } : state;
    case "turn_elsewhere":
      return (phaseIs(state, "participating") || phaseIs(state, "settling")) && !isElsewhere(state.now)
        ? { ...state, now: { ...state.now, turnElsewhere: true } as Phase }
        : state;
    case "extended":
      return state.stage === "routed" && state.now.phase === "granted" ? { ...state, now: grantedNow(state.now.token, input) } : state;
    case "ended":
      return ended(state, input);
    case "session_ended":
      return takesPart(state) || phaseIs(state, "ended") ? readyState : state;
  }
}

const isElsewhere = (now: Phase): boolean => "turnElsewhere" in now;

function grantedNow(token: string, { expiresAt, extension }: { readonly expiresAt: string; readonly extension?: GrantExtension }): Phase {
  return { phase: "granted", token, expiresAt, ...(extension && { extension }) };
}

/** Whether a route must leave this state alone (J4). */
export function takesPart(state: JourneyState): state is RoutedState & { readonly place: Place } {
  return phaseIs(state, "participating") || phaseIs(state, "settling") || phaseIs(state, "granted");
}

function phaseIs(state: JourneyState, phase: Phase["phase"]): state is RoutedState {
  return state.stage === "routed" && state.now.phase === phase;
}

function ended(state: JourneyState, { outcome, denyReason }: Extract<JourneyInput, { type: "ended" }>): JourneyState {
  return takesPart(state) || phaseIs(state, "enterable")
    ? { ...state, now: { phase: "ended", outcome, ...(denyReason !== undefined && { denyReason }) } }
    : state;
}
