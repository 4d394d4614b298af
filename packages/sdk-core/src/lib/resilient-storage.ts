import type { Clock } from "./clock.ts";
import { inTime } from "./in-time.ts";
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

/** A storage that does not answer by then counts as refused: the shopper is waiting. */
const deadlineMs = 2_000;

/**
 * Storage that never fails and always answers: a key that cannot be written lives on in memory, and the trouble is reported once. One that does not answer is
 * not asked again.
 *
 * A refused write also tries to remove the older value, so that the next page does not take it for the newest.
 */
export function createResilientStorage(inner: TextStorage, report: Report, clock: Pick<Clock, "setTimeout">): TextStorage {
  const overlay = new Map<string, string | null>();
  let reported = false;
  let isSilent = false;
  const trouble = (error: unknown): void => {
    if (!reported) report(error);
    reported = true;
  };
  /** What it answers, in a box; null where it refuses or is silent. A host's adapter may as well throw at once, or answer at once. */
  const ask = async <T>(act: () => Promise<T>): Promise<{ readonly value: T } | null> => {
    if (isSilent) return null;
    let cause: unknown;
    const asked = async (): Promise<{ readonly value: T } | "refused"> => {
      try {
        return { value: await act() };
      } catch (error) {
        cause = error;
        return "refused";
      }
    };
    const answer = await inTime(clock, deadlineMs, asked());
    if (answer !== null && answer !== "refused") return answer;
    isSilent ||= answer === null;
    trouble(cause ?? new Error("The storage does not answer."));
    return null;
  };
  return Object.freeze<TextStorage>({
    async getItem(key) {
      const kept = overlay.get(key);
      return kept === undefined ? ((await ask(() => inner.getItem(key)))?.value ?? null) : kept;
    },
    async setItem(key, value) {
      if (await ask(() => inner.setItem(key, value))) return void overlay.delete(key);
      overlay.set(key, value);
      // Best effort; the overlay hides the older value from this page.
      await ask(() => inner.removeItem(key));
    },
    async removeItem(key) {
      if (await ask(() => inner.removeItem(key))) overlay.delete(key);
      else overlay.set(key, null);
    },
  });
}
