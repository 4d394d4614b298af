import type { Database } from "./database.ts";

/** A message that this node has taken to deliver. */
export interface OutboxMessage {
  readonly organizationId: string;
  readonly id: string;
  readonly channel: "email" | "phone";
  /** AES-GCM under the token secret; what it holds is the business of whoever delivers. */
  readonly sealed: Uint8Array;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** This one included; it fences: who took the message before and comes late changes nothing. */
  readonly attempts: number;
}

interface Row {
  organization_id: string;
  id: string;
  channel: "email" | "phone";
  sealed: Uint8Array;
  created_at: Date;
  expires_at: Date;
  attempts: number;
}

/** Takes messages that are due, of all organizations, the oldest first. They are due again when the lease ends, whatever becomes of this node. */
export async function takeMessages(db: Database, now: number, leaseUntil: number, limit: number): Promise<readonly OutboxMessage[]> {
  const rows = await db.run<Row>(
    `with due as (
       select organization_id, id from outbox_message where dead_reason is null and due_at <= $1 order by due_at limit $3 for update skip locked)
     update outbox_message m set due_at = $2, attempts = m.attempts + 1
       from due where m.organization_id = due.organization_id and m.id = due.id
     returning m.organization_id, m.id, m.channel, m.sealed, m.created_at, m.expires_at, m.attempts`,
    [new Date(now), new Date(leaseUntil), limit],
  );
  return rows.map((row) => ({
    organizationId: row.organization_id,
    id: row.id,
    channel: row.channel,
    sealed: row.sealed,
    createdAt: row.created_at.getTime(),
    expiresAt: row.expires_at.getTime(),
    attempts: row.attempts,
  }));
}

const columns = (messages: readonly Pick<OutboxMessage, "organizationId" | "id" | "attempts">[]): unknown[] => [
  messages.map(({ organizationId }) => organizationId),
  messages.map(({ id }) => id),
  messages.map(({ attempts }) => attempts),
];

/** Removes messages that were delivered. */
export async function removeMessages(db: Database, messages: readonly OutboxMessage[]): Promise<void> {
  await db.run(
    `delete from outbox_message m using unnest($1::text[], $2::uuid[], $3::int[]) as d(organization_id, id, attempts)
      where m.organization_id = d.organization_id and m.id = d.id and m.attempts = d.attempts`,
    columns(messages),
  );
}

/** Says when messages that could not be delivered are tried again. */
export async function postponeMessages(db: Database, messages: readonly (OutboxMessage & { readonly dueAt: number })[]): Promise<void> {
  await db.run(
    `update outbox_message m set due_at = d.due_at from unnest($1::text[], $2::uuid[], $3::int[], $4::timestamptz[]) as d(organization_id, id, attempts, due_at)
      where m.organization_id = d.organization_id and m.id = d.id and m.attempts = d.attempts`,
    [...columns(messages), messages.map(({ dueAt }) => new Date(dueAt))],
  );
}

/** Gives messages up; their content goes, the row stays to be counted. */
export async function buryMessages(db: Database, messages: readonly (OutboxMessage & { readonly reason: string })[]): Promise<void> {
  await db.run(
    `update outbox_message m set dead_reason = d.reason, sealed = null
       from unnest($1::text[], $2::uuid[], $3::int[], $4::text[]) as d(organization_id, id, attempts, reason)
      where m.organization_id = d.organization_id and m.id = d.id and m.attempts = d.attempts`,
    [...columns(messages), messages.map(({ reason }) => reason)],
  );
}
