import type { FanfareErrorShape, JourneySnapshot, JourneyView } from "@fanfare-io/fanfare-sdk-core";
import { useEffect, useMemo, useSyncExternalStore } from "react";
import type { SdkState } from "./facade/lifecycle.ts";
import { useFacade } from "./fanfare-context.ts";

/** Options of `useExperienceJourney`. */
export interface ExperienceJourneyOptions {
  /** Starts the journey on mount. @defaultValue false */
  readonly autoStart?: boolean;
}

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

const nothing = (): undefined => undefined;
const noError = (): null => null;

/**
 * Follows the journey of one experience. Components that name the same experience share one journey; unmounting them
 * leaves the place in line untouched.
 *
 * The component renders again when the view changes, not at each poll of the line: `view.sequence.display$` is a store
 * of its own, read only by those who show it.
 *
 * Throws `MISSING_PROVIDER` outside a `<FanfareProvider>`.
 */
export function useExperienceJourney(experienceId: string, { autoStart = false }: ExperienceJourneyOptions = {}): ExperienceJourney {
  const { journeys, lifecycle } = useFacade("useExperienceJourney");
  const { view$, snapshot$, start } = journeys.get(experienceId);
  const view = useSyncExternalStore(view$.listen, view$.get, nothing);
  const snapshot = useSyncExternalStore(snapshot$.listen, snapshot$.get, nothing);
  const failure = useSyncExternalStore(lifecycle.state$.listen, () => failureOf(lifecycle.state$.get()), noError);

  useEffect(() => {
    if (autoStart) void start();
  }, [autoStart, start]);

  const error = failure ?? snapshot?.error ?? null;
  return useMemo(() => ({ view, snapshot, start, error }), [view, snapshot, start, error]);
}

function failureOf(state: SdkState): FanfareErrorShape | null {
  return state.status === "failed" ? state.error : null;
}
