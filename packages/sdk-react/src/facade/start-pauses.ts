import type { Outside } from "./outside.ts";

/** Pauses between starts that fail, one after another. */
export interface StartPauses {
  /** Resolves when the next start may go out: at once, unless starts have failed twice running. */
  wait(): Promise<void>;
  succeeded(): void;
  failed(): void;
}

const firstPauseMs = 1_000;
const longestPauseMs = 30_000;

/**
 * Creates the pauses of one journey.
 *
 * The obvious effect, `if (view.journeyStage === "ready") start()`, asks again the moment a start has failed and the journey is
 * ready again. With a refusal that comes quickly (an unknown experience, a foreign origin) that is a loop as fast as the
 * network, from every page of a launch. One more try is free, for the person who presses the button; then it slows down.
 */
export function createStartPauses({ defer, random }: Outside): StartPauses {
  let failures = 0;
  return Object.freeze<StartPauses>({
    wait: async () => {
      if (failures < 2) return;
      const ceiling = Math.min(longestPauseMs, firstPauseMs * 2 ** (failures - 2));
      await new Promise<void>((resolve) => void defer(resolve, ceiling * (0.5 + random() / 2)));
    },
    succeeded: () => {
      failures = 0;
    },
    failed: () => {
      failures += 1;
    },
  });
}
