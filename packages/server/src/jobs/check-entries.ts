import { askWaiters, endUnanswered, noteShown, readAsides, readProtectedExperiences } from "../data/entry-checks.ts";
import type { Database } from "../data/database.ts";
import { crowdLimits } from "../domain/risk.ts";
import type { Follower } from "../lines/follow.ts";
import type { LiveQueue } from "../lines/live-queue.ts";
import type { Clock } from "../platform/clock.ts";

/** How often the front of protected lines is looked at. */
export const checkEntriesPeriodMs = 1_000;

/** So many waiters are looked at in a round: more than three minutes let in, of most lines. */
const mostLookedAt = 5_000;

/**
 * One look of one node at all protected lines: whoever came from a place that has become crowded since shows some work before their turn
 * comes. Every node does it, and the rows let each question be asked once; asking twice a second what the answer is costs a look-up.
 */
export async function checkEntries(deps: { readonly db: Database; readonly clock: Clock; readonly follower: Follower }): Promise<void> {
  const { db, clock, follower } = deps;

  async function ask(live: LiveQueue): Promise<boolean> {
    const tickets = live.nearTickets(mostLookedAt, clock.now());
    return tickets.length > 0 && (await askWaiters(db, live.key, tickets, crowdLimits, new Date(clock.now()))) > 0;
  }

  /** Time counts from when the question was shown, whichever node showed it. */
  async function follow(live: LiveQueue): Promise<boolean> {
    const { asides } = live;
    if (asides.count() === 0) return false;
    const shown = Map.groupBy(asides.takeShown(), ({ heldUntil }) => heldUntil);
    for (const [heldUntil, group] of shown) {
      const tickets = group.map(({ ticket }) => ticket);
      await noteShown(db, live.key, tickets, new Date(heldUntil));
    }
    asides.refresh(await readAsides(db, live.key, null));
    return (await endUnanswered(db, live.key, new Date(clock.now()))) > 0;
  }

  const guarded = new Set((await readProtectedExperiences(db)).map(({ organizationId, experienceId }) => `${organizationId}\n${experienceId}`));
  for (const live of follower.all()) {
    // Also while nobody is let in: whoever is first when the line goes on has been asked by then.
    const asked = live.isOrdered() && guarded.has(`${live.key.organizationId}\n${live.settings().experienceId}`) && (await ask(live));
    const ended = await follow(live);
    if (asked || ended) await follower.catchUp(live.key);
  }
}
