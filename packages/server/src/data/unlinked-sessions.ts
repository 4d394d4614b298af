import type { LinkOutcome, UnlinkOutcome } from "@fanfare-io/fanfare-contract";
import type { Database } from "./database.ts";
import { readSession, sessionColumns, thumbprintBytes } from "./sessions.ts";
import type { SessionRow, StoredSession } from "./sessions.ts";
import { findReentries } from "./unlinking.ts";

/** The guest's session that an operator put in the place of one that was a consumer's: by its key, or without one by the instant; null where that has ended too. */
export async function findSuccessor(db: Database, ended: StoredSession, keyThumbprint: string | null): Promise<StoredSession | null> {
  const [row] = await db.run<SessionRow>(
    `select ${sessionColumns} from session old
       join session s on s.organization_id = old.organization_id and s.id <> old.id and s.revoked_at is null and old.guest_id in (s.consumer_id, s.guest_id)
        and (s.key_thumbprint = $3 or (s.key_thumbprint is null and $3::bytea is null and s.created_at = old.revoked_at))
       left join consumer c on c.organization_id = s.organization_id and c.id = s.consumer_id
      where old.organization_id = $1 and old.id = $2`,
    [ended.organizationId, ended.id, thumbprintBytes({ keyThumbprint })],
  );
  return row === undefined ? null : readSession(row);
}

/** What was undone of this guest last, in words for itself; null where nothing was, or where it is known again by now. */
export async function findUnlinked(db: Database, organizationId: string, guestId: string): Promise<UnlinkOutcome | null> {
  const [row] = await db.run<{ consumer_id: string; outcome: LinkOutcome; undone_at: Date }>(
    `select l.consumer_id, l.outcome, l.undone_at from consumer c
       join consumer_link l on l.organization_id = c.organization_id and l.from_consumer_id = c.id and l.undone_at is not null
      where c.organization_id = $1 and c.id = $2 and c.type = 'guest' order by l.undone_at desc limit 1`,
    [organizationId, guestId],
  );
  if (row === undefined) return null;
  const merge = { organizationId, guestId, consumerId: row.consumer_id, outcome: row.outcome, undoneAt: row.undone_at };
  return { fromConsumerId: row.consumer_id, reentered: await findReentries(db, merge) };
}
