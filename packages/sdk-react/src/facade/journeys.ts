import { unstartedJourney } from "@fanfare-io/fanfare-sdk-core";
import type { FanfareErrorShape, FanfareSDK, JourneyHandle, JourneySnapshot, JourneyView, ReadableStore } from "@fanfare-io/fanfare-sdk-core";
import type { SdkLifecycle } from "./lifecycle.ts";
import type { Snapshots } from "./snapshots.ts";
import { createStart, type JourneyDeps, type Start } from "./start.ts";

/** One consumer's way through one experience, as a component draws it. */
export interface ExperienceJourney {
  /** What to draw, with the actions that are legal now. Undefined until the SDK is ready. */
  readonly view: JourneyView | undefined;
  /** The same as plain data, without actions. */
  readonly snapshot: JourneySnapshot | undefined;
  /**
   * Starts the journey; callable at any time: waits for the SDK, and leaves a journey alone that is on its way already.
   * It never rejects: what went wrong is in `error`. The same function across renders.
   */
  readonly start: (options?: { readonly accessCode?: string }) => Promise<void>;
  /** What stops the journey now, or a mistake in the provider's configuration. */
  readonly error: FanfareErrorShape | null;
}

/** One experience's journey in a facade; the same object for the same id. */
export interface JourneyFacade {
  readonly snapshots: Snapshots<ExperienceJourney>;
  /** For `useFanfare().journeys.get`: a handle that stands ready before the SDK does. */
  readonly handle: JourneyHandle;
}

/** Creates the journeys of one facade: looked up by experience id, made when first asked for. */
export function createJourneyFacades(deps: JourneyDeps): (experienceId: string) => JourneyFacade {
  const known = new Map<string, JourneyFacade>();
  return (experienceId) => {
    const journey = known.get(experienceId) ?? createJourneyFacade(deps, experienceId);
    known.set(experienceId, journey);
    return journey;
  };
}

function createJourneyFacade(deps: JourneyDeps, experienceId: string): JourneyFacade {
  const { sdk, failure } = deps.lifecycle;
  const select = (ready: FanfareSDK): JourneyHandle => ready.journeys.get(experienceId);
  const start = createStart(deps, select);
  const handle = createHandle(deps.lifecycle, experienceId, select, start);
  const { view$, snapshot$ } = handle;

  const atFirst: ExperienceJourney = {
    view: undefined,
    snapshot: undefined,
    start: (options) => start(options).catch(() => undefined),
    error: null,
  };
  let now = atFirst;

  return {
    handle,
    snapshots: [
      (listener) => {
        const stops = [view$.listen(listener), snapshot$.listen(listener)];
        return () => stops.forEach((stop) => stop());
      },
      () => {
        const isReady = sdk();
        const view = isReady && view$.get();
        const snapshot = isReady && snapshot$.get();
        const error = failure() ?? snapshot?.error ?? null;
        if (view !== now.view || snapshot !== now.snapshot || error !== now.error) now = { ...now, view, snapshot, error };
        return now;
      },
      () => atFirst,
    ],
  };
}

type StoreName = Exclude<keyof JourneyHandle, "experienceId" | "ackEvent">;
type Stored<N extends StoreName> = ReturnType<JourneyHandle[N]["get"]>;

/** Its stores listen to core's only while somebody listens to them: core may renew a grant token only while its view is read. */
function createHandle({ sdk, connect }: SdkLifecycle, experienceId: string, select: (ready: FanfareSDK) => JourneyHandle, start: Start): JourneyHandle {
  const follow = <N extends StoreName>(name: N, before: Stored<N>): ReadableStore<Stored<N>> => {
    const storeOf = (ready: FanfareSDK): ReadableStore<Stored<N>> => select(ready)[name] as unknown as ReadableStore<Stored<N>>;
    const get = (): Stored<N> => {
      const ready = sdk();
      return ready ? storeOf(ready).get() : before;
    };
    const listen: ReadableStore<Stored<N>>["listen"] = (listener) =>
      connect(
        (ready) => storeOf(ready).listen(listener),
        () => listener(get()),
      );
    return Object.freeze({
      get,
      listen,
      subscribe: (listener: (value: Stored<N>) => void) => {
        const stop = listen(listener);
        listener(get());
        return stop;
      },
    });
  };
  return Object.freeze<JourneyHandle>({
    experienceId,
    view$: follow("view$", { journeyStage: "ready", start }),
    snapshot$: follow("snapshot$", unstartedJourney(experienceId)),
    events$: follow("events$", []),
    latestEvent$: follow("latestEvent$", null),
    ackEvent: (id) => sdk()?.journeys.get(experienceId).ackEvent(id),
  });
}
