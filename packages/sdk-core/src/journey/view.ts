import type {
  Display,
  DrawRecords,
  DrawTimes,
  FanfareErrorShape,
  JourneySnapshot,
  JourneyView,
  ReadableStore,
  SequenceView,
} from "@fanfare-io/fanfare-contract";
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
  readonly extend: () => Promise<void>;
}

/** What a view carries of its distribution, beside the state. */
export interface Shown {
  /** Of the participation, where there is one. */
  readonly display$: ReadableStore<Display> | null;
  /** Of the place, where its mechanism has some. */
  readonly records: DrawRecords | undefined;
}

/** Draws the public view of a state (J23). */
export function viewOf(state: JourneyState, actions: JourneyActions, shown: Shown): JourneyView {
  switch (state.stage) {
    case "ready":
      return { journeyStage: "ready", start: actions.start };
    case "routing":
      return { journeyStage: "routing" };
    case "gated":
      return { journeyStage: "gated", gates: state.gates, reroute: actions.reroute, retry: actions.retry };
    case "routed":
      return { journeyStage: "routed", sequence: sequenceOf(state, actions, shown), reroute: actions.reroute, submitAccessCode: actions.submitAccessCode };
  }
}

const noTimes: DrawTimes = Object.freeze({ closeAt: null, drawAt: null });

function sequenceOf({ place, now }: RoutedState, { enter, leave, extend }: JourneyActions, { display$, records }: Shown): SequenceView {
  if (!place || now.phase === "unavailable") return { sequenceId: place?.sequenceId ?? "", name: place?.name ?? "", phase: "unavailable" };
  const { sequenceId, name, mechanism, distributionId } = place;
  const head = { sequenceId, name, mechanism, ...(records && { records }) };
  const timesOf = (times: DrawTimes | undefined): object => (mechanism === "draw" ? (times ?? noTimes) : {});
  const sequence = (): object => {
    switch (now.phase) {
      case "scheduled":
        return { phase: "scheduled", startsAt: now.startsAt, ...timesOf(now.times) };
      case "enterable":
        return { phase: "enterable", ...timesOf(now.times), enter };
      case "participating":
        return { ...now, display$, leave };
      case "settling":
        return { ...now, display$ };
      case "granted":
        return {
          phase: "granted",
          grant: { token: now.token, expiresAt: now.expiresAt, distributionId, ...(now.extension && { extension: now.extension }) },
          ...(now.extension && { extend }),
        };
      default:
        return now;
    }
  };
  // Which member of the union it is hangs on the mechanism, and display and records come from that mechanism's own code.
  return { ...head, ...sequence() } as SequenceView;
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
