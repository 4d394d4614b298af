import type { FanfareConfig, FanfareSDK } from "@fanfare-io/fanfare-sdk-core";
import { type AuthActions, createAuthActions, createAuthModule, type Later } from "./auth-actions.ts";
import { type AuthStore, createAuthStore } from "./auth-state.ts";
import { createEventRelay } from "./event-relay.ts";
import { createJourneyBindings, type JourneyBindings } from "./journeys.ts";
import { createLifecycle, type SdkLifecycle } from "./lifecycle.ts";
import { createOutside } from "./outside.ts";

/** What a provider hands to the hooks below it. */
export interface Facade {
  /** The SDK as components may use it from their first render on. */
  readonly sdk: FanfareSDK;
  readonly actions: AuthActions;
  readonly auth$: AuthStore;
  readonly journeys: JourneyBindings;
  readonly lifecycle: SdkLifecycle;
}

/**
 * Creates the synchronous face of an SDK that is still being initialized. Nothing happens on creation: no request, no
 * storage, no timer; so it may be made while rendering, on the server too.
 *
 * The order below is load-bearing: who the consumer is gets updated before the host's listeners hear of it.
 */
export function createFacade(config: FanfareConfig, init: (config: FanfareConfig) => Promise<FanfareSDK>): Facade {
  const outside = createOutside(config);
  const lifecycle = createLifecycle({ config, init, outside, report });
  const auth$ = createAuthStore(lifecycle.state$);
  const on = createEventRelay(lifecycle.state$);
  const journeys = createJourneyBindings(lifecycle, outside);

  const later: Later = async (call) => {
    const ready = await lifecycle.whenReady();
    // Core holds its events back for a task after initialization. Whoever awaited `guest()` must not draw nobody until then.
    return call(ready).finally(auth$.refresh);
  };
  const actions = createAuthActions(lifecycle, later);
  const sdk: FanfareSDK = Object.freeze({
    auth: createAuthModule(lifecycle, actions, later),
    journeys: Object.freeze({
      get: (experienceId: string) => journeys.get(experienceId).handle,
      resumeAll: () => later((ready) => ready.journeys.resumeAll()),
    }),
    on,
    restore: () => later((ready) => ready.restore()),
    resume: () => later((ready) => ready.resume()),
    destroy: () => lifecycle.destroy(),
  });
  return Object.freeze({ sdk, actions, auth$, journeys, lifecycle });
}

/** A mistake in the configuration reaches the console and the shop's monitoring even if nobody awaits a call. */
function report(error: unknown): void {
  if (typeof globalThis.reportError === "function") globalThis.reportError(error);
}
