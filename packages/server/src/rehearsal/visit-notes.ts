import type { FollowedPlace } from "./shared-place.ts";

/** When a shopper entered, pays, goes away and leaves, in milliseconds of the rehearsal, and the highest version that they saw. NaN = not yet. */
export const noted = Object.freeze({ enteredAt: 0, paysAt: 1, absentAt: 2, leavesAt: 3, seenVersion: 4 });

/** What visits remember of every shopper. */
export interface VisitNotes {
  /** `field`: one of `noted`. */
  get(shopper: number, field: number): number;
  set(shopper: number, field: number, value: number): void;
  /** The place from which the shopper follows the shared body; null for those who ask for themselves. */
  place(shopper: number): FollowedPlace | null;
  follow(shopper: number, place: FollowedPlace): void;
  unfollow(shopper: number): void;
}

// Sixteen numbers are two lines of a processor's cache, and the second is needed by those who follow only. Who does something next is
// anybody of a million: what costs is not the numbers but how many places in memory they are read from.
const width = 16;
const follows = 5;
const placeFrom = 8;

/** Makes empty notes for so many shoppers. */
export function createVisitNotes(shoppers: number): VisitNotes {
  const notes = new Float64Array(shoppers * width);
  for (let shopper = 0; shopper < shoppers; shopper++) notes.fill(Number.NaN, shopper * width, shopper * width + noted.seenVersion);
  const at = (index: number): number => notes[index] as number;

  return Object.freeze<VisitNotes>({
    get: (shopper, field) => at(shopper * width + field),
    set(shopper, field, value) {
      notes[shopper * width + field] = value;
    },
    place(shopper) {
      if (at(shopper * width + follows) === 0) return null;
      const from = shopper * width + placeFrom;
      return {
        ticket: at(from),
        position: at(from + 1),
        version: at(from + 2),
        toldAt: at(from + 3),
        follow: { blockSize: at(from + 4), departedInBlock: at(from + 5), aheadAtEntry: at(from + 6), statusAfterSeconds: at(from + 7) },
      };
    },
    follow(shopper, { ticket, position, version, toldAt, follow }) {
      const from = shopper * width + placeFrom;
      notes[shopper * width + follows] = 1;
      notes[from] = ticket;
      notes[from + 1] = position;
      notes[from + 2] = version;
      notes[from + 3] = toldAt;
      notes[from + 4] = follow.blockSize;
      notes[from + 5] = follow.departedInBlock;
      notes[from + 6] = follow.aheadAtEntry;
      notes[from + 7] = follow.statusAfterSeconds;
    },
    unfollow(shopper) {
      notes[shopper * width + follows] = 0;
    },
  });
}
