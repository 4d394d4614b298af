import { retryConflicts } from "./conflicts.ts";
import type { Database } from "./database.ts";
import type { QueueKey } from "./queue-entries.ts";

const openStatement = `
with opened as (
  update queue set early_tickets = next_ticket - 1
   where organization_id = $1 and id = $2 and ordering = 'shuffle_early' and early_tickets is null and not archived and not killed
     and (open_at is null or open_at <= $3)
  returning early_tickets),
counted as (
  update distribution_counters set version = version + 1
   where distribution_id = $2 and organization_id = $1 and exists (select 1 from opened)
  returning version)
insert into distribution_change (distribution_id, organization_id, version, kind, tickets, at)
select $2, $1, version, 'drawn', array[]::bigint[], $3 from counted`;

/**
 * Ends the early arrivals of a queue whose time has come: who has a ticket by then is drawn, who comes later stands behind. In the row
 * that hands out tickets, so that every ticket is one or the other; once, however many nodes try.
 */
export async function endEarlyArrivals(db: Database, key: QueueKey, at: Date): Promise<void> {
  await retryConflicts(() => db.run(openStatement, [key.organizationId, key.queueId, at]));
}
