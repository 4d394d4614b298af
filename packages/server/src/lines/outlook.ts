import type { Change } from "../data/line-feed.ts";
import { admissionReach } from "../domain/attendance.ts";
import type { Wait } from "../domain/estimate.ts";
import { createForecast } from "../domain/forecast.ts";
import type { Line } from "../domain/line.ts";
import type { QueueSettings } from "../domain/queue-settings.ts";
import type { Admission } from "../domain/standing.ts";

/** What is to come of one live queue: who has to be there soon, and how long the others wait. Instants in milliseconds. */
export interface Outlook {
  /** The queue was looked at; it is as it is now. */
  note(now: number): void;
  /** Told before its tickets leave the line, where they stand at other places. */
  noteChange(change: Change, placeOf: (ticket: number) => number): void;
  /** How many people should be there. */
  reach(now: number): number;
  /** An operator lets so many people in by hand. */
  widen(count: number, now: number): void;
  /** The wait at a position; null when nothing honest can be said. */
  waitAt(position: number, now: number): Wait | null;
}

/** What an outlook looks at. */
export interface OutlookDeps {
  readonly line: () => Line;
  readonly settings: () => QueueSettings;
  readonly moving: (now: number) => boolean;
  /** Live grants. */
  readonly active: () => number;
  /** The live grant that this ticket was given. */
  readonly admissionOf: (ticket: number) => Admission | undefined;
}

/** How long people whom an operator wants to let in are asked to be there. */
const widenedMs = 300_000;
/** Room for a line that goes faster than before. */
const headroom = 1.5;

/** Makes the outlook of a queue of which nothing was seen yet. */
export function createOutlook({ line, settings, moving, active, admissionOf }: OutlookDeps): Outlook {
  const forecast = createForecast(line);
  let widened = { count: 0, until: -Infinity };

  function noteGone({ at, tickets }: Change): void {
    const admissions = tickets.map(admissionOf).filter((admission) => admission !== undefined);
    const left = tickets.length - admissions.length;
    if (left > 0) forecast.left(at.getTime(), left);
    if (admissions.length > 0)
      forecast.ended(
        at.getTime(),
        admissions.map(({ admittedAt }) => Math.max(0, at.getTime() - admittedAt)),
      );
  }

  return Object.freeze<Outlook>({
    note(now) {
      const { admitRate, capacity } = settings();
      forecast.note(now, { moving: moving(now), waiting: line().waiting(), active: active(), capacity, admitRate }, settings());
    },
    noteChange(change, placeOf) {
      if (change.kind !== "admitted") return noteGone(change);
      // A grant that a shop gave back is told as admitted again; it says nothing about the pace.
      if (change.tickets.some((ticket) => admissionOf(ticket) === undefined)) forecast.admitted(change.at.getTime(), change.tickets.map(placeOf));
    },
    reach(now) {
      const { admitRate, capacity } = settings();
      const free = Math.min(admitRate * 2, capacity === null ? 0 : Math.max(0, capacity - active()));
      const perMinute = Math.min(admitRate, (forecast.perMinute(settings(), now) ?? admitRate) * headroom);
      return Math.max(admissionReach(perMinute, free), now < widened.until ? widened.count : 0);
    },
    widen(count, now) {
      widened = { count, until: now + widenedMs };
    },
    waitAt: (position, now) => (moving(now) ? forecast.waitAt(position, settings(), now) : null),
  });
}
