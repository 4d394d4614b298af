import { isPassing } from "../../data/conflicts.ts";
import type { Database } from "../../data/database.ts";
import { renewSessions } from "../../data/renewals.ts";
import type { Renewal } from "../../data/renewals.ts";
import type { StoredSession } from "../../data/sessions.ts";
import { createGroupCommit } from "../../platform/group-commit.ts";
import type { GroupCommit, GroupCommitOptions } from "../../platform/group-commit.ts";

/** A refresh in a batch: the session as it is now, or null where it has to be decided by itself. */
export type RenewalCommit = GroupCommit<Renewal, StoredSession | null>;

/** Renews sessions in batches: those of one opening come back within minutes of each other, for as long as the line lasts. */
export function createRenewalCommit(
  db: Database,
  options: Pick<GroupCommitOptions<Renewal, StoredSession | null>, "now" | "pause" | "onCommitted" | "around">,
): RenewalCommit {
  return createGroupCommit<Renewal, StoredSession | null>({ ...options, maxBatch: 256, mayRepeat: isPassing, flush: (asked) => commitRenewals(db, asked) });
}

async function commitRenewals(db: Database, asked: readonly Renewal[]): Promise<readonly (StoredSession | null)[]> {
  const renewed = new Map(await renewSessions(db, asked));
  return asked.map(({ sessionId, organizationId }) => {
    const session = renewed.get(sessionId);
    // One of several that asked for it in this batch; which one, nobody can tell, and the others get the same as a parent does.
    renewed.delete(sessionId);
    return session?.organizationId === organizationId ? session : null;
  });
}
