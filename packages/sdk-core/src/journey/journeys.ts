import type { ActiveExperiences, JourneyHandle } from "@fanfare-io/fanfare-contract";
import type { JourneyContext } from "./journey-context.ts";
import { createRunner } from "./runner.ts";
import type { Runner } from "./runner.ts";

/** All journeys of one client. */
export interface Journeys {
  /** The same id always gets the same handle. */
  get(experienceId: string): JourneyHandle;
  /** Goes on with everything that is remembered; resolves when the service has answered for each, or could not. */
  resumeAll(): Promise<void>;
  /** Follows what another tab has joined, in the journeys that this page looks at. */
  adopt(follows: (group: keyof ActiveExperiences) => boolean): void;
  sessionEnded(): void;
  sessionBegan(): void;
  /** The guest of this tab is known by now. */
  sessionSucceeded(): void;
  wake(): void;
  destroy(): void;
}

/** Creates the journeys of one client; none is begun. */
export function createJourneys(context: JourneyContext): Journeys {
  const runners = new Map<string, Runner>();
  const runnerOf = (experienceId: string): Runner => {
    const runner = runners.get(experienceId) ?? createRunner(experienceId, context);
    runners.set(experienceId, runner);
    return runner;
  };
  const each = (act: (runner: Runner) => void): void => runners.forEach(act);

  return Object.freeze<Journeys>({
    get: (experienceId) => runnerOf(experienceId).handle,
    async resumeAll() {
      await Promise.all(context.participations.list().map((record) => runnerOf(record.experienceId).resume(record)));
    },
    adopt(follows) {
      for (const record of context.participations.list()) {
        const group = context.mechanisms.groupOf(record.mechanism);
        if (group && follows(group)) void runners.get(record.experienceId)?.resume(record).catch(context.report);
      }
    },
    sessionEnded: () => each((runner) => runner.sessionEnded()),
    sessionBegan: () => each((runner) => runner.sessionBegan()),
    sessionSucceeded: () => each((runner) => runner.sessionSucceeded()),
    wake: () => each((runner) => runner.wake()),
    destroy: () => each((runner) => runner.destroy()),
  });
}
