import type { FanfareSDK, JourneyHandle, JourneySnapshot, JourneyView, ReadableStore } from "@fanfare-io/fanfare-sdk-core";
import { followStore } from "./follow-store.ts";
import type { SdkLifecycle } from "./lifecycle.ts";
import type { Outside } from "./outside.ts";
import { createStartPauses, type StartPauses } from "./start-pauses.ts";

type StartOptions = { readonly accessCode?: string };

/** One experience's journey, as the hook reads it; the same object for the same id. */
export interface JourneyBinding {
  /** Undefined until the SDK is there. */
  readonly view$: ReadableStore<JourneyView | undefined>;
  readonly snapshot$: ReadableStore<JourneySnapshot | undefined>;
  /** Starts the journey as soon as there is one; a journey that is on its way already is left alone. Failures are told by the snapshot. */
  readonly start: (options?: StartOptions) => Promise<void>;
  /** For `useFanfare().journeys.get`: a handle that stands ready before the SDK does. */
  readonly handle: JourneyHandle;
}

/** The journeys of one facade. */
export interface JourneyBindings {
  get(experienceId: string): JourneyBinding;
}

/** Creates the journeys of one facade: bindings by experience id, made when first asked for. */
export function createJourneyBindings(lifecycle: SdkLifecycle, outside: Outside): JourneyBindings {
  const bindings = new Map<string, JourneyBinding>();
  return Object.freeze({
    get: (experienceId: string): JourneyBinding => {
      const known = bindings.get(experienceId);
      if (known !== undefined) return known;
      const binding = createBinding(lifecycle, outside, experienceId);
      bindings.set(experienceId, binding);
      return binding;
    },
  });
}

function createBinding(lifecycle: SdkLifecycle, outside: Outside, experienceId: string): JourneyBinding {
  const { state$ } = lifecycle;
  const select = (sdk: FanfareSDK): JourneyHandle => sdk.journeys.get(experienceId);
  const startWhenReady = createStart(lifecycle, select, createStartPauses(outside));
  const readyView: JourneyView = Object.freeze({ journeyStage: "ready", start: startWhenReady });

  return Object.freeze({
    view$: followStore(state$, (sdk) => select(sdk).view$, undefined),
    snapshot$: followStore(state$, (sdk) => select(sdk).snapshot$, undefined),
    start: (options?: StartOptions) => startWhenReady(options).catch(() => undefined),
    handle: Object.freeze<JourneyHandle>({
      experienceId,
      view$: followStore<JourneyView>(state$, (sdk) => select(sdk).view$, readyView),
      snapshot$: followStore<JourneySnapshot>(state$, (sdk) => select(sdk).snapshot$, notStarted(experienceId)),
      events$: followStore(state$, (sdk) => select(sdk).events$, noEvents),
      latestEvent$: followStore(state$, (sdk) => select(sdk).latestEvent$, null),
      ackEvent: (id) => {
        const state = state$.get();
        if (state.status === "ready") select(state.sdk).ackEvent(id);
      },
    }),
  });
}

const noEvents: readonly never[] = Object.freeze([]);

function notStarted(experienceId: string): JourneySnapshot {
  return Object.freeze({
    experienceId,
    journeyStage: "ready",
    gates: Object.freeze([]),
    sequenceId: null,
    sequencePhase: null,
    mechanism: null,
    distributionId: null,
    outcome: null,
    grantExpiresAt: null,
    error: null,
  });
}

type Start = (options?: StartOptions) => Promise<void>;

function createStart(lifecycle: SdkLifecycle, select: (sdk: FanfareSDK) => JourneyHandle, pauses: StartPauses): Start {
  // StrictMode and two components of one journey may ask twice before the first request is out: both get the one start.
  let underway: Promise<void> | null = null;

  const run: Start = async (options) => {
    await pauses.wait();
    const view = select(await lifecycle.whenReady()).view$.get();
    if (view.journeyStage !== "ready") return;
    try {
      await view.start(options);
      pauses.succeeded();
    } catch (error) {
      pauses.failed();
      throw error;
    }
  };
  return (options) => {
    underway ??= run(options).finally(() => {
      underway = null;
    });
    return underway;
  };
}
