import { FanfareError } from "@fanfare-io/fanfare-sdk-core";
import type { FanfareConfig, FanfareErrorShape, FanfareSDK } from "@fanfare-io/fanfare-sdk-core";

/** Begins to listen to something in an SDK; returns the way to stop. */
export type Attach = (sdk: FanfareSDK) => () => void;

/** The life of the SDK behind one provider: made at the first mount, destroyed a task after the last unmount. */
export interface SdkLifecycle {
  /** The SDK, while there is one. */
  readonly sdk: () => FanfareSDK | undefined;
  /** Why there is none and waiting does not help: a mistake in the configuration, or the host destroyed it. */
  readonly failure: () => FanfareErrorShape | null;
  /** Calls with the SDK as soon as there is one; waits for a mount if need be; rejects with what failed. */
  readonly later: <T>(call: (sdk: FanfareSDK) => T | Promise<T>) => Promise<T>;
  /** Listens to the SDK of now and to each that is made after it. `onChange` hears when the SDK came, went or failed. */
  readonly connect: (attach: Attach, onChange?: () => void) => () => void;
  /** The provider is on the page; returns what takes it off again. */
  readonly mount: () => () => void;
  /** For the host that wants an end now: destroys the SDK at once; calls reject `DESTROYED` until the provider is mounted anew. */
  readonly destroy: () => void;
}

/** What `createLifecycle` needs from outside. */
export interface LifecycleDeps {
  readonly config: FanfareConfig;
  readonly init: (config: FanfareConfig) => Promise<FanfareSDK>;
  /** Runs the callback in a later task; returns the way to cancel. */
  readonly defer: (callback: () => void, delayMs: number) => () => void;
}

/** Moves a listener to the SDK of now; returns whom to tell of it. */
type Move = () => (() => void) | undefined;

/**
 * Creates the lifecycle; nothing happens before `mount`.
 *
 * StrictMode, Fast Refresh and moved subtrees unmount and mount again within one task. So teardown is deferred a task
 * and cancelled on the next mount: the session, the place in line and every listener survive it.
 */
export function createLifecycle({ config, init, defer }: LifecycleDeps): SdkLifecycle {
  let sdk: FanfareSDK | undefined;
  let failure: FanfareErrorShape | null = null;
  // Who initializes now. A result that comes back for an older run is destroyed, not used.
  let run: object | undefined;
  let cancelTeardown: (() => void) | undefined;
  const waiting: (() => void)[] = [];
  const moves = new Set<Move>();

  const become = (next?: FanfareSDK, error: unknown = null): void => {
    sdk = next;
    failure = error as FanfareErrorShape | null;
    // All listen before any is told: what a listener does, or throws, finds the others in their places.
    const tells = [...moves].map((move) => move());
    for (const tell of [...waiting.splice(0), ...tells]) tell?.();
  };

  const start = async (): Promise<void> => {
    const mine = (run = {});
    become();
    try {
      const made = await init(config);
      if (run === mine) become(made);
      else made.destroy();
    } catch (error) {
      if (run !== mine) return;
      // A mistake in the configuration reaches the console and the shop's monitoring even if nobody awaits a call.
      (globalThis as { reportError?: (error: unknown) => void }).reportError?.(error);
      become(undefined, error);
    }
  };

  const end = (error?: unknown): void => {
    cancelTeardown?.();
    run = undefined;
    const last = sdk;
    become(undefined, error);
    last?.destroy();
  };

  return {
    sdk: () => sdk,
    failure: () => failure,
    later: async (call) => {
      // Calls wait on over an unmount: an unmounted component's promise that rejects would only be noise in the console.
      while (!sdk) {
        if (failure) throw failure;
        await new Promise<void>((wake) => waiting.push(wake));
      }
      return call(sdk);
    },
    connect: (attach, onChange) => {
      let stop: (() => void) | undefined;
      const move: Move = () => {
        stop?.();
        stop = sdk && attach(sdk);
        return onChange;
      };
      move();
      moves.add(move);
      return () => {
        moves.delete(move);
        stop?.();
      };
    },
    mount: () => {
      cancelTeardown?.();
      if (!run) void start();
      return () => {
        cancelTeardown = defer(end, 0);
      };
    },
    destroy: () => end(new FanfareError("DESTROYED", "Mount <FanfareProvider> anew.")),
  };
}
