import type { DrawConsumerState, FanfareEvents } from "@fanfare-io/fanfare-contract";

/** One event with its payload. */
export type DrawFact = { [E in keyof FanfareEvents]: readonly [event: E, payload: FanfareEvents[E]] }[Extract<keyof FanfareEvents, `draw:${string}`>];

type Status = DrawConsumerState["status"];

/** What the listeners know already: the status that they were last told of, or that an earlier page told; null for nothing. */
export type ToldStatus = Status | null;

/** What a new state means for listeners. */
export interface FactsInput {
  readonly told: ToldStatus;
  readonly state: DrawConsumerState;
  /** Whether the state answers this tab's own `enter`. */
  readonly entering: boolean;
  readonly ids: { readonly drawId: string; readonly experienceId: string };
}

/**
 * The events to tell. Each status is told once; to somebody who was told of nothing (a result looked up on a later page) only
 * a win is news.
 */
export function drawFacts({ told, state, entering, ids }: FactsInput): readonly DrawFact[] {
  const { status } = state;
  const known = told !== null;
  const entered: readonly DrawFact[] = entering && !known && isIn(state) ? [["draw:entered", ids]] : [];
  const stepped: readonly DrawFact[] = (known || entering) && told !== status ? [["draw:status-updated", { ...ids, status }]] : [];
  switch (state.status) {
    case "ENTERED":
      // A draw that was re-scheduled takes its entrants back from settling.
      return known && told !== status ? stepped : entered;
    case "SETTLING":
      return [...entered, ...(known ? stepped : [])];
    case "WON":
      return told === status ? [] : [...entered, ["draw:won", { ...ids, result: { outcome: "won", wonAt: state.wonAt, expiresAt: state.expiresAt } }]];
    case "NOT_SELECTED":
      if (state.reserve !== null) return stepped;
      return known ? [["draw:lost", { ...ids, result: { outcome: "not_selected", drawnAt: state.drawnAt } }]] : [];
    case "EXPIRED":
      return known ? [["draw:expired", ids]] : [];
    case "LEFT":
    case "NOT_ENTERED":
      return known ? [["draw:left", ids]] : [];
    case "DENIED":
    case "CANCELLED":
      return stepped;
    default:
      return [];
  }
}

/** What the listeners know after it: null once this participation is over. */
export function toldAfter(state: DrawConsumerState): ToldStatus {
  return isIn(state) ? state.status : null;
}

function isIn(state: DrawConsumerState): boolean {
  return state.status === "ENTERED" || state.status === "SETTLING" || state.status === "WON" || (state.status === "NOT_SELECTED" && state.reserve !== null);
}
