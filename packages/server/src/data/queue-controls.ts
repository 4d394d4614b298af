import { sql } from "kysely";
import type { Queue } from "@fanfare-io/fanfare-contract";
import { retryConflicts } from "./conflicts.ts";
import type { Database } from "./database.ts";
import type { QueueKey } from "./queue-entries.ts";
import { showQueue } from "./queues.ts";

/** What an operator may do to a running queue. */
export type QueueControl = "open" | "pause" | "resume" | "close" | "kill" | "queueAll" | "passThrough";

/**
 * Does it, in the row that also hands out tickets, so that no join slips through afterwards. Repeating it changes nothing. Null when
 * there is no such queue, or when a killed one was to come back to life.
 */
export async function controlQueue(db: Database, key: QueueKey, control: QueueControl, at: Date): Promise<Queue | null> {
  const opened = {
    openAt: sql<Date>`case when open_at > ${at} then ${at} else open_at end`,
    closeAt: sql<Date>`case when close_at <= ${at} then null else close_at end`,
  };
  const changes = {
    open: { ...opened, paused: false },
    pause: { paused: true },
    resume: { paused: false, passThrough: false },
    queueAll: { ...opened, paused: true, passThrough: false },
    passThrough: { paused: false, passThrough: true },
    // Closed before it opened: it opens at the same instant, so that it is over instead of yet to come.
    close: { openAt: sql<Date>`least(open_at, ${at})`, closeAt: sql<Date>`least(coalesce(close_at, ${at}), ${at})` },
    kill: { killed: true },
  };
  let statement = db.queries
    .updateTable("queue")
    .set({ ...changes[control], updatedAt: at })
    .where("organizationId", "=", key.organizationId)
    .where("id", "=", key.queueId)
    .where("archived", "=", false);
  if (control !== "pause" && control !== "close" && control !== "kill") statement = statement.where("killed", "=", false);
  const row = await statement.returningAll().executeTakeFirst();
  return row === undefined ? null : showQueue(row);
}

const archiveStatement = `
with archived as (
  update queue set archived = true, updated_at = $3 where organization_id = $1 and id = $2 and not archived returning id),
ended as (
  update admission_grant set state = 'expired'
   where distribution_id = $2 and organization_id = $1 and state = 'active' and exists (select 1 from archived)
  returning ticket),
entry as (
  update queue_entry set state = 'expired', live = false, ended_at = $3 from ended
   where queue_entry.queue_id = $2 and queue_entry.organization_id = $1 and queue_entry.ticket = ended.ticket
  returning 1),
counted as (
  update distribution_counters set active = active - (select count(*) from ended), version = version + 1
   where distribution_id = $2 and organization_id = $1 and exists (select 1 from ended)
  returning version)
insert into distribution_change (distribution_id, organization_id, version, kind, tickets, at)
select $2, $1, version, 'expired', array(select ticket from ended where ticket is not null), $3 from counted`;

/**
 * Archives a queue and ends its unused grants; what a shop holds for a payment under way ends by itself. Nobody's entry is rewritten:
 * who waits is told by the queue's state. Repeating it changes nothing.
 */
export async function archiveQueue(db: Database, key: QueueKey, at: Date): Promise<void> {
  await retryConflicts(() => db.run(archiveStatement, [key.organizationId, key.queueId, at]));
}
