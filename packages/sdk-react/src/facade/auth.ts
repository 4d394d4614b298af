import type { AuthModule, FanfareEvents, FanfareSDK, GuestSession, Session } from "@fanfare-io/fanfare-sdk-core";
import type { SdkLifecycle } from "./lifecycle.ts";
import type { Snapshots } from "./snapshots.ts";

/** Who this consumer is, and the ways to change that. Functions keep their identity across renders. */
export interface FanfareAuth {
  readonly isAuthenticated: boolean;
  readonly isGuest: boolean;
  readonly session: Session | undefined;
  readonly guest: AuthModule["guest"];
  readonly requestOtp: AuthModule["requestOtp"];
  readonly verifyOtp: AuthModule["verifyOtp"];
  readonly beginExternal: AuthModule["beginExternal"];
  readonly exchangeExternal: AuthModule["exchangeExternal"];
  readonly logout: AuthModule["logout"];
}

/** The session's part of a facade. */
export interface AuthFacade {
  readonly module: AuthModule;
  readonly snapshots: Snapshots<FanfareAuth>;
}

const authEvents = ["auth:authenticated", "auth:refreshed", "auth:logout", "auth:error", "auth:linked"] as const satisfies readonly (keyof FanfareEvents)[];
const signedOut = { isAuthenticated: false, isGuest: false };

type Asynchronous = "requestOtp" | "verifyOtp" | "beginExternal" | "exchangeExternal" | "logout" | "refresh";

/** Creates the session's part: who the consumer is, asked of the SDK anew at each auth event, and actions that wait for initialization. */
export function createAuthFacade({ sdk, later, connect }: SdkLifecycle): AuthFacade {
  const listeners = new Set<() => void>();
  const tell = (): void => listeners.forEach((listener) => listener());
  for (const event of authEvents) connect((made) => made.on(event, tell), tell);

  // Core holds its events back for a task after initialization. Whoever awaited `guest()` must not draw nobody until then.
  const act = <T>(call: (ready: FanfareSDK) => T | Promise<T>): Promise<T> => later(call).finally(tell);
  const action = <K extends Asynchronous>(name: K): AuthModule[K] =>
    ((argument: never) => act(({ auth }) => (auth[name] as (argument: never) => Promise<unknown>)(argument))) as AuthModule[K];
  const actions = {
    guest: (): Promise<GuestSession> => {
      const isEarly = !sdk();
      return act(({ auth }) => {
        // Whoever asks before the session is restored cannot know that this shopper signed in on an earlier visit.
        // Core would refuse with ALREADY_IDENTIFIED; here they get that session, whatever its type.
        const restored = auth.getSession();
        return isEarly && restored?.type === "authenticated" ? (restored as unknown as GuestSession) : auth.guest();
      });
    },
    requestOtp: action("requestOtp"),
    verifyOtp: action("verifyOtp"),
    beginExternal: action("beginExternal"),
    exchangeExternal: action("exchangeExternal"),
    logout: action("logout"),
  };

  const check: AuthModule["check"] = () => sdk()?.auth.check() ?? signedOut;
  const atFirst: FanfareAuth = { session: undefined, ...signedOut, ...actions };
  let now = atFirst;
  return {
    module: Object.freeze<AuthModule>({ ...actions, check, getSession: () => check().session ?? null, refresh: action("refresh") }),
    snapshots: [
      (listener) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
      () => {
        const state = check();
        // The SDK hands out the same object until the session has changed; a new one for the same would be a render for nothing.
        if (state.session !== now.session) now = { ...atFirst, ...state };
        return now;
      },
      () => atFirst,
    ],
  };
}
