import { ignore } from "./ignore.ts";
import type { Report } from "./report.ts";

/** Text by key, asynchronous, so that anything fits. */
export interface TextStorage {
  getItem(key: string): Promise<string | null>;
  setItem(key: string, value: string): Promise<void>;
  removeItem(key: string): Promise<void>;
}

/** Keeps text as long as the page lives. */
export function createMemoryStorage(): TextStorage {
  const items = new Map<string, string>();
  return Object.freeze<TextStorage>({
    getItem: async (key) => items.get(key) ?? null,
    setItem: async (key, value) => void items.set(key, value),
    removeItem: async (key) => void items.delete(key),
  });
}

/** The browser's storage behind the asynchronous interface; null where there is none or where asking for it is refused. */
export function openWebStorage(area: "local" | "session"): TextStorage | null {
  try {
    const web = area === "local" ? globalThis.localStorage : globalThis.sessionStorage;
    if (!web) return null;
    return Object.freeze<TextStorage>({
      getItem: async (key) => web.getItem(key),
      setItem: async (key, value) => web.setItem(key, value),
      removeItem: async (key) => web.removeItem(key),
    });
  } catch {
    ignore("blocked storage throws on access; the caller goes on in memory");
    return null;
  }
}

/**
 * Storage that never fails: a key that cannot be written lives on in memory, and the trouble is reported once.
 *
 * A refused write also tries to remove the older value, so that the next page does not take it for the newest.
 */
export function createResilientStorage(inner: TextStorage, report: Report): TextStorage {
  const overlay = new Map<string, string | null>();
  let reported = false;
  const trouble = (error: unknown): void => {
    if (!reported) report(error);
    reported = true;
  };
  return Object.freeze<TextStorage>({
    async getItem(key) {
      const kept = overlay.get(key);
      if (kept !== undefined) return kept;
      try {
        return await inner.getItem(key);
      } catch (error) {
        trouble(error);
        return null;
      }
    },
    async setItem(key, value) {
      try {
        await inner.setItem(key, value);
        overlay.delete(key);
      } catch (error) {
        overlay.set(key, value);
        await inner.removeItem(key).catch(() => ignore("best effort; the overlay hides the older value from this page"));
        trouble(error);
      }
    },
    async removeItem(key) {
      try {
        await inner.removeItem(key);
        overlay.delete(key);
      } catch (error) {
        overlay.set(key, null);
        trouble(error);
      }
    },
  });
}
