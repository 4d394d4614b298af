import { useCallback, useEffect, useState, useSyncExternalStore } from "react";
import type { ReadableStore } from "@fanfare-io/fanfare-sdk-react";
import { useShop } from "./shop-context.tsx";

/** The value of a store, followed. */
export function useReadable<T>(store: ReadableStore<T>): T {
  const listen = useCallback((listener: () => void) => store.listen(listener), [store]);
  const get = useCallback(() => store.get(), [store]);
  return useSyncExternalStore(listen, get);
}

/** The shop's time, looked at again every so many milliseconds. */
export function useNow(everyMs = 1_000): number {
  const { clock } = useShop();
  const [now, setNow] = useState(clock.now);
  useEffect(() => clock.every(everyMs, () => setNow(clock.now())), [clock, everyMs]);
  return now;
}

/** Sets the tab's title while mounted. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title;
  }, [title]);
}

const awayMs = 60_000;
const welcomeMs = 30_000;

/** Whether somebody has just come back after having been away for a minute or longer. `seenAt`: when these facts were looked at last. */
export function useReturn(seenAt: number): boolean {
  const { clock } = useShop();
  const [backAt, setBackAt] = useState(() => (Date.now() - seenAt > awayMs ? clock.now() : null));
  const now = useNow(5_000);
  useEffect(() => {
    let hiddenAt: number | null = null;
    const look = (): void => {
      if (document.visibilityState === "hidden") hiddenAt ??= clock.now();
      else {
        if (hiddenAt !== null && clock.now() - hiddenAt >= awayMs) setBackAt(clock.now());
        hiddenAt = null;
      }
    };
    look();
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, [clock]);
  return backAt !== null && now - backAt < welcomeMs;
}

/** Whether the device believes that it is online. */
export function useOnline(): boolean {
  return useSyncExternalStore(listenToNetwork, () => navigator.onLine);
}

function listenToNetwork(listener: () => void): () => void {
  addEventListener("online", listener);
  addEventListener("offline", listener);
  return () => {
    removeEventListener("online", listener);
    removeEventListener("offline", listener);
  };
}
