import { atom } from "nanostores";
import type { WritableAtom } from "nanostores";
import type { Report } from "./report.ts";

/**
 * A nanostore whose `set` never throws.
 *
 * A plain atom rethrows what a listener threw out of `set`, so one broken component of the host would break the code
 * that published the value.
 */
export function createStore<T>(initial: T, report: Report): WritableAtom<T> {
  const store = atom(initial) as WritableAtom<T>;
  const set = store.set.bind(store);
  store.set = (value) => {
    try {
      set(value);
    } catch (error) {
      report(error);
    }
  };
  return store;
}
