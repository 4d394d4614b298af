import type { QueueConsumerState } from "@fanfare-io/fanfare-contract";
import type { Shown } from "./display.ts";
import { isQueueState } from "./standing.ts";

/** What a seat remembers over a reload: shown at once, even offline, until the service answers. */
export interface QueueMemo {
  readonly pollToken: string | null;
  readonly version: number;
  readonly state: QueueConsumerState | null;
  readonly shown: Shown | null;
}

/** Reads a memo that came out of storage; anything odd about it makes it empty. */
export function readQueueMemo(value: unknown): QueueMemo {
  const memo = (typeof value === "object" && value !== null ? value : {}) as Partial<Record<keyof QueueMemo, unknown>>;
  const shown = memo.shown as Shown | null | undefined;
  const state = isQueueState(memo.state) ? memo.state : null;
  return {
    pollToken: typeof memo.pollToken === "string" ? memo.pollToken : null,
    version: typeof memo.version === "number" ? memo.version : 0,
    state,
    shown:
      state && shown && typeof shown.farthest === "number" && typeof shown.display?.updatedAt === "string"
        ? { ...shown, display: Object.freeze(shown.display) }
        : null,
  };
}
