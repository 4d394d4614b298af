import type { Clock } from "./clock.ts";
import { inTime } from "./in-time.ts";
import { createLazy } from "./lazy.ts";
import type { Kept, Shelf } from "./shelf.ts";

/** A shelf that answers, whatever becomes of the one below it. */
export interface SureShelf extends Shelf {
  /** Whether the first choice still stands. */
  isFirst(): boolean;
}

/** A database that does not answer by then counts as refused: the shopper is waiting. */
const deadlineMs = 2_000;

/** Goes by the first shelf until that refuses or does not answer in time, from then on by the second. */
export function createSureShelf(first: Shelf | null, second: () => Promise<Shelf>, clock: Pick<Clock, "setTimeout">): SureShelf {
  let standing = first;
  const spare = createLazy(second);

  const ask = async (act: (shelf: Shelf, isLate: () => boolean) => Promise<Kept>): Promise<Kept> => {
    const shelf = standing;
    if (shelf) {
      let late = false;
      const kept = await inTime(
        clock,
        deadlineMs,
        act(shelf, () => late),
      );
      late = true;
      if (kept) return kept;
      standing = null;
    }
    return act(await spare.load(), () => false);
  };
  return Object.freeze<SureShelf>({
    read: () => ask((shelf) => shelf.read()),
    // A transaction that gets its turn after it was given up must not write what has been decided anew elsewhere.
    transact: (decide) => ask((shelf, isLate) => shelf.transact((kept) => (isLate() ? {} : decide(kept)))),
    isFirst: () => standing !== null,
  });
}
