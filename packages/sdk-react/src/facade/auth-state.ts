import type { FanfareEvents, FanfareSDK, ReadableStore, Session } from "@fanfare-io/fanfare-sdk-core";
import type { SdkState } from "./lifecycle.ts";
import { createValueStore } from "./value-store.ts";

/** Who this consumer is, as a component draws it. */
export interface AuthState {
  readonly isAuthenticated: boolean;
  readonly isGuest: boolean;
  readonly session: Session | undefined;
}

/** Before the SDK is there, on the server, and after a logout. One object, so that React sees no change in it. */
export const signedOut: AuthState = Object.freeze({ isAuthenticated: false, isGuest: false, session: undefined });

const authEvents = ["auth:authenticated", "auth:refreshed", "auth:logout", "auth:error", "auth:linked"] as const satisfies readonly (keyof FanfareEvents)[];

/** The store of who this consumer is. */
export interface AuthStore extends ReadableStore<AuthState> {
  /** Asks the SDK again. */
  readonly refresh: () => void;
}

/** Creates the store of who this consumer is: it asks the SDK again at each auth event, and changes only when the answer does. */
export function createAuthStore(state$: ReadableStore<SdkState>): AuthStore {
  const auth$ = createValueStore<AuthState>(signedOut);
  let stops: readonly (() => void)[] = [];

  const refresh = (): void => {
    const state = state$.get();
    const next = state.status === "ready" ? authStateOf(state.sdk) : signedOut;
    if (!isSame(auth$.get(), next)) auth$.set(next);
  };

  state$.listen((state) => {
    for (const stop of stops) stop();
    stops = state.status === "ready" ? authEvents.map((event) => state.sdk.on(event, refresh)) : [];
    refresh();
  });
  return Object.freeze<AuthStore>({ get: auth$.get, listen: auth$.listen, subscribe: auth$.subscribe, refresh });
}

function authStateOf(sdk: FanfareSDK): AuthState {
  const { isAuthenticated, isGuest, session } = sdk.auth.check();
  return isAuthenticated ? Object.freeze({ isAuthenticated, isGuest, session }) : signedOut;
}

function isSame(a: AuthState, b: AuthState): boolean {
  return a.isAuthenticated === b.isAuthenticated && a.isGuest === b.isGuest && isSameSession(a.session, b.session);
}

function isSameSession(a: Session | undefined, b: Session | undefined): boolean {
  if (a === b || a === undefined || b === undefined) return a === b;
  const left: Readonly<Record<string, unknown>> = { ...a };
  const right: Readonly<Record<string, unknown>> = { ...b };
  const keys = Object.keys(left);
  return keys.length === Object.keys(right).length && keys.every((key) => Object.is(left[key], right[key]));
}
