import type { Admission } from "../domain/standing.ts";
import { refusedItself, retryConflicts } from "./conflicts.ts";
import type { Database } from "./database.ts";
import type { QueueKey } from "./queue-entries.ts";

/** What the owner of a queue reads with its lease. */
export interface Lease {
  readonly epoch: number;
  readonly active: number;
  readonly granted: number;
  /** What is left to sell; null = it does not count. */
  readonly stock: number | null;
  /** As the last admission left it, whoever made it. `refilledAt` in milliseconds; null before the first. */
  readonly bucket: { readonly tokens: number; readonly refilledAt: number | null };
}

/**
 * Takes or renews the admission lease of a queue; null while another node's lease lives. The epoch rises with each new owner, and the
 * admitting statement asks for it: a frozen owner that wakes up admits nobody. The lease itself only saves wasted work.
 */
export async function holdLease(db: Database, key: QueueKey, node: string, now: Date, expiresAt: Date): Promise<Lease | null> {
  const [row] = await db.run<{ epoch: number; active: number; granted: number; stock: number | null; tokens: number; refilled_at: Date | null }>(
    `update distribution_counters
        set owner = $3, epoch = epoch + (case when owner is distinct from $3 then 1 else 0 end), lease_expires_at = $5
      where distribution_id = $2 and organization_id = $1 and (owner = $3 or lease_expires_at is null or lease_expires_at <= $4)
      returning epoch, active, granted, stock, tokens, refilled_at`,
    [key.organizationId, key.queueId, node, now, expiresAt],
  );
  if (row === undefined) return null;
  const { epoch, active, granted, stock } = row;
  return { epoch, active, granted, stock, bucket: { tokens: row.tokens, refilledAt: row.refilled_at?.getTime() ?? null } };
}

/** The counters as they stand, without a lease. Raises when there is no such queue. */
export async function readCounters(db: Database, key: QueueKey): Promise<Omit<Lease, "bucket">> {
  const [row] = await db.run<Omit<Lease, "bucket">>(
    "select epoch, active, granted, stock from distribution_counters where distribution_id = $2 and organization_id = $1",
    [key.organizationId, key.queueId],
  );
  if (row === undefined) throw new Error("A queue without counters.");
  return row;
}

/** Gives the leases of a node back, so that another takes over at once instead of after their end. */
export async function releaseLeases(db: Database, node: string): Promise<void> {
  await db.run(`update distribution_counters set owner = null, lease_expires_at = null where owner = $1`, [node]);
}

// The cap is what the counters row says when it is changed, not what anyone counted before: counting admitted rows in the admitting
// statement let 144 in where 50 were allowed. Rolls itself back unless the caps allow everybody who still waits. Whoever has left meanwhile is
// passed over: refusing the others for it kept a busy line from moving for seconds, because somebody always leaves.
const admitStatement = `
with due as (
  select ticket, grant_id from unnest($4::bigint[], $5::text[]) as given (ticket, grant_id)),
entered as (
  update queue_entry entry set state = 'admitted'
    from due
   where entry.queue_id = $2 and entry.organization_id = $1 and entry.ticket = due.ticket and entry.state = 'waiting'
     and entry.aside is distinct from 'asked'
  returning entry.ticket, entry.consumer_id, entry.entered_at, due.grant_id),
size as (select count(*)::integer as n from entered),
counted as (
  update distribution_counters counters
     set active = counters.active + size.n, granted = counters.granted + size.n, version = counters.version + 1, tokens = coalesce($8::float8 + $7::integer - size.n, counters.tokens),
         refilled_at = case when $8::float8 is null then counters.refilled_at else $6 end
    from size, queue
   where size.n > 0 and counters.distribution_id = $2 and counters.organization_id = $1 and counters.epoch = $3
     and queue.organization_id = $1 and queue.id = $2 and (not queue.paused or $8::float8 is null) and not queue.killed and not queue.archived
     and (queue.ordering = 'fifo' or queue.early_tickets is not null)
     and (counters.stock is null or counters.active + size.n <= counters.stock)
     and (queue.capacity is null or counters.active + size.n <= queue.capacity)
     and (queue.max_admissions is null or counters.granted + size.n <= queue.max_admissions)
  returning counters.version, size.n, queue.experience_id, queue.sequence_id, queue.admission_expiration_seconds as lifetime),
granted as (
  insert into admission_grant
    (distribution_id, organization_id, id, mechanism, experience_id, sequence_id, consumer_id, ticket, state, granted_at, expires_at)
  select $2, $1, entered.grant_id, 'queue', counted.experience_id, counted.sequence_id, entered.consumer_id, entered.ticket, 'active', $6,
         $6::timestamptz + make_interval(secs => counted.lifetime)
    from entered, counted),
changed as (
  insert into distribution_change (distribution_id, organization_id, version, kind, tickets, at)
  select $2, $1, version, 'admitted', array(select ticket from entered order by ticket), $6 from counted)
select array(select extract(epoch from $6::timestamptz - entered_at)::float8 from entered) as waits,
       1 / (case when (select n from size) = 0 or exists (select 1 from counted) then 1 else 0 end) as proof`;

/**
 * Lets those of these tickets in that wait, and says how many seconds each of them did; or nobody: null when a cap was in the way or the epoch
 * another's.
 */
export async function admitTickets(
  db: Database,
  key: QueueKey,
  admission: {
    readonly epoch: number;
    readonly tickets: readonly number[];
    readonly grantIds: readonly string[];
    readonly at: Date;
    /** When all of them go in; whose ticket is gone leaves theirs. Null = by hand: beyond the rate, and also while the queue is paused. */
    readonly tokensLeft: number | null;
  },
): Promise<readonly number[] | null> {
  try {
    const [row] = await retryConflicts(() =>
      db.run<{ waits: readonly (number | string)[] }>(admitStatement, [
        key.organizationId,
        key.queueId,
        admission.epoch,
        admission.tickets,
        admission.grantIds,
        admission.at,
        admission.tickets.length,
        admission.tokensLeft,
      ]),
    );
    return (row?.waits ?? []).map(Number);
  } catch (error) {
    if (refusedItself(error)) return null;
    throw error;
  }
}

interface AdmissionRow {
  readonly ticket: number;
  readonly consumer_id: string;
  readonly id: string;
  readonly granted_at: Date;
  readonly expires_at: Date;
}

const admissionColumns = "ticket, consumer_id, id, granted_at, expires_at";
const toAdmission = (row: AdmissionRow): Admission & { readonly consumerId: string } => ({
  ticket: row.ticket,
  consumerId: row.consumer_id,
  grantId: row.id,
  admittedAt: row.granted_at.getTime(),
  expiresAt: row.expires_at.getTime(),
});

/** The live grants of a queue: of these tickets, or all. */
export async function readAdmissions(
  db: Database,
  key: QueueKey,
  tickets: readonly number[] | null,
): Promise<readonly (Admission & { readonly consumerId: string })[]> {
  const rows = await db.run<AdmissionRow>(
    `select ${admissionColumns} from admission_grant
      where distribution_id = $2 and organization_id = $1 and state in ('active', 'held') and ticket is not null
        and ($3::bigint[] is null or ticket = any($3::bigint[]))`,
    [key.organizationId, key.queueId, tickets],
  );
  return rows.map(toAdmission);
}

/** The live grant of one consumer in one queue. */
export async function findAdmission(db: Database, key: QueueKey, consumerId: string): Promise<Admission | null> {
  const [row] = await db.run<AdmissionRow>(
    `select ${admissionColumns} from admission_grant
      where organization_id = $1 and distribution_id = $2 and consumer_id = $3 and state in ('active', 'held')`,
    [key.organizationId, key.queueId, consumerId],
  );
  return row === undefined ? null : toAdmission(row);
}
