import type { FanfareSDK, JourneyHandle } from "@fanfare-io/fanfare-sdk-core";
import type { SdkLifecycle } from "./lifecycle.ts";

/** What a journey needs of its facade. */
export interface JourneyDeps {
  readonly lifecycle: SdkLifecycle;
  readonly defer: (callback: () => void, delayMs: number) => () => void;
  readonly random: () => number;
}

/** Starts one journey as soon as there is one; a journey that is on its way already is left alone. Rejects as core does. */
export type Start = (options?: { readonly accessCode?: string }) => Promise<void>;

const firstPauseMs = 1_000;
const longestPauseMs = 30_000;

/**
 * Creates the start of one journey.
 *
 * The obvious effect, `if (view.journeyStage === "ready") start()`, asks again the moment a start has failed and the journey is
 * ready again. With a refusal that comes quickly (an unknown experience, a foreign origin) that is a loop as fast as the
 * network, from every page of a launch. One more try is free, for the person who presses the button; then it slows down.
 */
export function createStart({ lifecycle, defer, random }: JourneyDeps, select: (sdk: FanfareSDK) => JourneyHandle): Start {
  let failures = 0;
  // StrictMode and two components of one journey may ask twice before the first request is out: both get the one start.
  let underway: Promise<void> | undefined;

  const run: Start = async (options) => {
    if (failures > 1) {
      const ceiling = Math.min(longestPauseMs, firstPauseMs * 2 ** (failures - 2));
      await new Promise<void>((resolve) => void defer(resolve, ceiling * random()));
    }
    const view = select(await lifecycle.later((sdk) => sdk)).view$.get();
    if (view.journeyStage !== "ready") return;
    failures++;
    await view.start(options);
    failures = 0;
  };
  return (options) =>
    (underway ??= run(options).finally(() => {
      underway = undefined;
    }));
}
