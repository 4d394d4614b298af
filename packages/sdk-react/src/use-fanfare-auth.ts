import { useMemo, useSyncExternalStore } from "react";
import type { AuthActions } from "./facade/auth-actions.ts";
import { type AuthState, signedOut } from "./facade/auth-state.ts";
import { useFacade } from "./fanfare-context.ts";

/** Who this consumer is, and the ways to change that. Functions keep their identity across renders. */
export interface FanfareAuth extends AuthState, AuthActions {}

const onServer = (): AuthState => signedOut;

/**
 * Who this consumer is. Nobody in the first render, even where a session is stored: it is restored after mounting.
 * `guest()` may be called right away all the same; it waits for that session and returns it.
 *
 * Throws `MISSING_PROVIDER` outside a `<FanfareProvider>`.
 */
export function useFanfareAuth(): FanfareAuth {
  const { auth$, actions } = useFacade("useFanfareAuth");
  const state = useSyncExternalStore(auth$.listen, auth$.get, onServer);
  return useMemo(() => ({ ...state, ...actions }), [state, actions]);
}
