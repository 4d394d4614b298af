import type { QueueConsumerState } from "@fanfare-io/fanfare-contract";

/** A place in the line whose holder need not ask for themselves: what they were told of it last, by the service. */
export type FarPlace = Extract<QueueConsumerState, { status: "QUEUED" }> & {
  readonly ticket: number;
  readonly position: number;
  readonly waitingAhead: number;
  readonly follow: NonNullable<Extract<QueueConsumerState, { status: "QUEUED" }>["follow"]>;
};

/** Whether a place is far enough from the turn to be followed through the shared body. */
export function isFar(state: QueueConsumerState | null): state is FarPlace {
  return state?.status === "QUEUED" && typeof state.follow?.blockSize === "number" && state.ticket !== null && state.position !== null;
}
