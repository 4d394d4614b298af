import { randomUUID } from "node:crypto";
import { createAdmissionStore } from "../data/admission-store.ts";
import type { Database } from "../data/database.ts";
import { createAdmissionJob } from "../jobs/admit.ts";
import type { Follower } from "../lines/follow.ts";
import type { Clock } from "../platform/clock.ts";
import { pause } from "../platform/pause.ts";
import { threadMs } from "./measure-line.ts";

/** What one turn of the admission job costs, in milliseconds: by the clock on the wall, which the database shares, and of this thread. */
export interface TurnFigures {
  readonly medianMs: number;
  readonly longestMs: number;
  readonly longestComputingMs: number;
  readonly admitted: number;
}

const turns = 100;
const everyMs = 100;

/** Lets people in for ten seconds, ten times a second, as the service does. */
export async function measureTurns(db: Database, clock: Clock, follower: Follower): Promise<TurnFigures> {
  let admitted = 0;
  const job = createAdmissionJob({
    store: createAdmissionStore(db),
    clock,
    follower,
    node: "bench",
    newGrantId: () => `grant_${randomUUID()}`,
    onFault: (error) => {
      throw error;
    },
    onAdmitted: (_queue, waits) => void (admitted += waits.length),
  });
  const wall: number[] = [];
  const computing: number[] = [];
  for (let turn = 0; turn < turns; turn++) {
    const [began, computed] = [performance.now(), threadMs()];
    await job.tick();
    wall.push(performance.now() - began);
    computing.push(threadMs() - computed);
    await pause(everyMs);
  }
  await job.stop();
  if (admitted === 0) throw new Error("Nobody was let in: the turns measured nothing.");
  const round = (value: number): number => Math.round(value * 10) / 10;
  const sorted = wall.toSorted((a, b) => a - b);
  return { medianMs: round(sorted[turns / 2] ?? 0), longestMs: round(sorted.at(-1) ?? 0), longestComputingMs: round(Math.max(...computing)), admitted };
}
