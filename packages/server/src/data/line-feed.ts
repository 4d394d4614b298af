import type { QueueSettings } from "../domain/queue-settings.ts";
import type { Database } from "./database.ts";
import type { QueueKey } from "./queue-entries.ts";

/** How far a queue has come, with its settings: what a node compares with what it knows. */
export interface QueueHead {
  readonly settings: QueueSettings;
  /** Highest ticket handed out. */
  readonly tail: number;
  readonly version: number;
  readonly active: number;
  readonly granted: number;
  /** What is left to sell; null = it does not count. */
  readonly stock: number | null;
}

interface HeadRow {
  readonly organization_id: string;
  readonly id: string;
  readonly experience_id: string;
  readonly sequence_id: string;
  readonly name: string;
  readonly open_at: Date | null;
  readonly close_at: Date | null;
  readonly paused: boolean;
  readonly killed: boolean;
  readonly pass_through: boolean;
  readonly archived: boolean;
  readonly admit_rate: number;
  readonly capacity: number | null;
  readonly max_waiting: number | null;
  readonly max_admissions: number | null;
  readonly admission_expiration_seconds: number;
  readonly hold_seconds: number;
  readonly grant_extensions: number;
  readonly grant_extension_seconds: number;
  readonly position_display_mode: QueueSettings["positionDisplayMode"];
  readonly message: string | null;
  readonly ordering: "fifo" | "shuffle_early";
  readonly order_seed: Uint8Array | null;
  readonly early_tickets: number | null;
  readonly tail: number;
  readonly version: number;
  readonly active: number;
  readonly granted: number;
  readonly stock: number | null;
}

/** How long those who waited in an archived queue are told so; afterwards there is nothing under its id. */
const toldAfterArchivingMs = 24 * 3600 * 1000;

// The highest rate that may be set: more than one queue's row takes anyway.
const passThroughRate = 1_000_000;

const headStatement = `
select queue.organization_id, queue.id, queue.experience_id, queue.sequence_id, queue.name, queue.open_at, queue.close_at, queue.paused,
       queue.killed, queue.pass_through, queue.archived, queue.admit_rate, queue.capacity, queue.max_waiting, queue.max_admissions,
       queue.admission_expiration_seconds, queue.hold_seconds, queue.grant_extensions, queue.grant_extension_seconds, queue.position_display_mode, queue.message,
       queue.ordering, queue.order_seed, queue.early_tickets, queue.next_ticket - 1 as tail,
       counters.version, counters.active, counters.granted, counters.stock
  from queue join distribution_counters counters
    on counters.distribution_id = queue.id and counters.organization_id = queue.organization_id
 where (not queue.archived or counters.active > 0 or queue.updated_at > $1)`;

/** The heads of all queues, over all tenants: this is the service following its own lines, not a caller asking. */
export async function readQueueHeads(db: Database, now: number): Promise<readonly QueueHead[]> {
  return (await db.run<HeadRow>(headStatement, [new Date(now - toldAfterArchivingMs)])).map(toHead);
}

/** The head of one queue; null where there is none. */
export async function readQueueHead(db: Database, key: QueueKey, now: number): Promise<QueueHead | null> {
  const statement = `${headStatement} and queue.organization_id = $2 and queue.id = $3`;
  const [row] = await db.run<HeadRow>(statement, [new Date(now - toldAfterArchivingMs), key.organizationId, key.queueId]);
  return row === undefined ? null : toHead(row);
}

function toHead(row: HeadRow): QueueHead {
  return {
    settings: {
      organizationId: row.organization_id,
      id: row.id,
      experienceId: row.experience_id,
      sequenceId: row.sequence_id,
      name: row.name,
      openAt: row.open_at?.getTime() ?? null,
      closeAt: row.close_at?.getTime() ?? null,
      paused: row.paused,
      killed: row.killed,
      archived: row.archived,
      admitRate: row.pass_through ? passThroughRate : row.admit_rate,
      capacity: row.capacity,
      maxWaiting: row.max_waiting,
      maxAdmissions: row.max_admissions,
      admissionExpirationSeconds: row.admission_expiration_seconds,
      holdSeconds: row.hold_seconds,
      grantExtensions: row.grant_extensions,
      grantExtensionSeconds: row.grant_extension_seconds,
      positionDisplayMode: row.position_display_mode,
      message: row.message,
      early: row.ordering === "shuffle_early" && row.order_seed !== null ? { seed: row.order_seed, drawn: row.early_tickets } : null,
    },
    tail: row.tail,
    version: row.version,
    active: row.active,
    granted: row.granted,
    stock: row.stock,
  };
}

/** One numbered change of a distribution. */
export interface Change {
  readonly version: number;
  readonly kind: "admitted" | "left" | "completed" | "expired" | "drawn" | "asked" | "returned" | "moved";
  /** Those that wait no more. */
  readonly tickets: readonly number[];
  /** Those that are another consumer's now, at the places that they had. */
  readonly movedTickets: readonly number[];
  readonly at: Date;
}

/** Changes above a version, in order. A hole in the numbers means that older ones were cleaned away: load the line anew. */
export async function readChanges(db: Database, key: QueueKey, aboveVersion: number, limit: number): Promise<readonly Change[]> {
  const rows = await db.run<{
    version: number;
    kind: Change["kind"];
    tickets: readonly (number | string)[];
    moved_tickets: readonly (number | string)[];
    at: Date;
  }>(
    `select version, kind, tickets, moved_tickets, at from distribution_change
      where distribution_id = $2 and organization_id = $1 and version > $3 order by version limit $4`,
    [key.organizationId, key.queueId, aboveVersion, limit],
  );
  return rows.map(({ version, kind, at, ...row }) => ({ version, kind, at, tickets: row.tickets.map(Number), movedTickets: row.moved_tickets.map(Number) }));
}
