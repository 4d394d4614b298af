import type { Heard } from "../domain/attendance.ts";
import type { Database } from "./database.ts";
import type { QueueKey } from "./queue-entries.ts";

/** What one node heard of the waiters of one queue. */
export interface Sighting extends Heard {
  readonly key: QueueKey;
  readonly node: string;
  /** Rises with each write of that node. */
  readonly turn: number;
}

/** Replaces what this node tells the others about each queue. One statement, however many queues. */
export async function writeSightings(db: Database, sightings: readonly Sighting[], at: Date): Promise<void> {
  if (sightings.length === 0) return;
  const rows = sightings.map(({ key, node, turn, tickets, pollAfter }) => ({
    distribution_id: key.queueId,
    organization_id: key.organizationId,
    node,
    turn,
    tickets,
    poll_after: pollAfter,
  }));
  await db.run(
    `insert into line_sighting (distribution_id, organization_id, node, turn, tickets, poll_after, written_at)
     select distribution_id, organization_id, node, turn, tickets, poll_after, $2
       from json_to_recordset($1::json)
         as given (distribution_id text, organization_id text, node text, turn bigint, tickets bigint[], poll_after integer[])
     on conflict (distribution_id, organization_id, node)
       do update set turn = excluded.turn, tickets = excluded.tickets, poll_after = excluded.poll_after, written_at = excluded.written_at`,
    [JSON.stringify(rows), at],
  );
}

/** What the other nodes heard, over all queues: this is the service following its own lines, not a caller asking. */
export async function readSightings(db: Database, exceptNode: string): Promise<readonly Sighting[]> {
  const rows = await db.run<{
    distribution_id: string;
    organization_id: string;
    node: string;
    turn: number;
    tickets: readonly (number | string)[];
    poll_after: readonly number[];
  }>("select distribution_id, organization_id, node, turn, tickets, poll_after from line_sighting where node <> $1", [exceptNode]);
  return rows.map((row) => ({
    key: { organizationId: row.organization_id, queueId: row.distribution_id },
    node: row.node,
    turn: row.turn,
    tickets: row.tickets.map(Number),
    pollAfter: row.poll_after,
  }));
}

/** Forgets what nodes said that have been silent since an instant: they are gone. */
export async function deleteOldSightings(db: Database, before: Date): Promise<void> {
  await db.run("delete from line_sighting where written_at < $1", [before]);
}
