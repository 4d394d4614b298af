import type { FanfareErrorShape } from "@fanfare-io/fanfare-sdk-react";
import { spoken } from "./times.ts";

/** What a line or a draw says of an entry that was not taken. */
export interface EntryWords {
  readonly full: string;
  readonly enough: string;
  readonly busy: (wait: string) => string;
  readonly notReached: string;
}

/** Why an entry was not taken, in the words of the line or the draw, and when to try again. */
export function entryProblem(error: unknown, words: EntryWords): string {
  const { code, retryAfterSeconds } = (error ?? {}) as Partial<FanfareErrorShape>;
  if (code === "QUEUE_FULL") return words.full;
  if (code === "ENTRY_LIMIT_REACHED") return words.enough;
  return retryAfterSeconds === undefined ? words.notReached : words.busy(spoken(retryAfterSeconds * 1_000));
}
