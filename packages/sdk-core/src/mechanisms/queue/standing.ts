import type { EndedOutcome, QueueConsumerState } from "@fanfare-io/fanfare-contract";
import type { Standing } from "../mechanism.ts";

type Status = QueueConsumerState["status"];

const ended = (outcome: EndedOutcome, mayEnterAgain: boolean): Extract<Standing, { kind: "ended" }> => ({ kind: "ended", outcome, mayEnterAgain });

const standings: Readonly<Record<Status, Standing>> = {
  QUEUED: { kind: "waiting" },
  ADMITTED: { kind: "granted" },
  COMPLETED: ended("completed", false),
  DENIED: ended("denied", false),
  LEFT: ended("left", true),
  EXPIRED: ended("expired", true),
  NOT_QUEUED: { kind: "absent" },
};

/** A queue's word in the journey's words. */
export function standingOf(state: QueueConsumerState): Standing {
  if (state.status !== "DENIED") return standings[state.status];
  const { denyReason } = state;
  // A closed line may open again, and a turn that ran out may be waited for again; the other reasons are about the person.
  if (denyReason === "QUEUE_CLOSED" || denyReason === "SOLD_OUT") return { ...ended("closed", true), denyReason };
  if (denyReason === "ADMISSION_EXPIRED") return { ...ended("expired", true), denyReason };
  return { ...ended("denied", false), denyReason };
}

/** Whether an answer or a memo is a state of this contract. */
export function isQueueState(value: unknown): value is QueueConsumerState {
  const status = (value as { status?: unknown } | null | undefined)?.status;
  return typeof status === "string" && Object.hasOwn(standings, status);
}
