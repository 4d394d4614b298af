import type { Line } from "./line.ts";
import type { Presence } from "./presence.ts";

/** Waiters whom this node heard of lately, with the interval that each was told: what it tells the other nodes. */
export interface Heard {
  readonly tickets: readonly number[];
  readonly pollAfter: readonly number[];
}

/** What a look along the line found. */
export interface Survey {
  /**
   * Up to this ticket every absence is certain: whoever stands there and asks any node is among the first that it reports. Those behind it
   * need not ask at all, and nobody behind it is let in. In a short line tickets that are still to be handed out lie before it.
   */
  readonly horizon: number;
  /** Present waiters up to the horizon. */
  readonly present: number;
  /** Absent longer than their places are held. */
  readonly overdue: readonly number[];
  readonly heard: Heard;
}

export interface SurveyOptions {
  /** Present waiters to look for. */
  readonly reach: number;
  readonly holdMs: number;
  /** Whether people are let in now; while nobody is, no absence counts against anybody. */
  readonly moving: boolean;
  /** Whether an operator lets people in by hand: then the absent in front are found out also in a line that stands, and keep their places. */
  readonly calling?: boolean;
  readonly heardSince: number;
}

/** Looks along one line, again and again. */
export interface Attendance {
  survey(now: number, options: SurveyOptions): Survey;
}

const mostOverdue = 1_000;
/** Where next to nobody comes, so many are asked at once for each who is needed: half a million absent people must not stop a line. */
const leastShare = 1 / 2_000;
/** A line is looked along every second. After so long without a look it was this node that was away, frozen or asleep, and it heard nobody. */
const deafMs = 30_000;

/**
 * How many present waiters a node looks for and tells of: three minutes' worth of what goes through, with room for a line that goes faster
 * than before, and never so few that a small line is guesswork.
 */
export function admissionReach(perMinute: number, freeSlots = 0): number {
  return Math.max(100, Math.ceil(perMinute * 3), freeSlots);
}

/**
 * Makes the survey of a line. Beyond the horizon a waiter may be asking another node without this one hearing of it, so the hold of a
 * place runs from when the horizon reached it, from when its holder was last heard of, or from when this node listens again, whichever is latest.
 */
export function createAttendance(line: Line, presence: Presence): Attendance {
  let watchedTo = 0;
  let moved = false;
  let lookedAt = -Infinity;
  let listeningSince = -Infinity;
  /** The share of those who had time to come who came, as the last survey found it. */
  let share = 1;

  return Object.freeze<Attendance>({
    survey(now, { reach, holdMs, moving, calling = false, heardSince }) {
      const counting = (moving || calling) && presence.isSettled(now);
      // Places are held anew from when the line goes on: nobody had to be there meanwhile.
      if (moving && !moved) watchedTo = 0;
      if (now - lookedAt > deafMs) listeningSince = now;
      [moved, lookedAt] = [moving, now];
      const overdue: number[] = [];
      const tickets: number[] = [];
      const pollAfter: number[] = [];
      let [present, expected, absent] = [0, 0, 0];
      let horizon = line.tail();
      const going = (ticket: number): boolean => {
        if (present + expected < reach) return true;
        horizon = ticket;
        return false;
      };
      line.walk((ticket) => {
        const told = presence.sightingSince(ticket, now, heardSince);
        if (told !== null) {
          if (told > 0) {
            tickets.push(ticket);
            pollAfter.push(told);
          }
          present++;
        } else if (!counting) {
          // Nobody can tell yet, or nobody need be there: as good as there.
          expected++;
        } else {
          if (ticket > watchedTo) presence.summon(ticket, now);
          if (presence.isExpected(ticket, now)) {
            expected += share;
            return going(ticket);
          }
          absent++;
          if (moving && overdue.length < mostOverdue && now - Math.max(presence.lastSeen(ticket), listeningSince) >= holdMs) overdue.push(ticket);
        }
        return going(ticket);
      });
      share = Math.max(leastShare, (present + 1) / (present + absent + 1));
      watchedTo = counting ? horizon : 0;
      // A line shorter than the reach has room in it for whoever comes next: they are within reach from their first moment on.
      if (horizon === line.tail()) horizon += Math.max(0, Math.floor(reach - present - expected));
      return { horizon, present, overdue, heard: { tickets, pollAfter } };
    },
  });
}

/**
 * The first waiters who are there, in the order of their tickets: whom to let in. Beyond the horizon people are not asked to be there; one
 * who has just joined must not go before those who wait on the shared body.
 */
export function firstPresent(line: Line, presence: Presence, count: number, now: number, horizon = Infinity): readonly number[] {
  const tickets: number[] = [];
  if (count > 0) line.walk((ticket) => ticket <= horizon && (!presence.mayBePresent(ticket, now) || tickets.push(ticket) < count));
  return tickets;
}
