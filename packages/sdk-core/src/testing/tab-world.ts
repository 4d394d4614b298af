import type { Platform, StorageAdapter } from "@fanfare-io/fanfare-contract";
import { createSimulatedClock } from "./simulated-clock.ts";
import type { SimulatedClock } from "./simulated-clock.ts";
import { createSimulatedShelf, createSimulatedSigning } from "./simulated-keys.ts";
import type { SimulatedShelf } from "./simulated-keys.ts";
import { createScriptedService } from "./scripted-service.ts";
import type { ScriptedService } from "./scripted-service.ts";

/** One browser profile: storage and channels that its tabs share. */
export interface TabWorld {
  readonly clock: SimulatedClock;
  readonly service: ScriptedService;
  /** The shared local storage. */
  readonly items: Map<string, string>;
  /** The shared database. */
  readonly shelf: SimulatedShelf;
  /** `isAhead`: its page is rendered ahead of time, and nobody sees it until it is opened. */
  openTab(options?: { readonly isAhead?: boolean }): Tab;
}

/** One tab's platform, and the knobs of its page. */
export interface Tab {
  readonly platform: Platform;
  /** Nothing of the tab runs any more, and it cannot say so: a crash. */
  kill(): void;
  /** Nothing runs until it is thawed; what falls due meanwhile runs then, and messages are lost. */
  freeze(): void;
  thaw(): void;
  show(): void;
  hide(): void;
  wake(): void;
  /** Somebody opens the page that was rendered ahead of time. */
  open(): void;
}

/** What the browser of a profile can do. */
export interface TabWorldOptions {
  /** How long storage operations take, in turn. */
  readonly storageDelaysMs?: readonly number[];
  /** Whether the pages have WebCrypto. @defaultValue false: sessions are unbound. */
  readonly canSign?: boolean;
}

/** A profile with nothing stored. `random` is fixed at one half, so that jitter is its middle. */
export function createTabWorld({ storageDelaysMs = [], canSign = false }: TabWorldOptions = {}): TabWorld {
  const clock = createSimulatedClock();
  const service = createScriptedService(clock);
  const items = new Map<string, string>();
  const channels = new Map<string, Set<{ listeners: Set<(message: unknown) => void> }>>();
  let bytes = 0;
  let operations = 0;
  const reach = async (): Promise<void> => {
    const delayMs = storageDelaysMs[operations++ % storageDelaysMs.length] ?? 0;
    if (delayMs > 0) await new Promise<void>((resolve) => void clock.setTimeout(resolve, delayMs));
  };
  const storage: StorageAdapter = {
    getItem: (key) => reach().then(() => items.get(key) ?? null),
    setItem: (key, value) => reach().then(() => void items.set(key, value)),
    removeItem: (key) => reach().then(() => void items.delete(key)),
  };
  const signing = canSign ? createSimulatedSigning() : null;
  const shelf = createSimulatedShelf(reach);
  const openTab = ({ isAhead = false }: { readonly isAhead?: boolean } = {}): Tab => {
    const wakers = new Set<() => void>();
    const timers = new Set<() => void>();
    let visible = !isAhead;
    let open = (): void => {};
    const opened = isAhead ? new Promise<void>((resolve) => void (open = resolve)) : null;
    let state: "live" | "frozen" | "dead" = "live";
    let held: (() => void)[] = [];
    const run = (task: () => void): void => {
      if (state === "live") task();
      else if (state === "frozen") held.push(task);
    };
    /** What comes from outside reaches the tab only while it runs. */
    const arriving = <T>(answer: Promise<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        answer.then(
          (value) => run(() => resolve(value)),
          (error: unknown) => run(() => reject(error)),
        );
      });
    const wake = (): void => wakers.forEach((waker) => waker());
    const platform: Platform = {
      clock: {
        ...clock,
        setTimeout(callback, delayMs) {
          const cancelTimer = clock.setTimeout(() => {
            timers.delete(cancel);
            run(callback);
          }, delayMs);
          const cancel = (): void => {
            timers.delete(cancel);
            held = held.filter((it) => it !== callback);
            cancelTimer();
          };
          timers.add(cancel);
          return cancel;
        },
      },
      random: () => 0.5,
      randomBytes: (length) => new Uint8Array(length).fill(++bytes),
      fetch: (input, init) => (state === "dead" ? new Promise(() => {}) : arriving(service.fetch(input, init))),
      channel(name) {
        const peers = channels.get(name) ?? new Set();
        channels.set(name, peers);
        const self = { listeners: new Set<(message: unknown) => void>() };
        peers.add(self);
        return {
          post(message) {
            for (const peer of peers) if (peer !== self) for (const listener of peer.listeners) queueMicrotask(() => listener(structuredClone(message)));
          },
          listen(listener) {
            const hear = (message: unknown): void => {
              if (state === "live") listener(message);
            };
            self.listeners.add(hear);
            return () => void self.listeners.delete(hear);
          },
          close: () => void peers.delete(self),
        };
      },
      storage: () => ({
        getItem: (key) => arriving(storage.getItem(key)),
        setItem: (key, value) => (state === "dead" ? new Promise(() => {}) : arriving(storage.setItem(key, value))),
        removeItem: (key) => (state === "dead" ? new Promise(() => {}) : arriving(storage.removeItem(key))),
      }),
      signing: () => signing,
      shelf: () => ({
        read: () => arriving(shelf.read()),
        transact: (decide) => arriving(shelf.transact((kept) => (state === "dead" ? {} : decide(kept)))),
      }),
      visibility: {
        isVisible: () => visible,
        onWake(listener) {
          wakers.add(listener);
          return () => void wakers.delete(listener);
        },
      },
      shown: () => (visible ? null : opened),
    };
    return {
      platform,
      wake,
      kill() {
        state = "dead";
        held = [];
        timers.forEach((cancel) => cancel());
      },
      freeze() {
        if (state === "live") state = "frozen";
      },
      thaw() {
        if (state !== "frozen") return;
        state = "live";
        // Browsers tell the page before anything else of it runs.
        wake();
        const due = held;
        held = [];
        due.forEach((task) => task());
      },
      show() {
        visible = true;
        wake();
      },
      hide() {
        visible = false;
      },
      open() {
        visible = true;
        wake();
        open();
      },
    };
  };
  return { clock, service, items, shelf, openTab };
}
