import { sql } from "kysely";
import type { Queue } from "@fanfare-io/fanfare-contract";
import type { Database } from "./database.ts";
import type { QueueKey } from "./queue-entries.ts";
import { showQueue } from "./queues.ts";

/** What an operator may do to a running queue. */
export type QueueControl = "open" | "pause" | "resume" | "close" | "kill";

/**
 * Does it, in the row that also hands out tickets, so that no join slips through afterwards. Repeating it changes nothing. Null when
 * there is no such queue, or when a killed one was to come back to life.
 */
export async function controlQueue(db: Database, key: QueueKey, control: QueueControl, at: Date): Promise<Queue | null> {
  const changes = {
    open: {
      paused: false,
      openAt: sql<Date>`case when open_at > ${at} then ${at} else open_at end`,
      closeAt: sql<Date>`case when close_at <= ${at} then null else close_at end`,
    },
    pause: { paused: true },
    resume: { paused: false },
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
  if (control === "open" || control === "resume") statement = statement.where("killed", "=", false);
  const row = await statement.returningAll().executeTakeFirst();
  return row === undefined ? null : showQueue(row);
}
