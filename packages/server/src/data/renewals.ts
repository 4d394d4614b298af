import type { Database } from "./database.ts";
import { readSession, sessionColumns, thumbprintBytes } from "./sessions.ts";
import type { SessionRow, StoredSession } from "./sessions.ts";

/** A refresh that was asked for. */
export interface Renewal {
  readonly organizationId: string;
  readonly sessionId: string;
  /** The counter of the refresh token that was shown. */
  readonly counter: number;
  /** RFC 7638, base64url, of the key that the request proved; null where it proved none. */
  readonly keyThumbprint: string | null;
  readonly at: number;
}

/**
 * Renews many sessions in one statement, those where nothing is in question: the shown token is the current one, the proved key is the session's, and it
 * lives. That is `decideRefresh`'s "rotate" without a key and its "keep" with one. Left out, and to be decided one by one, is everything else: parents, copies,
 * ended sessions, those past their idle limit, and the second of two that ask for one session. Safe to repeat: what was renewed then counts as a parent.
 */
export async function renewSessions(db: Database, asked: readonly Renewal[]): Promise<ReadonlyMap<string, StoredSession>> {
  const rows = await db.run<SessionRow>(
    `with asked as (
       select * from unnest($1::text[], $2::uuid[], $3::int[], $4::bytea[], $5::timestamptz[]) as a(organization_id, id, counter, key_thumbprint, at)
     ), s as (
       update session as s
          set refresh_counter = s.refresh_counter + case when s.key_thumbprint is null then 1 else 0 end,
              refreshed_at = a.at,
              idle_expires_at = least(a.at + s.duration_seconds * interval '1 second', s.family_expires_at)
         from asked a
        where s.organization_id = a.organization_id and s.id = a.id and s.refresh_counter = a.counter
          and s.key_thumbprint is not distinct from a.key_thumbprint
          and s.revoked_at is null and s.idle_expires_at > a.at and s.family_expires_at > a.at
       returning s.*
     )
     select ${sessionColumns} from s left join consumer c on c.organization_id = s.organization_id and c.id = s.consumer_id`,
    [
      asked.map(({ organizationId }) => organizationId),
      asked.map(({ sessionId }) => sessionId),
      asked.map(({ counter }) => counter),
      asked.map(thumbprintBytes),
      asked.map(({ at }) => new Date(at)),
    ],
  );
  return new Map(rows.map((row) => [row.id, readSession(row)]));
}
