import { findAliases } from "./aliases.ts";
import type { Database } from "./database.ts";
import type { Statement } from "./identities.ts";

/** The ids under which something of a consumer may stand: its own, and those that it came by as a guest. */
export async function idsOf(db: Database, organizationId: string, consumerId: string): Promise<readonly string[]> {
  return [consumerId, ...(await findAliases(db, organizationId, consumerId))];
}

/**
 * Takes a consumer out of every table, all at once, under each of its ids. Tickets and grants are counted on, so that their rows stay, under an id that
 * leads to nobody; the session's row stays in the way of its key, which is how the key is retired, and says no more. Raises a `DatabaseError` 22012 where
 * somebody has become this consumer meanwhile, or a session of it lives: then all of it is to be ended once more.
 */
export async function eraseConsumerRows(db: Database, organizationId: string, consumerIds: readonly string[], newUuid: () => string): Promise<void> {
  // An id for each: two places of one person in one line would otherwise be two of nobody's.
  await db.batch([...holdErased(organizationId, consumerIds), ...consumerIds.flatMap((consumerId) => eraseStatements(organizationId, consumerId, newUuid()))]);
}

// Held first, in a statement of its own: what a merge that held the consumer before us has written is seen by the next one only.
function holdErased(organizationId: string, consumerIds: readonly string[]): readonly Statement[] {
  const [consumerId, ...aliases] = consumerIds;
  return [
    {
      statement: "select 1 from consumer where organization_id = $1 and id = any($2::uuid[]) order by id for update",
      parameters: [organizationId, consumerIds],
    },
    {
      statement: `select 1 / (case when
          (select count(*) from consumer_alias where organization_id = $1 and consumer_id = $2 and ended_at is null) = $3::bigint
          and not exists (select 1 from session where organization_id = $1 and consumer_id = any($4::uuid[]) and revoked_at is null) then 1 else 0 end) as proof`,
      parameters: [organizationId, consumerId, aliases.length, consumerIds],
    },
  ];
}

function eraseStatements(organizationId: string, consumerId: string, nobody: string): readonly Statement[] {
  const parameters = [organizationId, consumerId];
  const renamed = [...parameters, nobody];
  return [
    { statement: "delete from consumer_identity where organization_id = $1 and consumer_id = $2", parameters },
    { statement: "delete from consumer_alias where organization_id = $1 and (consumer_id = $2 or alias_id = $2)", parameters },
    { statement: "delete from consumer_link where organization_id = $1 and (consumer_id = $2 or from_consumer_id = $2)", parameters },
    {
      statement:
        "update session set consumer_id = $3, guest_id = null, install_key = null, signals_key = null, signals_driven = false where organization_id = $1 and consumer_id = $2",
      parameters: renamed,
    },
    { statement: "update session set guest_id = null where organization_id = $1 and guest_id = $2", parameters },
    {
      statement: "update admission_grant set consumer_id = $3, presentation_session = null where organization_id = $1 and consumer_id = $2",
      parameters: renamed,
    },
    { statement: "update queue_entry set consumer_id = $3 where organization_id = $1 and consumer_id = $2", parameters: renamed },
    // The list of a draw says nothing about anybody; what led from it to this consumer goes.
    { statement: "update draw_entry set consumer_id = $3, entered_as = null where organization_id = $1 and consumer_id = $2", parameters: renamed },
    { statement: "delete from entry_key where organization_id = $1 and consumer_id = $2", parameters },
    { statement: "delete from entry_check where organization_id = $1 and consumer_id = $2", parameters },
    { statement: "delete from experience_visit where organization_id = $1 and consumer_id = $2", parameters },
    {
      statement:
        "update security_event set consumer_id = null, session_id = null, subject = null, network = null where organization_id = $1 and consumer_id = $2",
      parameters,
    },
    { statement: "delete from consumer where organization_id = $1 and id = $2", parameters },
  ];
}
