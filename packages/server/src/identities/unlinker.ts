import type { ParticipationRef, UnlinkedConsumer } from "@fanfare-io/fanfare-contract";
import { holdAlias } from "../data/aliases.ts";
import { isPassing, refusedItself } from "../data/conflicts.ts";
import type { Database } from "../data/database.ts";
import { holdConsumers } from "../data/identities.ts";
import { endSession, openSession } from "../data/session-handovers.ts";
import { findGuestSessions, findMerge, findReentries, holdGuestSessions, unlinkStatements } from "../data/unlinking.ts";
import type { GuestSession, Merge, StandingMerge } from "../data/unlinking.ts";
import { idleExpiry } from "../domain/session.ts";
import type { Revocations } from "../jobs/revocations.ts";
import type { Lines } from "../lines/lines.ts";
import type { Clock } from "../platform/clock.ts";
import type { Aliases } from "./aliases.ts";

/** What taking a merge apart needs. */
export interface UnlinkerDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly newUuid: () => string;
  readonly aliases: Pick<Aliases, "remove">;
  readonly revocations: Pick<Revocations, "add">;
  readonly lines: Pick<Lines, "find" | "join">;
}

/**
 * Takes a guest out of the consumer that it was merged into, at an operator's wish. It is a consumer of its own again and enters the lines it was in
 * once more, at the tail: what came together cannot be told apart, and nobody else may lose by it (I6). Null where it was merged into nobody.
 * Asked again it answers the same: a node that dies between the undo and the lines leaves a guest in none, whom the next call puts there.
 *
 * The device's session ends and another begins under the same key, so that no token that was the consumer's goes on being so; a
 * refresh with that key answers with the new one.
 */
export async function unlink(deps: UnlinkerDeps, organizationId: string, guestId: string): Promise<UnlinkedConsumer | null> {
  for (let look = 1; ; look++) {
    const merge = await findMerge(deps.db, organizationId, guestId);
    if (merge === null) return null;
    try {
      if (merge.undoneAt === null) await takeApart(deps, { ...merge, sessions: await findGuestSessions(deps.db, merge) });
    } catch (error) {
      if ((!refusedItself(error) && !isPassing(error)) || look === maxLooks) throw error;
      continue;
    }
    return { consumerId: guestId, fromConsumerId: merge.consumerId, reentered: await reenter(deps, merge) };
  }
}

/** A look that others made untrue is taken again; so often at most. */
const maxLooks = 6;

async function takeApart(deps: UnlinkerDeps, merge: StandingMerge): Promise<void> {
  const { organizationId, guestId, consumerId, sessions } = merge;
  const at = new Date(deps.clock.now());
  await deps.db.batch([
    holdGuestSessions(merge),
    holdConsumers(organizationId, [{ id: consumerId, type: "identified" }]),
    holdAlias(merge),
    ...unlinkStatements(merge, at),
    ...sessions.flatMap((session) => sessionStatements(deps, merge, session, at)),
  ]);
  deps.aliases.remove(organizationId, guestId);
  for (const { id } of sessions) deps.revocations.add(id);
}

function sessionStatements(deps: UnlinkerDeps, { organizationId, guestId }: StandingMerge, session: GuestSession, at: Date) {
  const { keyThumbprint, durationSeconds, familyExpiresAt } = session;
  const idleExpiresAt = idleExpiry(durationSeconds, familyExpiresAt, at.getTime());
  const opened = { organizationId, id: deps.newUuid(), consumerId: guestId, guestId: null, keyThumbprint, durationSeconds, idleExpiresAt, familyExpiresAt };
  return [endSession(organizationId, session.id, "unlinked", at), ...openSession({ ...opened, createdAt: at.getTime() })];
}

async function reenter({ db, lines }: UnlinkerDeps, merge: Merge): Promise<readonly ParticipationRef[]> {
  const reentered: ParticipationRef[] = [];
  for (const ref of await findReentries(db, merge)) {
    const live = await lines.find({ organizationId: merge.organizationId, queueId: ref.distributionId });
    // A line that takes nobody any more, or is full, is one that they would have had to leave anyway.
    if (live !== null && (await lines.join(live, merge.guestId)).kind === "placed") reentered.push(ref);
  }
  return reentered;
}
