import type { Change } from "../data/line-feed.ts";
import { admissionReach } from "../domain/attendance.ts";
import type { SurveyOptions } from "../domain/attendance.ts";
import type { Wait } from "../domain/estimate.ts";
import { createForecast } from "../domain/forecast.ts";
import type { Line } from "../domain/line.ts";
import { createPace } from "../domain/pace.ts";
import type { QueueSettings } from "../domain/queue-settings.ts";
import type { LiveGrants } from "./live-grants.ts";

/** What is to come of one live queue: who has to be there soon, and how long the others wait. Instants in milliseconds. */
export interface Outlook {
  /** The queue was looked at; it is as it is now. */
  note(now: number): void;
  /** Told before its tickets leave the line, where they stand at other places. */
  noteChange(change: Change, placeOf: (ticket: number) => number): void;
  /** What really went through lately, in consumers per minute; null while too little was seen. */
  observedRate(now: number): number | null;
  /** How many people should be there, and whether anything waits for them. */
  look(now: number): Pick<SurveyOptions, "reach" | "moving" | "calling">;
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
  readonly grants: Pick<LiveGrants, "at" | "count">;
}

/** How long people whom an operator wants to let in are asked to be there. */
const widenedMs = 300_000;
/** Room for a line that goes faster than before. */
const headroom = 1.5;

/** Makes the outlook of a queue of which nothing was seen yet. */
export function createOutlook({ line, settings, moving, grants }: OutlookDeps): Outlook {
  const forecast = createForecast(line);
  const pace = createPace();
  let widened = { count: 0, until: -Infinity };

  function noteGone({ at, tickets }: Change): void {
    const instant = at.getTime();
    const usedMs: number[] = [];
    for (const ticket of tickets) {
      const admission = grants.at(ticket);
      if (admission !== undefined) usedMs.push(Math.max(0, instant - admission.admittedAt));
    }
    const left = tickets.length - usedMs.length;
    if (left > 0) forecast.left(instant, left);
    if (usedMs.length > 0) forecast.ended(instant, usedMs);
  }

  return Object.freeze<Outlook>({
    note(now) {
      const { admitRate, capacity } = settings();
      forecast.note(now, { moving: moving(now), waiting: line().waiting(), active: grants.count(), capacity, admitRate }, settings());
    },
    noteChange(change, placeOf) {
      if (change.kind === "moved") return;
      if (change.kind !== "admitted") return noteGone(change);
      // A grant that a shop gave back is told as admitted again; it says nothing about the pace.
      if (change.tickets.every((ticket) => grants.at(ticket) !== undefined)) return;
      const at = change.at.getTime();
      forecast.admitted(at, change.tickets.map(placeOf));
      pace.note(at, change.tickets.length, line().waiting() - change.tickets.length);
    },
    observedRate: pace.perMinute,
    look(now) {
      const { admitRate, capacity } = settings();
      const free = Math.min(admitRate * 2, capacity === null ? 0 : Math.max(0, capacity - grants.count()));
      const perMinute = Math.min(admitRate, (forecast.perMinute(settings(), now) ?? admitRate) * headroom);
      const calling = now < widened.until;
      return { reach: Math.max(admissionReach(perMinute, free), calling ? widened.count : 0), moving: moving(now), calling };
    },
    widen(count, now) {
      widened = { count, until: now + widenedMs };
    },
    waitAt: (position, now) => (moving(now) ? forecast.waitAt(position, settings(), now) : null),
  });
}
