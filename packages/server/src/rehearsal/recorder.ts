import { createSeries } from "./series.ts";
import type { Series } from "./series.ts";
import type { SeededRandom } from "./random.ts";

/** How a shopper's visit ended; 0 = it has not. */
export const outcomes = ["open", "completed", "expired", "left", "denied", "failed"] as const;
export type Outcome = (typeof outcomes)[number];

/** An answer to someone in line. Instants in milliseconds of the rehearsal. */
export interface WaitingAnswer {
  readonly position: number | null;
  readonly estimate: { readonly low: number; readonly high: number; readonly reason?: string } | null;
}

/** What was seen of every shopper, by their number. NaN = never. */
export interface Seen {
  readonly enteredAt: Float64Array;
  readonly askedAt: Float64Array;
  readonly ticket: Float64Array;
  /** When the service let them in. */
  readonly admittedAt: Float64Array;
  /** When their page learned of it. */
  readonly toldAt: Float64Array;
  /** When they were out of the shop again for certain, or about to be. */
  readonly leavingAt: Float64Array;
  readonly outcome: Uint8Array;
  /** One of the estimates that they were told, each as likely: when, and the range in seconds. */
  readonly estimateAt: Float64Array;
  readonly estimateLow: Float64Array;
  readonly estimateHigh: Float64Array;
}

/** A rehearsal as it was seen: what reports and verdicts are made from. */
export interface Recording {
  readonly seen: Seen;
  readonly perSecond: {
    readonly arrived: Series;
    readonly joined: Series;
    readonly admitted: Series;
    readonly completed: Series;
    readonly left: Series;
    readonly requests: Series;
    readonly refusals: Series;
    /** Looks at the body that everybody shares, which a cache in front answers. */
    readonly looks: Series;
    /** As the service said it last in that second. */
    readonly waiting: Series;
    readonly inside: Series;
  };
  /** Positions that rose: shopper, what was shown, and then. */
  readonly rises: { readonly shopper: number; readonly from: number; readonly to: number }[];
  /** How often somebody in line was told a position. */
  positionsTold: number;
  readonly estimates: { told: number; rose: number; roseWithoutReason: number };
}

/** Takes notes while a rehearsal runs, live or simulated. */
export interface Recorder {
  readonly recording: Recording;
  arrived(at: number): void;
  entered(shopper: number, askedAt: number, at: number, ticket: number | null): void;
  /** What someone in line was told. */
  told(shopper: number, at: number, answer: WaitingAnswer): void;
  /** Let in at `admittedAt`; the shopper's side learned of it at `at`. */
  admitted(shopper: number, admittedAt: number, at: number): void;
  /** From now on the grant may be over. */
  leaving(shopper: number, at: number): void;
  ended(shopper: number, at: number, outcome: Exclude<Outcome, "open">): void;
  line(at: number, waiting: number, inside: number): void;
  /** An answer of the service, or none. */
  asked(at: number, refused: boolean): void;
  looked(at: number): void;
}

const unseen = (shoppers: number): Float64Array => new Float64Array(shoppers).fill(Number.NaN);

/** Makes the notebook of a rehearsal with so many shoppers. */
export function createRecorder(shoppers: number, random: SeededRandom): Recorder {
  const seen: Seen = {
    enteredAt: unseen(shoppers),
    askedAt: unseen(shoppers),
    ticket: unseen(shoppers),
    admittedAt: unseen(shoppers),
    toldAt: unseen(shoppers),
    leavingAt: unseen(shoppers),
    outcome: new Uint8Array(shoppers),
    estimateAt: unseen(shoppers),
    estimateLow: unseen(shoppers),
    estimateHigh: unseen(shoppers),
  };
  const count = (): Series => createSeries("count");
  const perSecond = {
    ...{ arrived: count(), joined: count(), admitted: count(), completed: count(), left: count(), requests: count(), refusals: count(), looks: count() },
    ...{ waiting: createSeries("level"), inside: createSeries("level") },
  };
  const recording: Recording = { seen, perSecond, rises: [], positionsTold: 0, estimates: { told: 0, rose: 0, roseWithoutReason: 0 } };
  // Of each shopper side by side, as each answer needs all of it: the lowest position, when the turn was expected last, and how many estimates there were.
  const told = unseen(shoppers * 3);

  /** Reservoir of one: an estimate early in a long wait and one near the turn count alike. */
  function noteEstimate(shopper: number, at: number, { low, high, reason }: NonNullable<WaitingAnswer["estimate"]>): void {
    recording.estimates.told++;
    const turn = at + high * 1000;
    const before = told[shopper * 3 + 1] as number;
    told[shopper * 3 + 1] = turn;
    // A tenth of the wait or five seconds later than told before is a rise; less is rounding.
    if (turn > before + Math.max(5_000, high * 100)) {
      recording.estimates.rose++;
      if (reason === undefined) recording.estimates.roseWithoutReason++;
    }
    const nth = Number.isNaN(before) ? 1 : (told[shopper * 3 + 2] as number) + 1;
    told[shopper * 3 + 2] = nth;
    if (nth > 1 && !random.chance(1 / nth)) return;
    seen.estimateAt[shopper] = at;
    seen.estimateLow[shopper] = low;
    seen.estimateHigh[shopper] = high;
  }

  return Object.freeze<Recorder>({
    recording,
    arrived: (at) => perSecond.arrived.add(at, 1),
    entered(shopper, askedAt, at, ticket) {
      if (!Number.isNaN(seen.enteredAt[shopper])) return;
      seen.askedAt[shopper] = askedAt;
      seen.enteredAt[shopper] = at;
      seen.ticket[shopper] = ticket ?? Number.NaN;
      perSecond.joined.add(at, 1);
    },
    told(shopper, at, { position, estimate }) {
      if (position !== null) {
        const lowest = told[shopper * 3] as number;
        recording.positionsTold++;
        if (position > lowest) recording.rises.push({ shopper, from: lowest, to: position });
        told[shopper * 3] = Number.isNaN(lowest) ? position : Math.min(lowest, position);
      }
      if (estimate !== null) noteEstimate(shopper, at, estimate);
    },
    admitted(shopper, admittedAt, at) {
      if (Number.isNaN(seen.admittedAt[shopper])) perSecond.admitted.add(admittedAt, 1);
      else return;
      seen.admittedAt[shopper] = admittedAt;
      seen.toldAt[shopper] = at;
    },
    leaving(shopper, at) {
      if (Number.isNaN(seen.leavingAt[shopper])) seen.leavingAt[shopper] = at;
    },
    ended(shopper, at, outcome) {
      if (seen.outcome[shopper] !== 0) return;
      seen.outcome[shopper] = outcomes.indexOf(outcome);
      if (outcome === "completed") perSecond.completed.add(at, 1);
      if (outcome === "left") perSecond.left.add(at, 1);
    },
    line(at, waiting, inside) {
      perSecond.waiting.set(at, waiting);
      perSecond.inside.set(at, inside);
    },
    asked(at, refused) {
      perSecond.requests.add(at, 1);
      if (refused) perSecond.refusals.add(at, 1);
    },
    looked: (at) => perSecond.looks.add(at, 1),
  });
}
