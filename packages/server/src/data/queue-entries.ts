import type { DenyReason } from "@fanfare-io/fanfare-contract";
import type { ConsumerWords } from "../domain/consumer-id.ts";
import type { Database } from "./database.ts";
import { refusedItself, retryConflicts } from "./conflicts.ts";
import { enterWithinLimit } from "./entry-limits.ts";

/** A queue, named so that no statement can forget its tenant (I7). */
export interface QueueKey {
  readonly organizationId: string;
  readonly queueId: string;
}

/** A consumer's latest entry in a queue. */
export interface Entry {
  readonly consumerId: string;
  readonly ticket: number | null;
  readonly state: "waiting" | "admitted" | "completed" | "expired" | "left" | "denied";
  readonly aheadAtEntry: number;
  /** Why an operator ended it, where one did. */
  readonly denyReason?: DenyReason | null;
}

/** What became of a batch of joins: all were new, one was not, or the queue takes nobody, or not so many. */
export type InsertOutcome = { readonly kind: "inserted"; readonly firstTicket: number } | { readonly kind: "repeated" } | { readonly kind: "closed" };

/** Whether a queue's row takes newcomers at an instant. */
const takesNewcomers = (at: string): string =>
  `not archived and not killed and (open_at is null or open_at <= ${at} or ordering = 'shuffle_early') and (close_at is null or close_at > ${at})`;

// The statement takes tickets and inserts, and rolls itself back (division by zero) unless every consumer was new: only so are
// tickets dense, in order and never burnt by a re-entry. `insert … on conflict do update` and an anti-join in the same statement both
// leave gaps, because their snapshot is older than the lock on the queue's row. How many may wait is decided on that row too: its tickets
// are those of all nodes, and the departures that this one knows of are never more than there were.
const insertStatement = `
with taken as (
  update queue set next_ticket = next_ticket + $4::bigint
   where organization_id = $1 and id = $2 and ${takesNewcomers("$5")}
     and (max_waiting is null or next_ticket - 1 + $4::bigint - $6::bigint <= max_waiting)
  returning next_ticket - $4::bigint as base),
inserted as (
  insert into queue_entry (queue_id, organization_id, ticket, consumer_id, state, ahead_at_entry, entered_at)
  select $2, $1, taken.base + joining.place - 1, joining.consumer_id, 'waiting', greatest(0, taken.base + joining.place - 2 - $6::bigint), $5
    from taken, unnest($3::uuid[]) with ordinality as joining (consumer_id, place)
  on conflict (organization_id, consumer_id, queue_id) where live do nothing
  returning 1)
select base, 1 / (case when (select count(*) from inserted) = $4::bigint then 1 else 0 end) as proof from taken`;

/**
 * Gives tickets to consumers in their order, all or none. `departed` = tickets that wait no more, as far as this node knows: for the
 * progress shown later, and for how many may wait.
 * Safe to repeat: what was committed already shows as `repeated`.
 */
export async function insertEntries(db: Database, key: QueueKey, consumerIds: readonly string[], at: Date, departed: number): Promise<InsertOutcome> {
  try {
    const [row] = await db.run<{ base: number }>(insertStatement, insertParameters(key, consumerIds, at, departed));
    return row === undefined ? { kind: "closed" } : { kind: "inserted", firstTicket: row.base };
  } catch (error) {
    if (refusedItself(error)) return { kind: "repeated" };
    throw error;
  }
}

const insertParameters = (key: QueueKey, consumerIds: readonly string[], at: Date, departed: number): readonly unknown[] => [
  key.organizationId,
  key.queueId,
  consumerIds,
  consumerIds.length,
  at,
  departed,
];

/** The same where the experience limits how often one person takes part. Who was placed is to be read afterwards: `repeated`. */
export async function insertEntriesWithinLimit(
  db: Database,
  key: QueueKey & { readonly experienceId: string },
  consumerIds: readonly string[],
  at: Date,
  departed: number,
): Promise<InsertOutcome> {
  const limited = { ...key, distributionId: key.queueId };
  const entering = { statement: insertStatement, parameters: insertParameters(key, consumerIds, at, departed) };
  if (!(await enterWithinLimit(db, limited, consumerIds, entering))) return { kind: "repeated" };
  // A queue that takes nobody refuses without rolling back: then nobody is there.
  return (await findLiveEntries(db, key, consumerIds)).length === 0 ? { kind: "closed" } : { kind: "repeated" };
}

/** How many more may join now, where `departed` tickets wait no more: 0 = as many wait as may; null = the queue takes nobody. */
export async function readRoom(db: Database, key: QueueKey, at: Date, departed: number): Promise<number | null> {
  const [row] = await db.run<{ tail: number; max_waiting: number | null }>(
    `select next_ticket - 1 as tail, max_waiting from queue where organization_id = $1 and id = $2 and ${takesNewcomers("$3")}`,
    [key.organizationId, key.queueId, at],
  );
  if (row === undefined) return null;
  return row.max_waiting === null ? Infinity : Math.max(0, row.max_waiting - row.tail + departed);
}

interface EntryRow {
  readonly consumer_id: string;
  readonly ticket: number | null;
  readonly state: Entry["state"];
  readonly ahead_at_entry: number;
  readonly deny_reason: DenyReason | null;
}

const toEntry = (row: EntryRow): Entry => ({
  consumerId: row.consumer_id,
  ticket: row.ticket,
  state: row.state,
  aheadAtEntry: row.ahead_at_entry,
  denyReason: row.deny_reason,
});

/** The live entries of these consumers: their one place in this queue (I2). */
export async function findLiveEntries(db: Database, key: QueueKey, consumerIds: readonly string[]): Promise<readonly Entry[]> {
  const rows = await db.run<EntryRow>(
    `select consumer_id, ticket, state, ahead_at_entry, deny_reason from queue_entry
      where organization_id = $1 and queue_id = $2 and consumer_id = any($3::uuid[]) and live`,
    [key.organizationId, key.queueId, consumerIds],
  );
  return rows.map(toEntry);
}

/** The latest entry of a consumer, live or over; null when there never was one. */
export async function findLatestEntry(db: Database, key: QueueKey, consumerId: string): Promise<Entry | null> {
  const [live] = await findLiveEntries(db, key, [consumerId]);
  if (live !== undefined) return live;
  const [past] = await db.run<EntryRow>(
    `select consumer_id, ticket, state, ahead_at_entry, deny_reason from queue_entry
      where organization_id = $1 and queue_id = $2 and consumer_id = $3 and not live order by ended_at desc limit 1`,
    [key.organizationId, key.queueId, consumerId],
  );
  return past === undefined ? null : toEntry(past);
}

/** Waiting entries in order, as few bytes as they take: a million of them are read at every start. */
export interface WaitingBlock {
  readonly count: number;
  /** Highest ticket in the block; 0 when it is empty. */
  readonly lastTicket: number;
  /** 28 bytes an entry, big-endian: ticket (8), consumer (16), people ahead at entry (4). */
  readonly bytes: Uint8Array;
}

/** Waiting entries above a ticket: how a node learns of joins elsewhere, and how it fills its line at the start. */
export async function readWaiting(db: Database, key: QueueKey, aboveTicket: number, limit: number): Promise<WaitingBlock> {
  const [row] = await db.run<{ count: number; last: number | null; bytes: Uint8Array | null }>(
    `select count(*)::integer as count, max(ticket) as last,
            string_agg(int8send(ticket) || uuid_send(consumer_id) || int4send(ahead_at_entry), ''::bytea order by ticket) as bytes
       from (select ticket, consumer_id, ahead_at_entry from queue_entry
              where queue_id = $2 and organization_id = $1 and ticket > $3 and state = 'waiting' order by ticket limit $4) as next`,
    [key.organizationId, key.queueId, aboveTicket, limit],
  );
  return { count: row?.count ?? 0, lastTicket: row?.last ?? 0, bytes: row?.bytes ?? new Uint8Array() };
}

/** Those of these tickets that wait, in a block. */
export async function readWaitingTickets(db: Database, key: QueueKey, tickets: readonly number[]): Promise<WaitingBlock> {
  const [row] = await db.run<{ count: number; last: number | null; bytes: Uint8Array | null }>(
    `select count(*)::integer as count, max(ticket) as last,
            string_agg(int8send(ticket) || uuid_send(consumer_id) || int4send(ahead_at_entry), ''::bytea order by ticket) as bytes
       from queue_entry where queue_id = $2 and organization_id = $1 and ticket = any($3::bigint[]) and state = 'waiting'`,
    [key.organizationId, key.queueId, tickets],
  );
  return { count: row?.count ?? 0, lastTicket: row?.last ?? 0, bytes: row?.bytes ?? new Uint8Array() };
}

/** Visits the entries of a block. */
export function eachWaiting({ bytes }: WaitingBlock, visit: (ticket: number, consumer: ConsumerWords, aheadAtEntry: number) => void): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.byteLength; at += 28) {
    const ticket = view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4);
    const consumer: ConsumerWords = [view.getUint32(at + 8), view.getUint32(at + 12), view.getUint32(at + 16), view.getUint32(at + 20)];
    visit(ticket, consumer, view.getUint32(at + 24));
  }
}

// Lock order everywhere: grant, then entry, then counters, then the change row that the version on the counters numbers. The grant's
// own row decides: asked only through a subquery it is as old as the statement, and a shopper could leave while the shop opens a hold,
// keep the hold, and stand in line once more.
const leaveStatement = `
with freed as (
  update admission_grant set state = 'expired'
   where distribution_id = $2 and organization_id = $1 and consumer_id = $3 and state = 'active'
  returning 1),
gone as (
  update queue_entry set state = 'left', live = false, ended_at = $4
   where organization_id = $1 and queue_id = $2 and consumer_id = $3 and live
     and (state = 'waiting' or (state = 'admitted' and exists (select 1 from freed)))
  returning ticket),
counted as (
  update distribution_counters set version = version + 1, active = active - (select count(*) from freed)
   where distribution_id = $2 and organization_id = $1 and exists (select 1 from gone)
  returning version)
insert into distribution_change (distribution_id, organization_id, version, kind, tickets, at)
select $2, $1, version, 'left', array(select ticket from gone where ticket is not null), $4 from counted
returning version`;

/**
 * Gives a place or an unused grant up; false when there was nothing to give up, or the shop holds the grant for a payment right now.
 */
export async function leaveQueue(db: Database, key: QueueKey, consumerId: string, at: Date): Promise<boolean> {
  const leave = async (): Promise<boolean> => {
    const rows = await retryConflicts(() => db.run(leaveStatement, [key.organizationId, key.queueId, consumerId, at]));
    return rows.length > 0;
  };
  // Whoever was let in while the statement ran is neither waiting nor admitted to it; a second look sees the grant.
  return (await leave()) || leave();
}

const endStatement = `
with gone as (
  update queue_entry set state = 'expired', live = false, ended_at = $4
   where queue_id = $2 and organization_id = $1 and ticket = any($3::bigint[]) and state = 'waiting'
  returning ticket),
counted as (
  update distribution_counters set version = version + 1
   where distribution_id = $2 and organization_id = $1 and epoch = $5 and exists (select 1 from gone)
  returning version),
changed as (
  insert into distribution_change (distribution_id, organization_id, version, kind, tickets, at)
  select $2, $1, version, 'expired', array(select ticket from gone order by ticket), $4 from counted)
select 1 / (case when (select count(*) from gone) = 0 or exists (select 1 from counted) then 1 else 0 end) as proof`;

/** Ends the places of waiters who were away for too long; whoever stopped waiting meanwhile is left as is. Nothing under another's epoch. */
export async function endPlaces(db: Database, key: QueueKey, tickets: readonly number[], at: Date, epoch: number): Promise<void> {
  try {
    await retryConflicts(() => db.run(endStatement, [key.organizationId, key.queueId, tickets, at, epoch]));
  } catch (error) {
    if (!refusedItself(error)) throw error;
  }
}
