import type { ParticipationRef, UnlinkedConsumer } from "@fanfare-io/fanfare-contract";
import { holdAlias } from "../data/aliases.ts";
import { refusedItself } from "../data/conflicts.ts";
import type { Database } from "../data/database.ts";
import { holdConsumers } from "../data/identities.ts";
import { endSession, openSession } from "../data/session-handovers.ts";
import { findMerge, findReentries, unlinkStatements } from "../data/unlinking.ts";
import type { StandingMerge } from "../data/unlinking.ts";
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
 * once more, at the tail: what came together cannot be told apart, and nobody else may lose by it (I6). Null where the id is no alias.
 *
 * The device's session ends and another begins under the same key, so that no token that was the consumer's goes on being so; a
 * refresh with that key answers with the new one.
 */
export async function unlink(deps: UnlinkerDeps, organizationId: string, guestId: string): Promise<UnlinkedConsumer | null> {
  const merge = await findMerge(deps.db, organizationId, guestId);
  if (merge === null) return null;
  const at = new Date(deps.clock.now());
  try {
    await deps.db.batch([
      holdConsumers(organizationId, [{ id: merge.consumerId, type: "identified" }]),
      holdAlias(merge),
      ...unlinkStatements(merge, at),
      ...sessionStatements(deps, merge, at),
    ]);
  } catch (error) {
    // Another operator was first.
    if (refusedItself(error)) return null;
    throw error;
  }
  deps.aliases.remove(organizationId, guestId);
  if (merge.session !== null) deps.revocations.add(merge.session.id);
  return { consumerId: guestId, fromConsumerId: merge.consumerId, reentered: await reenter(deps, merge) };
}

function sessionStatements(deps: UnlinkerDeps, { organizationId, guestId, session }: StandingMerge, at: Date) {
  if (session === null) return [];
  const { keyThumbprint, durationSeconds, familyExpiresAt } = session;
  const idleExpiresAt = idleExpiry(durationSeconds, familyExpiresAt, at.getTime());
  const opened = { organizationId, id: deps.newUuid(), consumerId: guestId, guestId: null, keyThumbprint, durationSeconds, idleExpiresAt, familyExpiresAt };
  return [endSession(organizationId, session.id, "unlinked", at), ...openSession({ ...opened, createdAt: at.getTime() })];
}

async function reenter({ db, lines }: UnlinkerDeps, merge: StandingMerge): Promise<readonly ParticipationRef[]> {
  const reentered: ParticipationRef[] = [];
  for (const ref of await findReentries(db, merge, [...merge.outcome.moved, ...merge.outcome.kept])) {
    const live = await lines.find({ organizationId: merge.organizationId, queueId: ref.distributionId });
    // A line that takes nobody any more, or is full, is one that they would have had to leave anyway.
    if (live !== null && (await lines.join(live, merge.guestId)).kind === "placed") reentered.push(ref);
  }
  return reentered;
}
