import type { ActiveParticipation, ConsumerProfile } from "@fanfare-io/fanfare-contract";
import type { Database } from "./database.ts";

/** A consumer with everything that it takes part in now. Null when there is none. */
export async function findConsumerProfile(db: Database, organizationId: string, consumerId: string): Promise<ConsumerProfile | null> {
  const consumer = await db.queries
    .selectFrom("consumer")
    .select(["id", "type", "email", "phone", "fullName", "createdAt"])
    .where("organizationId", "=", organizationId)
    .where("id", "=", consumerId)
    .executeTakeFirst();
  if (consumer === undefined) return null;
  const participations = await findActiveParticipations(db, organizationId, consumerId);
  return { ...consumer, createdAt: consumer.createdAt.toISOString(), active: { participations } };
}

async function findActiveParticipations(db: Database, organizationId: string, consumerId: string): Promise<readonly ActiveParticipation[]> {
  const rows = await db.run<{
    queue_id: string;
    experience_id: string;
    sequence_id: string;
    state: "waiting" | "admitted";
    entered_at: Date;
    grant_id: string | null;
    expires_at: Date | null;
  }>(
    `select e.queue_id, q.experience_id, q.sequence_id, e.state, e.entered_at, g.id as grant_id, g.expires_at
       from queue_entry e
       join queue q on q.organization_id = e.organization_id and q.id = e.queue_id
       left join admission_grant g on g.distribution_id = e.queue_id and g.organization_id = e.organization_id
        and g.consumer_id = e.consumer_id and g.state in ('active', 'held')
      where e.organization_id = $1 and e.consumer_id = $2 and e.live and e.state in ('waiting', 'admitted')
      order by e.entered_at`,
    [organizationId, consumerId],
  );
  const places = rows.map((row): ActiveParticipation => ({
    mechanism: "queue",
    distributionId: row.queue_id,
    experienceId: row.experience_id,
    sequenceId: row.sequence_id,
    status: row.state === "admitted" ? "admitted" : "participating",
    enteredAt: row.entered_at.toISOString(),
    ...(row.grant_id === null || row.expires_at === null ? {} : { grantId: row.grant_id, expiresAt: row.expires_at.toISOString() }),
  }));
  return [...places, ...(await findActiveDraws(db, organizationId, consumerId))];
}

async function findActiveDraws(db: Database, organizationId: string, consumerId: string): Promise<readonly ActiveParticipation[]> {
  const rows = await db.run<{
    draw_id: string;
    experience_id: string;
    sequence_id: string;
    entered_at: Date;
    grant_id: string | null;
    expires_at: Date | null;
  }>(
    `select e.draw_id, d.experience_id, d.sequence_id, e.entered_at, g.id as grant_id, g.expires_at
       from draw_entry e
       join draw d on d.organization_id = e.organization_id and d.id = e.draw_id
       left join admission_grant g on g.distribution_id = e.draw_id and g.organization_id = e.organization_id
        and g.consumer_id = e.consumer_id and g.state in ('active', 'held')
      where e.organization_id = $1 and e.consumer_id = $2 and e.class = 0 and (g.id is not null or (d.drawn_at is null and d.cancelled_at is null and not d.archived))
      order by e.entered_at`,
    [organizationId, consumerId],
  );
  return rows.map((row) => ({
    mechanism: "draw",
    distributionId: row.draw_id,
    experienceId: row.experience_id,
    sequenceId: row.sequence_id,
    status: row.grant_id === null ? "participating" : "admitted",
    enteredAt: row.entered_at.toISOString(),
    ...(row.grant_id === null || row.expires_at === null ? {} : { grantId: row.grant_id, expiresAt: row.expires_at.toISOString() }),
  }));
}
