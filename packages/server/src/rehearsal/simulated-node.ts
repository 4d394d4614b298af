import { createAdmissionJob } from "../jobs/admit.ts";
import { sightingPeriodMs } from "../jobs/sightings.ts";
import type { Heard } from "../domain/attendance.ts";
import { createLiveQueue } from "../lines/live-queue.ts";
import type { LiveQueue } from "../lines/live-queue.ts";
import type { World } from "./world.ts";

/** One node of a simulated service: the memory and the admission job of a real one, over the rows of a world. */
export interface SimulatedNode {
  readonly name: string;
  readonly live: LiveQueue;
  /** What its own clock says; clocks of nodes differ. */
  now(): number;
  /** Takes in what other nodes did. */
  follow(): void;
  /** One round of the admission job. */
  tick(): Promise<void>;
  /** Whom it heard of lately, for the others. */
  heard(): Heard;
}

/** How often a node looks for what others did; that of `lines/follow.ts`. */
export const followPeriodMs = 300;
export { sightingPeriodMs };

/** Starts a node with nothing in memory but what the rows say. */
export function startSimulatedNode(deps: {
  readonly name: string;
  readonly world: World;
  readonly now: () => number;
  /** Stands between the job and the rows, so that a fault can. */
  readonly store?: World["store"];
  readonly onFault: (error: unknown) => void;
}): SimulatedNode {
  const { name, world, now } = deps;
  let grants = 0;
  const live = createLiveQueue(world.head(), now());
  // The head's version is what the rows say now; the line is filled to the same instant, as nothing happens in between here.
  live.load(world.waitingAbove(0), world.head().tail);
  live.takeAdmissions(world.admissions(null));

  function follow(): void {
    const head = world.head();
    const changes = world.changesAbove(live.version());
    const admitted = changes.flatMap((change) => (change.kind === "admitted" ? change.tickets : []));
    for (const change of changes) live.takeChange(change);
    if (admitted.length > 0) live.takeAdmissions(world.admissions(admitted));
    live.takeHead(head, now());
    if (live.line.followedTo() < head.tail) live.takeJoins(world.waitingAbove(live.line.followedTo()), head.tail, now());
  }

  const job = createAdmissionJob({
    store: deps.store ?? world.store,
    clock: { now, every: () => () => undefined },
    follower: { all: () => [live], catchUp: async () => follow() },
    node: name,
    newGrantId: () => `${name}-${++grants}`,
    onFault: deps.onFault,
  });
  return Object.freeze<SimulatedNode>({ name, live, now, follow, tick: () => job.tick(), heard: () => live.survey(now()).heard });
}
