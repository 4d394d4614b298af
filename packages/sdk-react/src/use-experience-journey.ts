import { useEffect, useSyncExternalStore } from "react";
import type { ExperienceJourney } from "./facade/journeys.ts";
import { useFacade } from "./fanfare-context.ts";

/** Options of `useExperienceJourney`. */
export interface ExperienceJourneyOptions {
  /** Starts the journey on mount. @defaultValue false */
  readonly autoStart?: boolean;
}

/**
 * Follows the journey of one experience. Components that name the same experience share one journey; unmounting them
 * leaves the place in line untouched.
 *
 * The component renders again when the view changes, not at each poll of the line: `view.sequence.display$` is a store
 * of its own, read only by those who show it.
 *
 * Throws `MISSING_PROVIDER` outside a `<FanfareProvider>`.
 */
export function useExperienceJourney(experienceId: string, { autoStart }: ExperienceJourneyOptions = {}): ExperienceJourney {
  const journey = useSyncExternalStore(...useFacade("useExperienceJourney").journey(experienceId).snapshots);
  const { start } = journey;
  useEffect(() => {
    if (autoStart) void start();
  }, [autoStart, start]);
  return journey;
}
