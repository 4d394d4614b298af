import type { DrawConsumerState, EndedOutcome } from "@fanfare-io/fanfare-contract";
import type { Standing } from "../mechanism.ts";

type Status = DrawConsumerState["status"];
type EndedStanding = Extract<Standing, { kind: "ended" }>;

const ended = (outcome: EndedOutcome, mayEnterAgain = false): EndedStanding => ({ kind: "ended", outcome, mayEnterAgain });

const standings: Readonly<Record<Status, Standing>> = {
  NOT_ENTERED: { kind: "absent" },
  ENTERED: { kind: "waiting" },
  SETTLING: { kind: "settling" },
  WON: { kind: "granted" },
  NOT_SELECTED: ended("not_selected"),
  COMPLETED: ended("completed"),
  EXPIRED: ended("expired"),
  LEFT: ended("left", true),
  DENIED: ended("denied"),
  CANCELLED: { ...ended("closed"), denyReason: "DRAW_CANCELLED" },
};

/** A draw's word in the journey's words. Whoever is on the reserve still waits for the outcome. */
export function standingOf(state: DrawConsumerState): Standing {
  if (state.status === "NOT_SELECTED" && state.reserve !== null) return standings.SETTLING;
  if (state.status !== "DENIED") return standings[state.status];
  const { denyReason } = state;
  if (denyReason === "DRAW_CLOSED" || denyReason === "DRAW_CANCELLED") return { ...ended("closed"), denyReason };
  if (denyReason === "ADMISSION_EXPIRED") return { ...ended("expired"), denyReason };
  return { ...ended("denied"), denyReason };
}

/** Whether an answer or a memo is a state of this contract. */
export function isDrawState(value: unknown): value is DrawConsumerState {
  const status = (value as { status?: unknown } | null | undefined)?.status;
  return typeof status === "string" && Object.hasOwn(standings, status);
}
