import { PGlite } from "@electric-sql/pglite";
import pg from "pg";
import type { Truth } from "./history.ts";

/** Where a service kept its rows: a server, or the data directory of one that has ended. */
export type RowsAt = { readonly databaseUrl: string } | { readonly dataDir: string };

type Query = (statement: string, parameters: readonly unknown[]) => Promise<readonly Record<string, unknown>[]>;

/** Reads what really happened in a queue, past the service's own code. An embedded database must not be open elsewhere. */
export async function readTruth(at: RowsAt, organizationId: string, queueId: string): Promise<Truth> {
  return "databaseUrl" in at ? readFromServer(at.databaseUrl, organizationId, queueId) : readFromDirectory(at.dataDir, organizationId, queueId);
}

async function readFromServer(databaseUrl: string, organizationId: string, queueId: string): Promise<Truth> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return await collect(async (statement, parameters) => (await client.query(statement, [...parameters])).rows, organizationId, queueId);
  } finally {
    await client.end();
  }
}

async function readFromDirectory(dataDir: string, organizationId: string, queueId: string): Promise<Truth> {
  const db = await PGlite.create(dataDir);
  try {
    return await collect(async (statement, parameters) => (await db.query<Record<string, unknown>>(statement, [...parameters])).rows, organizationId, queueId);
  } finally {
    await db.close();
  }
}

async function collect(query: Query, organizationId: string, queueId: string): Promise<Truth> {
  const key = [organizationId, queueId];
  const entries = await query(`select consumer_id, ticket, state, live from queue_entry where organization_id = $1 and queue_id = $2`, key);
  const grants = await query(
    `select id, consumer_id, ticket, state, order_id, receipt_id from admission_grant where organization_id = $1 and distribution_id = $2`,
    key,
  );
  const changes = await query(
    `select version, kind, tickets from distribution_change where organization_id = $1 and distribution_id = $2 order by version`,
    key,
  );
  const [counters] = await query(
    `select active, granted, capacity, max_admissions from distribution_counters join queue on queue.id = distribution_id and queue.organization_id = distribution_counters.organization_id
      where distribution_counters.organization_id = $1 and distribution_id = $2`,
    key,
  );
  if (counters === undefined) throw new Error(`There is no queue ${queueId} of ${organizationId}.`);
  return {
    entries: entries.map((row) => ({
      consumerId: String(row["consumer_id"]),
      ticket: Number(row["ticket"]),
      state: String(row["state"]),
      live: row["live"] === true,
    })),
    grants: grants.map((row) => ({
      id: String(row["id"]),
      consumerId: String(row["consumer_id"]),
      ticket: Number(row["ticket"]),
      state: String(row["state"]),
      orderId: row["order_id"] as string | null,
      receiptId: row["receipt_id"] as string | null,
    })),
    changes: changes.map((row) => ({ version: Number(row["version"]), kind: String(row["kind"]), tickets: (row["tickets"] as unknown[]).map(Number) })),
    active: Number(counters["active"]),
    granted: Number(counters["granted"]),
    capacity: counters["capacity"] === null ? null : Number(counters["capacity"]),
    maxAdmissions: counters["max_admissions"] === null ? null : Number(counters["max_admissions"]),
  };
}
