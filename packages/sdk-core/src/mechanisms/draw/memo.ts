import type { DrawConsumerState, DrawDisplay, DrawReceipt } from "@fanfare-io/fanfare-contract";
import type { ToldStatus } from "./facts.ts";
import { isDrawState } from "./standing.ts";

/** What a seat remembers over a reload: shown at once, even offline, until the service answers. */
export interface DrawMemo {
  readonly pollToken: string | null;
  readonly state: DrawConsumerState | null;
  readonly told: ToldStatus;
  readonly display: DrawDisplay | null;
}

/** Reads a memo that came out of storage; anything odd about it makes it empty. */
export function readDrawMemo(value: unknown): DrawMemo {
  const memo = (typeof value === "object" && value !== null ? value : {}) as Partial<Record<keyof DrawMemo, unknown>>;
  const state = isDrawState(memo.state) ? memo.state : null;
  const display = memo.display as DrawDisplay | null | undefined;
  return {
    pollToken: typeof memo.pollToken === "string" ? memo.pollToken : null,
    state,
    told: isDrawState({ status: memo.told }) ? (memo.told as ToldStatus) : null,
    display: state && typeof display?.updatedAt === "string" && typeof display.status === "string" ? Object.freeze(display) : null,
  };
}

/** Whether something has the shape of a receipt; what it proves is for whoever checks it. */
export function isReceipt(value: unknown): value is DrawReceipt {
  const receipt = value as Partial<DrawReceipt> | null | undefined;
  return typeof receipt?.drawId === "string" && typeof receipt.entry === "string";
}
