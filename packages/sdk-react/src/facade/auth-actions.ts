import type { AuthModule, FanfareSDK, GuestSession } from "@fanfare-io/fanfare-sdk-core";
import type { SdkLifecycle } from "./lifecycle.ts";

/** The ways to change who this consumer is. Plain functions, so that components may take them apart. */
export interface AuthActions {
  readonly guest: AuthModule["guest"];
  readonly requestOtp: AuthModule["requestOtp"];
  readonly verifyOtp: AuthModule["verifyOtp"];
  readonly exchangeExternal: AuthModule["exchangeExternal"];
  readonly logout: AuthModule["logout"];
}

/** Calls once the SDK is ready. */
export type Later = <T>(call: (sdk: FanfareSDK) => Promise<T>) => Promise<T>;

/** Creates the actions of the facade: each waits for initialization, the restored session included. */
export function createAuthActions({ state$ }: SdkLifecycle, later: Later): AuthActions {
  return Object.freeze<AuthActions>({
    guest: () => {
      const isEarly = state$.get().status !== "ready";
      return later((sdk) => {
        // Whoever asks before the session is restored cannot know that this shopper signed in on an earlier visit.
        // Core would refuse with ALREADY_IDENTIFIED; here they get that session, whatever its type.
        const restored = isEarly ? sdk.auth.getSession() : null;
        return restored?.type === "authenticated" ? Promise.resolve(restored as unknown as GuestSession) : sdk.auth.guest();
      });
    },
    requestOtp: (to) => later((sdk) => sdk.auth.requestOtp(to)),
    verifyOtp: (answer) => later((sdk) => sdk.auth.verifyOtp(answer)),
    exchangeExternal: (options) => later((sdk) => sdk.auth.exchangeExternal(options)),
    logout: () => later((sdk) => sdk.auth.logout()),
  });
}

/** Creates the facade's auth module: the actions, and what can be told without waiting. Nobody is signed in before initialization. */
export function createAuthModule({ state$ }: SdkLifecycle, actions: AuthActions, later: Later): AuthModule {
  const ready = (): FanfareSDK | null => {
    const state = state$.get();
    return state.status === "ready" ? state.sdk : null;
  };
  return Object.freeze<AuthModule>({
    ...actions,
    check: () => ready()?.auth.check() ?? { isAuthenticated: false, isGuest: false },
    getSession: () => ready()?.auth.getSession() ?? null,
    refresh: () => later((sdk) => sdk.auth.refresh()),
  });
}
