import type { QueueConsumerState } from "@fanfare-io/fanfare-contract";
import type { Standing } from "../mechanism.ts";

/** A queue's word in the journey's words. */
export function standingOf(state: QueueConsumerState): Standing {
  switch (state.status) {
    case "QUEUED":
      return { kind: "waiting" };
    case "ADMITTED":
      return { kind: "granted", expiresAt: state.expiresAt };
    case "COMPLETED":
      return { kind: "ended", outcome: "completed", mayEnterAgain: false };
    case "DENIED":
      return { kind: "ended", outcome: state.denyReason === "QUEUE_CLOSED" ? "closed" : "denied", mayEnterAgain: false, denyReason: state.denyReason };
    case "LEFT":
      return { kind: "ended", outcome: "left", mayEnterAgain: true };
    case "EXPIRED":
      return { kind: "ended", outcome: "expired", mayEnterAgain: true };
    case "NOT_QUEUED":
      return { kind: "absent" };
    default:
      // A newer service may know more; whoever stands in a line goes on standing until something is said that we understand.
      return { kind: "waiting" };
  }
}

const statuses: ReadonlySet<unknown> = new Set<QueueConsumerState["status"]>(["QUEUED", "ADMITTED", "COMPLETED", "DENIED", "LEFT", "EXPIRED", "NOT_QUEUED"]);

/** Whether an answer or a memo is a state of this contract. */
export function isQueueState(value: unknown): value is QueueConsumerState {
  return typeof value === "object" && value !== null && statuses.has((value as { status?: unknown }).status);
}
