import type { Database } from "../data/database.ts";
import { endEarlyArrivals } from "../data/openings.ts";
import type { Follower } from "../lines/follow.ts";
import type { Clock } from "../platform/clock.ts";

/** How often openings are looked for. */
export const openingPeriodMs = 100;

/** One look of one node: draws the places of early arrivals where the opening has come. Every node does it; the row lets one of them. */
export async function drawDueOpenings(deps: { readonly db: Database; readonly clock: Clock; readonly follower: Follower }): Promise<void> {
  const now = deps.clock.now();
  for (const live of deps.follower.all()) {
    const { early, openAt, killed } = live.settings();
    if (early === null || early.drawn !== null || killed || (openAt !== null && now < openAt)) continue;
    await endEarlyArrivals(deps.db, live.key, new Date(now));
    await deps.follower.catchUp(live.key);
  }
}
