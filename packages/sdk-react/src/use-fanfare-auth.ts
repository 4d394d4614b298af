import { useSyncExternalStore } from "react";
import type { FanfareAuth } from "./facade/auth.ts";
import { useFacade } from "./fanfare-context.ts";

/**
 * Who this consumer is. Nobody in the first render, even where a session is stored: it is restored after mounting.
 * `guest()` may be called right away all the same; it waits for that session and returns it.
 *
 * Throws `MISSING_PROVIDER` outside a `<FanfareProvider>`.
 */
export function useFanfareAuth(): FanfareAuth {
  return useSyncExternalStore(...useFacade("useFanfareAuth").auth.snapshots);
}
