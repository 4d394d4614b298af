import type { LinkOutcome, ParticipationRef } from "@fanfare-io/fanfare-contract";
import type { Database } from "./database.ts";
import { unlinkEntryKeys } from "./entry-keys.ts";
import type { Statement } from "./identities.ts";
import type { Pair } from "./merging.ts";
import { bytesText } from "./sessions.ts";

/** What made a guest another consumer. */
export interface Merge extends Pair {
  readonly linkId: string;
  readonly outcome: LinkOutcome;
  /** When an operator took it apart; null = it stands. */
  readonly undoneAt: Date | null;
}

/** A merge that stands, to be taken apart. */
export interface StandingMerge extends Merge {
  /** What goes by that guest on its devices and is the consumer's now: the session that was linked, or what it was moved to since. */
  readonly sessions: readonly GuestSession[];
}

/** A session that is to become the guest's again. */
export interface GuestSession {
  readonly id: string;
  readonly keyThumbprint: string | null;
  readonly durationSeconds: number;
  readonly familyExpiresAt: number;
}

/** The merge that made this id an alias, or had done so before it was taken apart; null where there was none, or the consumer has been erased since. */
export async function findMerge(db: Database, organizationId: string, guestId: string): Promise<Merge | null> {
  const [row] = await db.run<{ id: string; consumer_id: string; outcome: LinkOutcome; undone_at: Date | null }>(
    `select l.id, l.consumer_id, l.outcome, l.undone_at
       from consumer_alias a
       join consumer_link l on l.organization_id = a.organization_id and l.consumer_id = a.consumer_id and l.from_consumer_id = a.alias_id
        and (l.undone_at is null) = (a.ended_at is null) and l.outcome ->> 'kind' = 'merged'
      where a.organization_id = $1 and a.alias_id = $2 order by l.linked_at desc limit 1`,
    [organizationId, guestId],
  );
  return row === undefined ? null : { organizationId, guestId, consumerId: row.consumer_id, linkId: row.id, outcome: row.outcome, undoneAt: row.undone_at };
}

const guestSessions = "organization_id = $1 and consumer_id = $2 and guest_id = $3 and revoked_at is null";

/** What is to become the guest's again. */
export async function findGuestSessions(db: Database, { organizationId, guestId, consumerId }: Pair): Promise<readonly GuestSession[]> {
  const rows = await db.run<{ id: string; key_thumbprint: Uint8Array | null; duration_seconds: number; family_expires_at: Date }>(
    `select id, key_thumbprint, duration_seconds, family_expires_at from session where ${guestSessions} order by id`,
    [organizationId, consumerId, guestId],
  );
  return rows.map((row) => ({
    id: row.id,
    keyThumbprint: row.key_thumbprint && bytesText(row.key_thumbprint),
    durationSeconds: row.duration_seconds,
    familyExpiresAt: row.family_expires_at.getTime(),
  }));
}

/** Holds those sessions still: they are all that there are, so that none is moved away or ended meanwhile. */
export const holdGuestSessions = ({ organizationId, guestId, consumerId, sessions }: StandingMerge): Statement => ({
  statement: `with held as (select id from session where ${guestSessions} order by id for update)
    select 1 / (case when (select count(*) filter (where id = any($4::uuid[])) = $5::bigint and count(*) = $5::bigint from held) then 1 else 0 end) as proof`,
  parameters: [organizationId, consumerId, guestId, sessions.map(({ id }) => id), sessions.length],
});

/**
 * Makes the guest a consumer of its own again. Its entries of lists that are still to be drawn bear its reference and go back to it; everything
 * else that has come together stays where it is.
 */
export const unlinkStatements = ({ organizationId, guestId, consumerId, linkId, sessions }: StandingMerge, at: Date): readonly Statement[] => [
  { statement: "update consumer_alias set ended_at = $3 where organization_id = $1 and alias_id = $2", parameters: [organizationId, guestId, at] },
  { statement: "update consumer_link set undone_at = $3 where organization_id = $1 and id = $2", parameters: [organizationId, linkId, at] },
  {
    statement: "insert into consumer (organization_id, id, type, created_at) values ($1, $2, 'guest', $3) on conflict do nothing",
    parameters: [organizationId, guestId, at],
  },
  {
    statement: `update draw_entry e set consumer_id = $2, entered_as = null from draw d
      where e.organization_id = $1 and e.consumer_id = $3 and e.entered_as = $2 and e.class = 0
        and d.organization_id = $1 and d.id = e.draw_id and d.drawing_at is null and d.cancelled_at is null`,
    parameters: [organizationId, guestId, consumerId],
  },
  ...sessions.flatMap(({ keyThumbprint }) => (keyThumbprint === null ? [] : unlinkEntryKeys({ organizationId, guestId, consumerId }, keyThumbprint))),
];

/** The queues of a merge where the guest may stand again: it has not bought there, under whichever id, and has not left there since the undo. */
export async function findReentries(db: Database, merge: Omit<Merge, "linkId">): Promise<readonly ParticipationRef[]> {
  const { organizationId, guestId, consumerId, outcome, undoneAt } = merge;
  const queues = [...outcome.moved, ...outcome.kept].filter(({ mechanism }) => mechanism === "queue");
  const over = await db.run<{ queue_id: string }>(
    `select queue_id from queue_entry where organization_id = $1 and queue_id = any($4::text[]) and (
      (consumer_id in ($2::uuid, $3::uuid) and state = 'completed') or (consumer_id = $2::uuid and not live and entered_at >= $5::timestamptz))`,
    [organizationId, guestId, consumerId, queues.map(({ distributionId }) => distributionId), undoneAt],
  );
  return queues.filter(({ distributionId }) => !over.some((row) => row.queue_id === distributionId));
}
