import type { SessionFacts } from "../domain/session.ts";
import type { Database } from "./database.ts";

/** A session with the consumer that it belongs to. */
export interface StoredSession extends SessionFacts {
  readonly organizationId: string;
  readonly id: string;
  readonly consumerId: string;
  readonly consumerType: "guest" | "identified";
  /** The guest that the consumer was on this device before it was known; null where there was none. */
  readonly guestId: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  /** A keyed hash of what its device said of itself, where the shopper agreed to that. */
  readonly signalsKey: Uint8Array | null;
}

/** A session that a new guest met, with what it may have met it by. */
export type SessionInTheWay = StoredSession & { readonly installKey: Uint8Array | null };

/** A guest to be, with ids made by us, so that repeating the statement makes nothing twice. */
export interface NewGuest {
  readonly organizationId: string;
  readonly consumerId: string;
  readonly sessionId: string;
  readonly installKey: Uint8Array | null;
  /** RFC 7638, base64url, of the device key that the session is to be bound to. */
  readonly keyThumbprint: string | null;
  readonly signalsKey: Uint8Array | null;
  /** Whether the browser said that a program drives it. */
  readonly isDriven: boolean;
  readonly durationSeconds: number;
  readonly idleExpiresAt: number;
  readonly familyExpiresAt: number;
  readonly createdAt: number;
}

/** A session's row with its consumer's, as `sessionColumns` reads them. */
export interface SessionRow {
  organization_id: string;
  id: string;
  consumer_id: string;
  guest_id: string | null;
  refresh_counter: number;
  refreshed_at: Date;
  duration_seconds: number;
  idle_expires_at: Date;
  family_expires_at: Date;
  revoked_reason: string | null;
  created_at: Date;
  type: "guest" | "identified";
  email: string | null;
  phone: string | null;
  key_thumbprint: Uint8Array | null;
  signals_key: Uint8Array | null;
}

/** What is read of a session `s` and its consumer `c`. A session outlives an erased consumer: it goes on standing in the way of its key, without saying whose it was. */
export const sessionColumns = `s.organization_id, s.id, s.consumer_id, s.guest_id, s.refresh_counter, s.refreshed_at, s.duration_seconds, s.idle_expires_at,
  s.family_expires_at, s.revoked_reason, s.created_at, s.key_thumbprint, s.signals_key, coalesce(c.type, 'guest') as type, c.email, c.phone`;

/** A row as the rest of the service sees it. */
export const readSession = (row: SessionRow): StoredSession => ({
  organizationId: row.organization_id,
  id: row.id,
  consumerId: row.consumer_id,
  guestId: row.guest_id,
  refreshCounter: row.refresh_counter,
  refreshedAt: row.refreshed_at.getTime(),
  durationSeconds: row.duration_seconds,
  idleExpiresAt: row.idle_expires_at.getTime(),
  familyExpiresAt: row.family_expires_at.getTime(),
  revokedReason: row.revoked_reason,
  createdAt: row.created_at.getTime(),
  keyThumbprint: row.key_thumbprint && bytesText(row.key_thumbprint),
  consumerType: row.type,
  email: row.email,
  phone: row.phone,
  signalsKey: row.signals_key,
});

/**
 * Makes many guests in one statement and answers the ids of the sessions that it made. Left out is whatever was there: an install
 * secret or device key seen before (also twice in one batch), or the same ids from an attempt whose answer was lost.
 */
export async function insertGuests(db: Database, guests: readonly NewGuest[]): Promise<ReadonlySet<string>> {
  const rows = await db.run<{ id: string }>(
    `with asked as (
       select * from unnest($1::text[], $2::uuid[], $3::uuid[], $4::bytea[], $5::int[], $6::timestamptz[], $7::timestamptz[], $8::timestamptz[], $9::bytea[], $10::bytea[], $11::boolean[])
         as a(organization_id, consumer_id, session_id, install_key, duration_seconds, idle_expires_at, family_expires_at, created_at, key_thumbprint, signals_key, signals_driven)
     ), made as (
       insert into session (organization_id, id, consumer_id, install_key, key_thumbprint, signals_key, signals_driven, refresh_counter, refreshed_at, duration_seconds, idle_expires_at, family_expires_at, created_at)
       select organization_id, session_id, consumer_id, install_key, key_thumbprint, signals_key, signals_driven, 0, created_at, duration_seconds, idle_expires_at, family_expires_at, created_at from asked
       on conflict do nothing
       returning organization_id, id, consumer_id, created_at
     ), consumers as (
       insert into consumer (organization_id, id, type, created_at) select organization_id, consumer_id, 'guest', created_at from made
     )
     select id from made`,
    [
      guests.map((guest) => guest.organizationId),
      guests.map((guest) => guest.consumerId),
      guests.map((guest) => guest.sessionId),
      guests.map((guest) => guest.installKey),
      guests.map((guest) => guest.durationSeconds),
      guests.map((guest) => new Date(guest.idleExpiresAt)),
      guests.map((guest) => new Date(guest.familyExpiresAt)),
      guests.map((guest) => new Date(guest.createdAt)),
      guests.map(thumbprintBytes),
      guests.map((guest) => guest.signalsKey),
      guests.map((guest) => guest.isDriven),
    ],
  );
  return new Set(rows.map((row) => row.id));
}

/** A thumbprint as it is stored. */
export const thumbprintBytes = ({ keyThumbprint }: { readonly keyThumbprint: string | null }): Buffer | null =>
  keyThumbprint === null ? null : Buffer.from(keyThumbprint, "base64url");

/** Stored bytes, a thumbprint or a hash, in the text that they are said in. */
export const bytesText = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");

/** The sessions that stood in the way of new guests: by install secret, by device key, or by our own id. */
export async function findSessionsInTheWay(db: Database, guests: readonly NewGuest[]): Promise<readonly SessionInTheWay[]> {
  const rows = await db.run<SessionRow & { install_key: Uint8Array | null }>(
    // Three index look-ups joined by `union`: with `or` between them, an engine without statistics reads the whole table.
    `with a as (select * from unnest($1::text[], $2::uuid[], $3::bytea[], $4::bytea[]) as a(organization_id, session_id, install_key, key_thumbprint)),
          s as (select s.* from a join session s on s.organization_id = a.organization_id and s.install_key = a.install_key
                union
                select s.* from a join session s on s.organization_id = a.organization_id and s.key_thumbprint = a.key_thumbprint
                union
                select s.* from a join session s on s.organization_id = a.organization_id and s.id = a.session_id)
     select ${sessionColumns}, s.install_key from s left join consumer c on c.organization_id = s.organization_id and c.id = s.consumer_id`,
    [guests.map((guest) => guest.organizationId), guests.map((guest) => guest.sessionId), guests.map((guest) => guest.installKey), guests.map(thumbprintBytes)],
  );
  return rows.map((row) => ({ ...readSession(row), installKey: row.install_key }));
}

/** A session by its id. */
export async function findSession(db: Database, organizationId: string, sessionId: string): Promise<StoredSession | null> {
  const [row] = await db.run<SessionRow>(
    `select ${sessionColumns} from session s left join consumer c on c.organization_id = s.organization_id and c.id = s.consumer_id
      where s.organization_id = $1 and s.id = $2`,
    [organizationId, sessionId],
  );
  return row === undefined ? null : readSession(row);
}

/** A session by the device key that it is bound to. */
export async function findSessionByKey(db: Database, organizationId: string, keyThumbprint: string): Promise<StoredSession | null> {
  const [row] = await db.run<SessionRow>(
    `select ${sessionColumns} from session s left join consumer c on c.organization_id = s.organization_id and c.id = s.consumer_id
      where s.organization_id = $1 and s.key_thumbprint = $2`,
    [organizationId, thumbprintBytes({ keyThumbprint })],
  );
  return row === undefined ? null : readSession(row);
}

/** Moves the refresh counter from what was seen, or leaves it there, and the idle limit with it. False when somebody else moved it, or ended the session, first. */
export async function advanceCounter(
  db: Database,
  session: StoredSession,
  change: { readonly to: number; readonly idleExpiresAt: number; readonly at: number },
): Promise<boolean> {
  const rows = await db.run(
    `update session set refresh_counter = $4, refreshed_at = $5, idle_expires_at = $6
      where organization_id = $1 and id = $2 and refresh_counter = $3 and revoked_at is null
      returning 1`,
    [session.organizationId, session.id, session.refreshCounter, change.to, new Date(change.at), new Date(change.idleExpiresAt)],
  );
  return rows.length === 1;
}

/** Why a session was ended before its time. */
export type EndReason = "logout" | "reused" | "revoked" | "erased" | "transferred" | "upgraded" | "replaced" | "unlinked";

/** Ends every session of a consumer that has not been ended, and answers their ids. */
export async function revokeSessionsOf(db: Database, organizationId: string, consumerId: string, reason: EndReason, at: number): Promise<readonly string[]> {
  const rows = await db.run<{ id: string }>(
    `update session set revoked_at = $3, revoked_reason = $4 where organization_id = $1 and consumer_id = $2 and revoked_at is null returning id`,
    [organizationId, consumerId, new Date(at), reason],
  );
  return rows.map((row) => row.id);
}

/** Takes back what the sessions of `ended` presented and nobody has used: the grants stay with their consumers. For the statement that ends them. */
export const takingBack = `
  update admission_grant g set presentation_id = null from ended
   where g.organization_id = ended.organization_id and g.consumer_id = ended.consumer_id and g.presentation_session = ended.id
     and g.state in ('active', 'held') and not g.presentation_used`;

/** Ends a session for good, with what it presented; ending it again changes nothing, so that the first reason stays. */
export async function revokeSession(db: Database, organizationId: string, sessionId: string, reason: EndReason, at: number): Promise<void> {
  await db.run(
    `with ended as (
       update session set revoked_at = $3, revoked_reason = $4 where organization_id = $1 and id = $2 and revoked_at is null
       returning organization_id, consumer_id, id) ${takingBack}`,
    [organizationId, sessionId, new Date(at), reason],
  );
}

/** Sessions revoked since an instant, of all organizations: what every node must know about. */
export async function findRevokedSince(db: Database, since: number): Promise<readonly { readonly id: string; readonly revokedAt: number }[]> {
  const rows = await db.run<{ id: string; revoked_at: Date }>("select id, revoked_at from session where revoked_at > $1", [new Date(since)]);
  return rows.map((row) => ({ id: row.id, revokedAt: row.revoked_at.getTime() }));
}

/** Whether a consumer waits in a line, is in a draw that is yet to be made, or holds a grant. */
export async function hasLivePlace(db: Database, organizationId: string, consumerId: string): Promise<boolean> {
  const rows = await db.run(
    `(select 1 from queue_entry where organization_id = $1 and consumer_id = $2 and live and state in ('waiting', 'admitted') limit 1)
     union all (select 1 from draw_entry e join draw d on d.organization_id = e.organization_id and d.id = e.draw_id
                 where e.organization_id = $1 and e.consumer_id = $2 and e.class = 0 and d.drawn_at is null and d.cancelled_at is null limit 1)
     union all (select 1 from admission_grant where organization_id = $1 and consumer_id = $2 and state in ('active', 'held') limit 1)`,
    [organizationId, consumerId],
  );
  return rows.length > 0;
}

/**
 * Ends a session and begins it anew under another key, in one statement: whoever asks twice finds it ended. The family goes on, with its
 * end, and so do the places that are bound to its key. Null where the session has ended; raises `DatabaseError` 23505 where the key belongs to another session.
 */
export async function moveSession(
  db: Database,
  session: Pick<StoredSession, "organizationId" | "id">,
  move: { readonly to: string; readonly keyThumbprint: string | null; readonly at: number },
): Promise<StoredSession | null> {
  const rows = await db.run(
    `with old as (
       update session set revoked_at = $5, revoked_reason = 'transferred'
        where organization_id = $1 and id = $2 and revoked_at is null and family_expires_at > $5
       returning organization_id, consumer_id, guest_id, duration_seconds, family_expires_at, key_thumbprint),
     entered as (
       update entry_key k set key_thumbprint = $4::bytea from old
        where k.organization_id = old.organization_id and k.consumer_id = old.consumer_id and k.key_thumbprint = old.key_thumbprint)
     insert into session (organization_id, id, consumer_id, guest_id, key_thumbprint, refresh_counter, refreshed_at, duration_seconds, idle_expires_at, family_expires_at, created_at)
     select organization_id, $3, consumer_id, guest_id, $4, 0, $5::timestamptz, duration_seconds,
            least($5::timestamptz + make_interval(secs => duration_seconds), family_expires_at), family_expires_at, $5::timestamptz
       from old returning 1`,
    [session.organizationId, session.id, move.to, thumbprintBytes(move), new Date(move.at)],
  );
  return rows.length === 0 ? null : findSession(db, session.organizationId, move.to);
}
