import type { Statement } from "./identities.ts";
import { thumbprintBytes } from "./sessions.ts";

/** A session to be opened. Instants are milliseconds. */
export interface OpenedSession {
  readonly organizationId: string;
  readonly id: string;
  readonly consumerId: string;
  /** The guest that its consumer was on this device; null where there was none. */
  readonly guestId: string | null;
  readonly keyThumbprint: string | null;
  readonly durationSeconds: number;
  readonly idleExpiresAt: number;
  readonly familyExpiresAt: number;
  readonly createdAt: number;
}

/**
 * Opens a session. Where its key stood on an ended session, or on one that this transaction ends, it goes over to the new one: a proof of
 * who somebody is says more than a key, and the key is in their hands.
 */
export const openSession = (session: OpenedSession): readonly Statement[] => [
  {
    statement: `update session set key_thumbprint = null where organization_id = $1 and key_thumbprint = $2
      and (revoked_at is not null or idle_expires_at <= $3 or family_expires_at <= $3)`,
    parameters: [session.organizationId, thumbprintBytes(session), new Date(session.createdAt)],
  },
  {
    statement: `insert into session (organization_id, id, consumer_id, guest_id, key_thumbprint, refresh_counter, refreshed_at, duration_seconds,
        idle_expires_at, family_expires_at, created_at) values ($1, $2, $3, $4, $5, 0, $9, $6, $7, $8, $9)`,
    parameters: [
      session.organizationId,
      session.id,
      session.consumerId,
      session.guestId,
      thumbprintBytes(session),
      session.durationSeconds,
      new Date(session.idleExpiresAt),
      new Date(session.familyExpiresAt),
      new Date(session.createdAt),
    ],
  },
];

/** Ends a session in favour of another. */
export const endSession = (organizationId: string, sessionId: string, reason: "upgraded" | "replaced" | "unlinked", at: Date): Statement => ({
  statement: "update session set revoked_at = $3, revoked_reason = $4 where organization_id = $1 and id = $2 and revoked_at is null",
  parameters: [organizationId, sessionId, at, reason],
});

/** Hands a session that is bound to a key to another consumer, or to the same who is now known; its tokens are new (ASVS 7.2.4). */
export const handOverSession = (
  organizationId: string,
  sessionId: string,
  handover: { readonly consumerId: string; readonly guestId: string; readonly at: Date },
): Statement => ({
  statement: `update session set consumer_id = $3, guest_id = $4, refresh_counter = refresh_counter + 1, refreshed_at = $5,
      idle_expires_at = least($5::timestamptz + make_interval(secs => duration_seconds), family_expires_at)
    where organization_id = $1 and id = $2`,
  parameters: [organizationId, sessionId, handover.consumerId, handover.guestId, handover.at],
});
