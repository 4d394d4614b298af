import type { AdmittedNow } from "@fanfare-io/fanfare-contract";
import { admitTickets, readCounters } from "../data/admissions.ts";
import type { Database } from "../data/database.ts";
import { isUndrawn } from "../domain/queue-settings.ts";
import type { Clock } from "../platform/clock.ts";
import type { Follower } from "./follow.ts";
import type { LiveQueue } from "./live-queue.ts";

/** What letting people in by hand needs. */
export interface AdmitNowDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly follower: Follower;
  readonly newGrantId: () => string;
}

const atOnce = 1_000;
const maxRefusals = 8;

/**
 * Lets the first present waiters in, beyond the rate, also while the queue is paused: the operator's hand goes before the operator's
 * settings, and never before a cap (I4). Any node does it; a statement that met the owner's own admission is simply tried again.
 */
export async function admitNow(deps: AdmitNowDeps, live: LiveQueue, count: number): Promise<AdmittedNow> {
  let admitted = 0;
  // Whoever lives on the shared body is asked to come now, and can be let in by the same call a little later.
  live.widen(count, deps.clock.now());
  for (let refusals = 0; admitted < count && refusals < maxRefusals;) {
    await deps.follower.catchUp(live.key);
    const now = deps.clock.now();
    // Nobody is first before the places of early arrivals are drawn.
    if (isUndrawn(live.settings())) return { admitted, limitedBy: "line" };
    const { capacity, maxAdmissions } = live.settings();
    const { epoch, active, granted, stock } = await readCounters(deps.db, live.key);
    if (capacity !== null && active >= capacity) return { admitted, limitedBy: "capacity" };
    if (maxAdmissions !== null && granted >= maxAdmissions) return { admitted, limitedBy: "total" };
    if (stock !== null && active >= stock) return { admitted, limitedBy: "stock" };
    const room = Math.min(atOnce, count - admitted, Math.min(capacity ?? Infinity, stock ?? Infinity) - active, (maxAdmissions ?? Infinity) - granted);
    const tickets = live.firstPresent(room, now);
    if (tickets.length === 0) return { admitted, limitedBy: live.line.waiting() > 0 ? "presence" : "line" };
    const admission = { epoch, tickets, grantIds: tickets.map(() => deps.newGrantId()), at: new Date(now), tokensLeft: null };
    const { length } = (await admitTickets(deps.db, live.key, admission)) ?? [];
    admitted += length;
    if (length === 0) refusals++;
  }
  await deps.follower.catchUp(live.key);
  return { admitted, limitedBy: admitted < count ? "line" : null };
}
