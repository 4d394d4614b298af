import type { Database } from "../data/database.ts";
import { endEarlyArrivals } from "../data/openings.ts";
import type { Follower } from "../lines/follow.ts";
import type { Clock } from "../platform/clock.ts";

/** How often openings are looked for. */
export const openingPeriodMs = 100;

/** One look of one node: draws the places of early arrivals where the opening has come. Every node does it; the row lets one of them. */
export async function drawDueOpenings(deps: { readonly db: Database; readonly clock: Clock; readonly follower: Follower }): Promise<void> {
  const now = deps.clock.now();
  const due = [...deps.follower.all()].filter((live) => {
    const { early, openAt, killed } = live.settings();
    return early !== null && early.drawn === null && !killed && (openAt === null || now >= openAt);
  });
  const failures: unknown[] = [];
  for (const live of due) {
    try {
      await endEarlyArrivals(deps.db, live.key, new Date(now));
      await deps.follower.catchUp(live.key);
    } catch (error) {
      // One line that cannot be opened must not keep those behind it closed.
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
