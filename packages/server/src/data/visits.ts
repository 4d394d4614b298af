import type { Database } from "./database.ts";

/** Records a consumer's visit to an experience and tells when the first one was: visiting again changes nothing. */
export async function recordVisit(db: Database, organizationId: string, experienceId: string, consumerId: string, at: Date): Promise<Date> {
  const [visit] = await db.run<{ visited_at: Date }>(
    // The update changes nothing and only makes the row that was there come back.
    `insert into experience_visit (organization_id, experience_id, consumer_id, visited_at) values ($1, $2, $3, $4)
     on conflict (organization_id, experience_id, consumer_id) do update set visited_at = experience_visit.visited_at
     returning visited_at`,
    [organizationId, experienceId, consumerId, at],
  );
  return visit?.visited_at ?? at;
}
