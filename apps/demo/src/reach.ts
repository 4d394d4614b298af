import type { JourneyView, ReadableStore } from "@fanfare-io/fanfare-sdk-core";

/** Waits for a view that fits, or, when `enough` is aborted, takes the one that is there. */
export function reach(view$: ReadableStore<JourneyView>, fits: (view: JourneyView) => boolean, enough: AbortSignal): Promise<JourneyView> {
  return new Promise((resolve) => {
    const look = (): void => {
      const view = view$.get();
      if (!enough.aborted && !fits(view)) return;
      stop();
      enough.removeEventListener("abort", look);
      resolve(view);
    };
    const stop = view$.listen(look);
    enough.addEventListener("abort", look);
    look();
  });
}
