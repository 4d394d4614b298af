import { FanfareError } from "@fanfare-io/fanfare-sdk-core";
import type { FanfareConfig, FanfareErrorShape, FanfareSDK, ReadableStore } from "@fanfare-io/fanfare-sdk-core";
import type { Outside } from "./outside.ts";
import { createValueStore } from "./value-store.ts";

/** Where the SDK behind a provider stands. `failed` does not heal by waiting: a mistake in the configuration, or the host destroyed it. */
export type SdkState =
  | { readonly status: "waiting" }
  | { readonly status: "ready"; readonly sdk: FanfareSDK }
  | { readonly status: "failed"; readonly error: FanfareErrorShape };

/** The life of the SDK behind one provider: made at the first mount, destroyed a task after the last unmount. */
export interface SdkLifecycle {
  readonly state$: ReadableStore<SdkState>;
  /** Resolves with the SDK as soon as there is one; waits for a mount if need be; rejects with the configuration's error. */
  whenReady(): Promise<FanfareSDK>;
  readonly attach: () => void;
  readonly detach: () => void;
  /** For the host that wants an end now: destroys the SDK at once; calls reject `DESTROYED` until the provider is mounted anew. */
  destroy(): void;
}

/** What `createLifecycle` needs from outside. */
export interface LifecycleDeps {
  readonly config: FanfareConfig;
  readonly init: (config: FanfareConfig) => Promise<FanfareSDK>;
  readonly outside: Pick<Outside, "defer">;
  /** Tells the page's error monitoring, without unmounting anything. */
  readonly report: (error: unknown) => void;
}

const waiting: SdkState = Object.freeze({ status: "waiting" });

/**
 * Creates the lifecycle; nothing happens before `attach`.
 *
 * StrictMode, Fast Refresh and moved subtrees detach and attach again within one task. So teardown is deferred a task
 * and cancelled on the next attach: the session, the place in line and every listener survive it.
 */
export function createLifecycle({ config, init, outside, report }: LifecycleDeps): SdkLifecycle {
  const state$ = createValueStore<SdkState>(waiting);
  // Who initializes now. A result that comes back for an older run is destroyed, not used.
  let run: symbol | null = null;
  let cancelTeardown: (() => void) | null = null;

  const start = async (): Promise<void> => {
    const mine = Symbol("initialization");
    run = mine;
    state$.set(waiting);
    try {
      const sdk = await init(config);
      if (run === mine) state$.set({ status: "ready", sdk });
      else sdk.destroy();
    } catch (error) {
      if (run !== mine) return;
      report(error);
      state$.set({ status: "failed", error: error as FanfareErrorShape });
    }
  };

  const end = (next: SdkState): void => {
    cancelTeardown?.();
    cancelTeardown = null;
    run = null;
    const state = state$.get();
    state$.set(next);
    if (state.status === "ready") state.sdk.destroy();
  };

  return Object.freeze({
    state$,
    whenReady: () => settled(state$),
    attach: (): void => {
      cancelTeardown?.();
      cancelTeardown = null;
      if (run === null) void start();
    },
    detach: (): void => {
      // Calls that wait go on waiting: an unmounted component's promise that rejects would only be noise in the console.
      cancelTeardown ??= outside.defer(() => end(waiting), 0);
    },
    destroy: () => end({ status: "failed", error: new FanfareError("DESTROYED", "This SDK was destroyed; mount <FanfareProvider> anew to use it again.") }),
  });
}

function settled(state$: ReadableStore<SdkState>): Promise<FanfareSDK> {
  return new Promise((resolve, reject) => {
    let stop: (() => void) | undefined;
    const settle = (state: SdkState): void => {
      if (state.status === "waiting") return;
      stop?.();
      if (state.status === "ready") resolve(state.sdk);
      else reject(state.error);
    };
    settle(state$.get());
    if (state$.get().status === "waiting") stop = state$.listen(settle);
  });
}
