import type { Display, FanfareErrorShape, JourneySnapshot, JourneyView, ReadableStore, SequenceView } from "@fanfare-io/fanfare-contract";
import type { JourneyState, RoutedState } from "./state.ts";

type ViewOf<S extends JourneyView["journeyStage"]> = Extract<JourneyView, { journeyStage: S }>;

/** Every action of a journey; a view carries those that are legal now. */
export interface JourneyActions {
  readonly start: ViewOf<"ready">["start"];
  readonly reroute: ViewOf<"gated">["reroute"];
  readonly retry: ViewOf<"gated">["retry"];
  readonly submitAccessCode: ViewOf<"routed">["submitAccessCode"];
  readonly enter: () => Promise<void>;
  readonly leave: () => Promise<void>;
}

/** Draws the public view of a state (J23). `display$` belongs to the participation, where there is one. */
export function viewOf(state: JourneyState, actions: JourneyActions, display$: ReadableStore<Display> | null): JourneyView {
  switch (state.stage) {
    case "ready":
      return { journeyStage: "ready", start: actions.start };
    case "routing":
      return { journeyStage: "routing" };
    case "gated":
      return { journeyStage: "gated", gates: state.gates, reroute: actions.reroute, retry: actions.retry };
    case "routed":
      return { journeyStage: "routed", sequence: sequenceOf(state, actions, display$), reroute: actions.reroute, submitAccessCode: actions.submitAccessCode };
  }
}

function sequenceOf({ place, now }: RoutedState, { enter, leave }: JourneyActions, display$: ReadableStore<Display> | null): SequenceView {
  if (!place || now.phase === "unavailable") return { sequenceId: place?.sequenceId ?? "", name: place?.name ?? "", phase: "unavailable" };
  const { sequenceId, name, mechanism, distributionId } = place;
  const head = { sequenceId, name };
  switch (now.phase) {
    case "scheduled":
      return { ...head, mechanism, ...now };
    case "enterable":
      // Mechanisms that are joined otherwise (a bid, a slot) bring their own member of the union with them.
      return { ...head, phase: "enterable", mechanism: mechanism as "queue" | "draw" | "timed_release", enter };
    case "participating":
      return { ...head, phase: "participating", mechanism, display$: display$!, leave };
    case "granted":
      return { ...head, phase: "granted", mechanism, grant: { token: now.token, expiresAt: now.expiresAt, distributionId } };
    case "ended":
      return { ...head, mechanism, ...now };
  }
}

/** The same as plain data, without actions and tokens (J24). */
export function snapshotOf(experienceId: string, state: JourneyState, error: FanfareErrorShape | null): JourneySnapshot {
  const routed = state.stage === "routed" ? state : null;
  const now = routed?.now;
  return {
    experienceId,
    journeyStage: state.stage,
    gates: state.stage === "gated" ? state.gates : [],
    sequenceId: routed?.place?.sequenceId ?? null,
    sequencePhase: now?.phase ?? null,
    mechanism: routed?.place?.mechanism ?? null,
    distributionId: routed?.place?.distributionId ?? null,
    outcome: now?.phase === "ended" ? now.outcome : null,
    grantExpiresAt: now?.phase === "granted" ? now.expiresAt : null,
    error,
  };
}
