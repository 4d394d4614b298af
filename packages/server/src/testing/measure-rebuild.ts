import { randomUUID } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { openTestDatabase } from "../data/testing/open-test-database.ts";
import { createFollower } from "../lines/follow.ts";
import { makeTestQueue } from "../lines/testing/make-queue.ts";
import { createSystemClock } from "../platform/system-clock.ts";
import { threadMs } from "./measure-line.ts";
import { measureTurns } from "./measure-turns.ts";
import type { TurnFigures } from "./measure-turns.ts";

/** What a start costs with so many waiters in the database. */
export interface RebuildFigures {
  readonly waiters: number;
  readonly seconds: number;
  readonly longestPauseMs: number;
  readonly residentMegabytes: number;
  readonly turns: TurnFigures;
}

/** People a minute who are let in while turns are measured: ten a turn. */
const admitRate = 6_000;

/** Puts waiters into a database of its own and follows them from nothing. `DB` and `TEST_DATABASE_URL` say which database. */
export async function measureRebuild(waiters: number): Promise<RebuildFigures> {
  const onFault = (error: unknown): void => {
    throw error;
  };
  const clock = createSystemClock(onFault);
  const { db, close } = await openTestDatabase();
  try {
    const key = await makeTestQueue(db, clock, { admitRate });
    const block = 100_000;
    for (let from = 1; from <= waiters; from += block) {
      await db.run(
        `insert into queue_entry (queue_id, organization_id, ticket, consumer_id, state, ahead_at_entry, entered_at)
         select $2, $1, ticket, gen_random_uuid(), 'waiting', ticket, now() from generate_series($3::bigint, $4::bigint) as ticket`,
        [key.organizationId, key.queueId, from, Math.min(waiters, from + block - 1)],
      );
    }
    await db.run("update queue set next_ticket = $2 where organization_id = $1", [key.organizationId, waiters + 1]);
    await db.run("analyze queue_entry", []);
    const before = process.memoryUsage().rss;
    const pauses = watchPauses();
    const began = performance.now();
    const follower = createFollower({ db, clock, breathe: setImmediate, onFault });
    await follower.start();
    const seconds = (performance.now() - began) / 1000;
    const longestPauseMs = pauses();
    const found = follower.known(key)?.line.waiting();
    if (found !== waiters || follower.known(key)?.standingOf(randomUUID(), clock.now()) !== null) throw new Error(`The line has ${String(found)} waiters.`);
    const residentMegabytes = Math.round((process.memoryUsage().rss - before) / 2 ** 20);
    const turns = await measureTurns(db, clock, follower);
    await follower.stop();
    return { waiters, seconds: Math.round(seconds * 100) / 100, longestPauseMs: Math.round(longestPauseMs), residentMegabytes, turns };
  } finally {
    await close();
  }
}

/** The most that this thread computed between two turns of the event loop, which are asked for every millisecond. */
function watchPauses(): () => number {
  let last = threadMs();
  let longest = 0;
  const timer = setInterval(() => {
    const now = threadMs();
    longest = Math.max(longest, now - last);
    last = now;
  }, 1);
  return () => {
    clearInterval(timer);
    return longest;
  };
}
