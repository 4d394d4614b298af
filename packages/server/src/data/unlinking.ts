import type { LinkOutcome, ParticipationRef } from "@fanfare-io/fanfare-contract";
import type { Database } from "./database.ts";
import { unlinkEntryKeys } from "./entry-keys.ts";
import type { Statement } from "./identities.ts";
import type { Pair } from "./merging.ts";
import { bytesText } from "./sessions.ts";

/** A merge that stands. */
export interface StandingMerge extends Pair {
  readonly linkId: string;
  /** The session that the guest had, which is the consumer's now; null where it has ended. */
  readonly session: {
    readonly id: string;
    readonly keyThumbprint: string | null;
    readonly durationSeconds: number;
    readonly familyExpiresAt: number;
  } | null;
  readonly outcome: LinkOutcome;
}

/** The merge that made this id an alias; null where it is none. */
export async function findMerge(db: Database, organizationId: string, guestId: string): Promise<StandingMerge | null> {
  const [row] = await db.run<{
    id: string;
    consumer_id: string;
    outcome: LinkOutcome;
    session_id: string | null;
    key_thumbprint: Uint8Array | null;
    duration_seconds: number;
    family_expires_at: Date;
  }>(
    `select l.id, l.consumer_id, l.outcome, s.id as session_id, s.key_thumbprint, s.duration_seconds, s.family_expires_at
       from consumer_alias a
       join consumer_link l on l.organization_id = a.organization_id and l.consumer_id = a.consumer_id and l.from_consumer_id = a.alias_id
        and l.undone_at is null and l.outcome ->> 'kind' = 'merged'
       left join session s on s.organization_id = l.organization_id and s.id = l.session_id and s.consumer_id = a.consumer_id and s.revoked_at is null
      where a.organization_id = $1 and a.alias_id = $2 and a.ended_at is null order by l.linked_at desc limit 1`,
    [organizationId, guestId],
  );
  if (row === undefined) return null;
  const key = row.key_thumbprint;
  return {
    organizationId,
    guestId,
    consumerId: row.consumer_id,
    linkId: row.id,
    outcome: row.outcome,
    session:
      row.session_id === null
        ? null
        : {
            id: row.session_id,
            keyThumbprint: key && bytesText(key),
            durationSeconds: row.duration_seconds,
            familyExpiresAt: row.family_expires_at.getTime(),
          },
  };
}

/**
 * Makes the guest a consumer of its own again. Its entries of lists that are still to be drawn bear its reference and go back to it; everything
 * else that has come together stays where it is.
 */
export const unlinkStatements = ({ organizationId, guestId, consumerId, linkId, session }: StandingMerge, at: Date): readonly Statement[] => [
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
  ...(session?.keyThumbprint == null ? [] : unlinkEntryKeys({ organizationId, guestId, consumerId }, session.keyThumbprint)),
];

/** The queues among these where this consumer may stand again: it has not bought there, under whichever id. */
export async function findReentries(db: Database, pair: Pair, refs: readonly ParticipationRef[]): Promise<readonly ParticipationRef[]> {
  const queues = refs.filter(({ mechanism }) => mechanism === "queue");
  const bought = await db.run<{ queue_id: string }>(
    `select queue_id from queue_entry where organization_id = $1 and consumer_id in ($2::uuid, $3::uuid) and state = 'completed' and queue_id = any($4::text[])`,
    [pair.organizationId, pair.guestId, pair.consumerId, queues.map(({ distributionId }) => distributionId)],
  );
  return queues.filter(({ distributionId }) => !bought.some((row) => row.queue_id === distributionId));
}
