import type { DrawDesk } from "../draws/desk.ts";
import type { AdmissionDeps } from "../http/admission.ts";
import { createLoadGate } from "../http/middleware/load-gate.ts";
import type { LoadGate } from "../http/middleware/load-gate.ts";
import type { Lines } from "../lines/lines.ts";
import type { GroupCommit } from "../platform/group-commit.ts";
import type { Log } from "../platform/log.ts";
import { createLoopLag } from "../platform/loop-lag.ts";
import type { LoopLag } from "../platform/loop-lag.ts";
import { monotonic } from "./time.ts";

/** Who is let in while more come than can be served. */
export interface LoadRoom {
  readonly gate: LoadGate;
  readonly lag: LoopLag;
  readonly hasRoom: AdmissionDeps["hasRoom"];
}

/** What is written in batches, each of which knows whether it has room. */
export interface Batched {
  readonly guests: Pick<GroupCommit<never, unknown>, "hasRoom">;
  readonly renewals: Pick<GroupCommit<never, unknown>, "hasRoom">;
  readonly lines: Pick<Lines, "hasRoom">;
  readonly desk: Pick<DrawDesk, "hasRoom">;
}

/** Wires the load gate. `takeConnections`: whether the consumer plane takes new connections. */
export function wireLoad({ log, takeConnections, ...batched }: Batched & { readonly log: Log; readonly takeConnections: (taking: boolean) => void }): LoadRoom {
  const lag = createLoopLag(monotonic, (overwhelmed) => {
    takeConnections(!overwhelmed);
    if (overwhelmed) log.warn({}, "This node cannot keep up even with refusing; it takes no new connections until it has caught up.");
  });
  return { gate: createLoadGate({ random: Math.random, isOverwhelmed: lag.isOverwhelmed }), lag, hasRoom: createHasRoom(batched) };
}

/** Guests, renewals and joins are what is written in batches; everything else is as quick as it is. */
function createHasRoom({ guests, renewals, lines, desk }: Batched): AdmissionDeps["hasRoom"] {
  return (name, queue, consumerId) => {
    if (name === "createGuest") return guests.hasRoom();
    if (name === "refreshSession") return renewals.hasRoom();
    if (name === "enterDraw") return desk.hasRoom({ organizationId: queue.organizationId, drawId: queue.queueId });
    return name !== "enterQueue" || lines.hasRoom(queue, consumerId);
  };
}
