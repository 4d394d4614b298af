import { consumerWords } from "../domain/consumer-id.ts";
import type { Line, Waiter } from "../domain/line.ts";
import type { Admission } from "../domain/standing.ts";
import type { LiveGrants } from "./live-grants.ts";

/** What memory knows of one consumer: a live grant, or else a place in line. */
export interface Found {
  readonly admission: Admission | undefined;
  readonly waiter: Waiter | undefined;
}

const nobody: Found = Object.freeze({ admission: undefined, waiter: undefined });

/** Looks a consumer up, their id read once. A grant goes before a place: whoever was let in is told so. Finds nobody under what is no UUID. */
export function findConsumer(grants: Pick<LiveGrants, "of">, line: Pick<Line, "waiterOfWords">, consumerId: string): Found {
  const words = consumerWords(consumerId);
  if (words === null) return nobody;
  const admission = grants.of(words);
  return { admission, waiter: admission === undefined ? line.waiterOfWords(words) : undefined };
}
