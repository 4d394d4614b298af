import type { FanfareSDK, ReadableStore } from "@fanfare-io/fanfare-sdk-core";
import type { SdkState } from "./lifecycle.ts";

/**
 * A store that shows `fallback` until the SDK is there, then whatever store `select` finds in it.
 *
 * It listens to that store only while somebody listens to this one: core may renew a grant token only while its view is
 * read, and a follower that listened for nobody would keep it renewing.
 */
export function followStore<T, F = T>(state$: ReadableStore<SdkState>, select: (sdk: FanfareSDK) => ReadableStore<T>, fallback: F): ReadableStore<T | F> {
  const source = (): ReadableStore<T> | null => {
    const state = state$.get();
    return state.status === "ready" ? select(state.sdk) : null;
  };
  const get = (): T | F => {
    const store = source();
    return store === null ? fallback : store.get();
  };
  const listen = (listener: (value: T | F) => void): (() => void) => {
    let stopSource = source()?.listen(listener);
    const stopState = state$.listen(() => {
      stopSource?.();
      stopSource = source()?.listen(listener);
      listener(get());
    });
    return () => {
      stopState();
      stopSource?.();
    };
  };
  return Object.freeze({
    get,
    listen,
    subscribe: (listener: (value: T | F) => void): (() => void) => {
      const stop = listen(listener);
      listener(get());
      return stop;
    },
  });
}
