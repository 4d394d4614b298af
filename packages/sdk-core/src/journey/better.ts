import type { Display, QueueDisplay } from "@fanfare-io/fanfare-contract";
import type { Standing } from "../mechanisms/mechanism.ts";

/** A place as it stands now. */
export interface Held {
  readonly kind: Standing["kind"];
  readonly display: Display;
}

/** Whether the place that somebody got beside the one they hold is worth giving that up for (J32). What cannot be compared honestly is not. */
export function isBetter(rival: Held, held: Held): boolean {
  if (rival.kind === "granted") return held.kind !== "granted";
  if (rival.kind !== "waiting" || held.kind !== "waiting") return false;
  const [mine, other] = [held.display as QueueDisplay, rival.display as QueueDisplay];
  const [mineSeconds, otherSeconds] = [waitOf(mine), waitOf(other)];
  if (otherSeconds === null) return false;
  // A line that moves is better than one that stands still; one that only says nothing about its pace may be the faster.
  return mineSeconds === null ? mine.admitRatePerMinute === 0 : otherSeconds < mineSeconds;
}

function waitOf({ estimatedWaitSeconds: estimate }: QueueDisplay): number | null {
  return estimate && (estimate.low + estimate.high) / 2;
}
