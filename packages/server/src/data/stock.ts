import type { Database } from "./database.ts";
import type { QueueKey } from "./queue-entries.ts";

/** What a queue has left to sell, beside the grants that may still take some of it. */
export interface StockLevel {
  readonly remaining: number | null;
  readonly active: number;
}

/** Writes down what the shop says it can still sell; null = it does not count. Null when there is no such queue. */
export async function writeStock(db: Database, key: QueueKey, remaining: number | null): Promise<StockLevel | null> {
  const [row] = await db.run<{ stock: number | null; active: number }>(
    `update distribution_counters set stock = $3
      where distribution_id = $2 and organization_id = $1
        and exists (select 1 from queue where queue.organization_id = $1 and queue.id = $2 and not queue.archived)
      returning stock, active`,
    [key.organizationId, key.queueId, remaining],
  );
  return row === undefined ? null : { remaining: row.stock, active: row.active };
}
