import type { WaitEstimate } from "@fanfare-io/fanfare-sdk-react";

// The words around a time are English, so its form is too; twelve or twenty-four hours is the reader's habit.
const { hour12 = false } = new Intl.DateTimeFormat(undefined, { hour: "numeric" }).resolvedOptions();
const clockFormat = new Intl.DateTimeFormat("en-GB", { hour: hour12 ? "numeric" : "2-digit", minute: "2-digit", hour12 });
const exactFormat = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12 });
// Names the zone: an opening is read by people in many of them.
const day: Intl.DateTimeFormatOptions = {
  weekday: "long",
  day: "numeric",
  month: "long",
  hour: hour12 ? "numeric" : "2-digit",
  minute: "2-digit",
  timeZoneName: "short",
  hour12,
};
const dayFormat = new Intl.DateTimeFormat("en-GB", day);
const yearFormat = new Intl.DateTimeFormat("en-GB", { ...day, year: "numeric" });
const sameYearMs = 300 * 86_400_000;

/** "10:04" in the reader's zone. */
export const clockTime = (instant: number): string => clockFormat.format(instant);

/** "10:04:12" in the reader's zone. */
export const exactTime = (instant: number): string => exactFormat.format(instant);

/** "Friday 27 November at 18:00 CET" in the reader's zone; far from `now`, with its year. */
export const dayAndTime = (instant: number, now: number): string => (Math.abs(instant - now) < sameYearMs ? dayFormat : yearFormat).format(instant);

/** "9:05", or "1:09:05" from an hour on; never below zero. */
export function countDown(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1_000));
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60)];
  const tail = String(seconds % 60).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

/** The same in words, for ears: "9 minutes", "50 seconds". */
export function spoken(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1_000));
  return seconds < 90 ? plural(seconds, "second") : plural(Math.floor(seconds / 60), "minute");
}

/** An honest range: "4 to 6 minutes", "about 2 minutes", "under a minute", "1 to 2 hours", "2 minutes to 3 hours". */
export function range({ low, high }: WaitEstimate): string {
  if (high < 60) return "under a minute";
  const [from, to] = [Math.floor(low / minute), Math.ceil(high / minute)];
  if (from < 60 && to <= 90) return between(from, "minute", to, "minute");
  const hours = Math.ceil(high / hour);
  return from < 60 ? between(from, "minute", hours, "hour") : between(Math.floor(low / hour), "hour", hours, "hour");
}

const [minute, hour] = [60, 3_600];

function between(from: number, fromName: string, to: number, toName: string): string {
  if (from === 0) return `up to ${plural(to, toName)}`;
  if (fromName !== toName) return `${plural(from, fromName)} to ${plural(to, toName)}`;
  return from === to ? `about ${plural(to, toName)}` : `${from} to ${plural(to, toName)}`;
}

function plural(count: number, name: string): string {
  return `${count} ${name}${count === 1 ? "" : "s"}`;
}
