import { ignore } from "./ignore.ts";
import type { Report } from "./report.ts";
import type { TextStorage } from "./storage.ts";

/** Keeps text as long as the page lives. */
export function createMemoryStorage(): TextStorage {
  const items = new Map<string, string>();
  return Object.freeze<TextStorage>({
    getItem: async (key) => items.get(key) ?? null,
    setItem: async (key, value) => void items.set(key, value),
    removeItem: async (key) => void items.delete(key),
  });
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
        await inner.removeItem(key).catch(() => {
          ignore("best effort; the overlay hides the older value from this page");
        });
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
