import type { Display, DrawRecords, FanfareErrorShape, JourneySnapshot, JourneyView, ReadableStore } from "@fanfare-io/fanfare-contract";
import type { Report } from "../lib/report.ts";
import { createStore } from "../lib/store.ts";
import { toFanfareError } from "../transport/fanfare-error.ts";
import { readyState, transition } from "./state.ts";
import type { JourneyInput, JourneyState, Place } from "./state.ts";
import { snapshotOf, viewOf } from "./view.ts";
import type { JourneyActions } from "./view.ts";

/** The state of one journey, and the stores that show it. Nothing changes it but `apply`. */
export interface JourneyModel {
  readonly view$: ReadableStore<JourneyView>;
  readonly snapshot$: ReadableStore<JourneySnapshot>;
  state(): JourneyState;
  apply(input: JourneyInput): void;
  /** The display that views of taking part carry from now on. */
  show(display$: ReadableStore<Display>): void;
  /** Runs one of the shopper's acts: an error of it goes into the snapshot and to the caller, and the next act clears it. */
  attempt<T>(act: () => Promise<T>): Promise<T>;
  /** Nothing changes any more (J25). */
  freeze(): void;
}

/** What a model needs beside its actions. */
export interface ModelOptions {
  readonly actions: JourneyActions;
  readonly report: Report;
  /** What views of this place carry for whoever wants to know more; the same object each time. */
  readonly recordsOf: (place: Place) => DrawRecords | undefined;
  /** Called after each change of the state. */
  readonly onChange: () => void;
}

/** Creates the model of one journey, `ready`. */
export function createModel(experienceId: string, { actions, report, recordsOf, onChange }: ModelOptions): JourneyModel {
  let state: JourneyState = readyState;
  let error: FanfareErrorShape | null = null;
  let display$: ReadableStore<Display> | null = null;
  let frozen = false;
  const draw = (): JourneyView => viewOf(state, actions, { display$, records: state.stage === "routed" && state.place ? recordsOf(state.place) : undefined });
  const view$ = createStore<JourneyView>(draw(), report);
  const snapshot$ = createStore<JourneySnapshot>(snapshotOf(experienceId, state, null), report);
  const setError = (next: FanfareErrorShape | null): void => {
    if (frozen || next === error) return;
    error = next;
    snapshot$.set(snapshotOf(experienceId, state, error));
  };
  return Object.freeze<JourneyModel>({
    view$,
    snapshot$,
    state: () => state,
    apply(input) {
      const next = frozen ? state : transition(state, input);
      if (next === state) return;
      state = next;
      view$.set(draw());
      snapshot$.set(snapshotOf(experienceId, state, error));
      onChange();
    },
    show(next$) {
      display$ = next$;
    },
    async attempt(act) {
      setError(null);
      try {
        return await act();
      } catch (caught) {
        const failure = toFanfareError(caught);
        setError(failure);
        throw failure;
      }
    },
    freeze() {
      frozen = true;
    },
  });
}
