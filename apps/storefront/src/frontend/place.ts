import type { QueueDisplay } from "@fanfare-io/fanfare-sdk-react";
import { clockTime } from "./times.ts";
import { words } from "./words.ts";

const fractions: readonly (readonly [atLeast: number, words: string])[] = [
  [0.95, "Almost there"],
  [0.85, "Nearly there"],
  [0.71, "About three quarters of the way"],
  [0.59, "About two thirds of the way"],
  [0.42, "About half of the way"],
  [0.29, "About a third of the way"],
  [0.18, "About a quarter of the way"],
  [0.05, "A little of the way"],
  [0, "At the start of the way"],
];

/** A place without its number, for lines that keep it to themselves. */
export function placeInWords(progress: number): string {
  return fractions.find(([atLeast]) => progress >= atLeast)?.[1] ?? "At the start of the way";
}

/** The place as a title or a voice says it: "Place 12", "You are next", "About a third of the way". */
export function placeText({ position, progress, placesDrawnAt }: QueueDisplay, next: string): string {
  if (placesDrawnAt !== undefined) return words.drawnSoon(clockTime(Date.parse(placesDrawnAt)));
  if (position === null) return placeInWords(progress);
  return position === 1 ? next : `Place ${position}`;
}
