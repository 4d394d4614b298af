import type { FanfareEvents, FanfareSDK, ReadableStore } from "@fanfare-io/fanfare-sdk-core";
import type { SdkState } from "./lifecycle.ts";

type Attach = (sdk: FanfareSDK) => () => void;

/**
 * Creates the `on` of the facade: a listener is registered at once, whether the SDK is there or not, and stays registered
 * when a remount makes a new one. So an effect on first mount misses nothing, a restored session's event included.
 */
export function createEventRelay(state$: ReadableStore<SdkState>): FanfareSDK["on"] {
  const attached = new Map<Attach, (() => void) | undefined>();

  state$.listen((state) => {
    for (const [attach, detach] of attached) {
      detach?.();
      attached.set(attach, state.status === "ready" ? attach(state.sdk) : undefined);
    }
  });

  return <E extends keyof FanfareEvents>(event: E, handler: (payload: FanfareEvents[E]) => void): (() => void) => {
    const attach: Attach = (sdk) => sdk.on(event, handler);
    const state = state$.get();
    attached.set(attach, state.status === "ready" ? attach(state.sdk) : undefined);
    return () => {
      attached.get(attach)?.();
      attached.delete(attach);
    };
  };
}
