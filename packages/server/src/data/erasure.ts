import type { Database } from "./database.ts";

/**
 * Takes a consumer out of every table, all at once. Tickets and grants are counted on, so that their rows stay, under an id that leads to
 * nobody; the session's row stays in the way of its key, which is how the key is retired, and says no more.
 */
export async function eraseConsumerRows(db: Database, organizationId: string, consumerId: string, nobody: string): Promise<void> {
  const parameters = [organizationId, consumerId];
  const renamed = [...parameters, nobody];
  await db.batch([
    { statement: "delete from consumer_identity where organization_id = $1 and consumer_id = $2", parameters },
    { statement: "delete from consumer_alias where organization_id = $1 and consumer_id = $2", parameters },
    { statement: "delete from consumer_link where organization_id = $1 and consumer_id = $2", parameters },
    {
      statement: "update session set consumer_id = $3, guest_id = null, install_key = null, signals_key = null where organization_id = $1 and consumer_id = $2",
      parameters: renamed,
    },
    {
      statement: "update admission_grant set consumer_id = $3, presentation_session = null where organization_id = $1 and consumer_id = $2",
      parameters: renamed,
    },
    { statement: "update queue_entry set consumer_id = $3 where organization_id = $1 and consumer_id = $2", parameters: renamed },
    // The list of a draw says nothing about anybody; what led from it to this consumer goes.
    { statement: "update draw_entry set consumer_id = $3, entered_as = null where organization_id = $1 and consumer_id = $2", parameters: renamed },
    { statement: "delete from entry_check where organization_id = $1 and consumer_id = $2", parameters },
    { statement: "delete from experience_visit where organization_id = $1 and consumer_id = $2", parameters },
    {
      statement:
        "update security_event set consumer_id = null, session_id = null, subject = null, network = null where organization_id = $1 and consumer_id = $2",
      parameters,
    },
    { statement: "delete from consumer where organization_id = $1 and id = $2", parameters },
  ]);
}
