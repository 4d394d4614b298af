import type { FanfareConfig, FanfareEvents, FanfareSDK } from "@fanfare-io/fanfare-sdk-core";
import { type AuthFacade, createAuthFacade } from "./auth.ts";
import { createJourneyFacades, type JourneyFacade } from "./journeys.ts";
import { createLifecycle, type SdkLifecycle } from "./lifecycle.ts";

/** What a provider hands to the hooks below it. */
export interface Facade {
  /** The SDK as components may use it from their first render on. */
  readonly sdk: FanfareSDK;
  readonly auth: AuthFacade;
  readonly journey: (experienceId: string) => JourneyFacade;
  readonly lifecycle: SdkLifecycle;
}

/**
 * Creates the synchronous face of an SDK that is still being initialized. Nothing happens on creation: no request, no
 * storage, no timer; so it may be made while rendering, on the server too.
 */
export function createFacade(config: FanfareConfig, init: (config: FanfareConfig) => Promise<FanfareSDK>): Facade {
  const { clock, random = Math.random } = config.platform ?? {};
  const defer = (callback: () => void, delayMs: number): (() => void) => {
    if (clock) return clock.setTimeout(callback, delayMs);
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  };
  const lifecycle = createLifecycle({ config, init, defer });
  const { later, connect, destroy } = lifecycle;
  const auth = createAuthFacade(lifecycle);
  const journey = createJourneyFacades({ lifecycle, defer, random });
  const sdk: FanfareSDK = Object.freeze<FanfareSDK>({
    auth: auth.module,
    journeys: Object.freeze({
      get: (experienceId: string) => journey(experienceId).handle,
      resumeAll: () => later(({ journeys }) => journeys.resumeAll()),
    }),
    // Registered at once, whether the SDK is there or not, and moved to the one that a remount makes: an effect on first mount
    // misses nothing, a restored session's event included.
    on: <E extends keyof FanfareEvents>(event: E, handler: (payload: FanfareEvents[E]) => void) => connect((made) => made.on(event, handler)),
    restore: () => later((made) => made.restore()),
    resume: () => later((made) => made.resume()),
    destroy,
  });
  return { sdk, auth, journey, lifecycle };
}
