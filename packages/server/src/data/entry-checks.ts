import type { ChallengeReason, EntryCheck, EntryCheckState, Page } from "@fanfare-io/fanfare-contract";
import { sql } from "kysely";
import type { Crowd } from "../domain/risk.ts";
import { retryConflicts } from "./conflicts.ts";
import type { Database } from "./database.ts";
import { planPage, toPage } from "./page.ts";
import type { PageRequest } from "./page.ts";
import type { QueueKey } from "./queue-entries.ts";

/** Somebody who wants to enter a protected launch, and where they come from, hashed. */
export interface NewEntryCheck {
  readonly organizationId: string;
  readonly distributionId: string;
  readonly consumerId: string;
  readonly experienceId: string;
  readonly sessionId: string | null;
  readonly id: string;
  readonly addressKey: Uint8Array;
  readonly networkKey: Uint8Array;
  readonly at: Date;
}

/** How they stood before, and how many came from the same places until now. */
export interface EntryRecord {
  readonly state: EntryCheckState;
  readonly reasons: readonly ChallengeReason[];
  readonly crowd: Crowd;
  /** Whether the session's browser said that a program drives it. */
  readonly isDriven: boolean;
}

interface RecordRow {
  readonly organization_id: string;
  readonly distribution_id: string;
  readonly consumer_id: string;
  readonly state: EntryCheckState | null;
  readonly reasons: readonly ChallengeReason[] | null;
  readonly address: number;
  readonly network: number;
  readonly signals: number | null;
  readonly driven: boolean;
}

// What this statement writes it does not see: a count is what it raised, or what it found.
const entriesOf = (key: string): string => `coalesce(
    (select r.entries from raised r where r.organization_id = g.organization_id and r.experience_id = g.experience_id and r.key = g.${key}),
    (select c.entries from entry_crowd c where c.organization_id = g.organization_id and c.experience_id = g.experience_id and c.key = g.${key}), 0)`;

const recordStatement = `
with asked as (
  select * from unnest($1::text[], $2::text[], $3::uuid[], $4::text[], $5::uuid[], $6::text[], $7::bytea[], $8::bytea[], $9::timestamptz[])
    as a(organization_id, distribution_id, consumer_id, experience_id, session_id, id, address_key, network_key, created_at)),
given as (
  select distinct on (a.organization_id, a.distribution_id, a.consumer_id) a.*, substring(sha256(a.network_key || s.signals_key) from 1 for 16) as alike_key,
         coalesce(s.signals_driven, false) as driven
    from asked a left join session s on s.organization_id = a.organization_id and s.id = a.session_id
   order by a.organization_id, a.distribution_id, a.consumer_id),
fresh as (
  insert into entry_check (organization_id, distribution_id, consumer_id, experience_id, id, address_key, network_key, alike_key, state, created_at)
  select organization_id, distribution_id, consumer_id, experience_id, id, address_key, network_key, alike_key, 'clear', created_at from given
  on conflict do nothing
  returning organization_id, experience_id, address_key, network_key, alike_key, created_at),
raised as (
  insert into entry_crowd as known (organization_id, experience_id, key, entries, last_at)
  select f.organization_id, f.experience_id, k.key, count(*), max(f.created_at)
    from fresh f cross join lateral (values (f.address_key), (f.network_key), (f.alike_key)) as k(key)
   where k.key is not null group by f.organization_id, f.experience_id, k.key
   order by f.organization_id, f.experience_id, k.key
  on conflict (organization_id, experience_id, key) do update set entries = known.entries + excluded.entries, last_at = excluded.last_at
  returning organization_id, experience_id, key, entries)
select g.organization_id, g.distribution_id, g.consumer_id, g.driven, e.state, e.reasons,
       ${entriesOf("address_key")} as address, ${entriesOf("network_key")} as network,
       case when g.alike_key is null then null else ${entriesOf("alike_key")} end as signals
  from given g left join entry_check e
    on e.organization_id = g.organization_id and e.distribution_id = g.distribution_id and e.consumer_id = g.consumer_id`;

/** Notes who wants to enter, each consumer once a distribution, and answers in their order. Safe to repeat. */
export async function recordEntries(db: Database, asked: readonly NewEntryCheck[]): Promise<readonly EntryRecord[]> {
  const rows = await db.run<RecordRow>(recordStatement, [
    asked.map((each) => each.organizationId),
    asked.map((each) => each.distributionId),
    asked.map((each) => each.consumerId),
    asked.map((each) => each.experienceId),
    asked.map((each) => each.sessionId),
    asked.map((each) => each.id),
    asked.map((each) => each.addressKey),
    asked.map((each) => each.networkKey),
    asked.map((each) => each.at),
  ]);
  const nameOf = (organizationId: string, distributionId: string, consumerId: string): string => `${organizationId}\n${distributionId}\n${consumerId}`;
  const byName = new Map(rows.map((row) => [nameOf(row.organization_id, row.distribution_id, row.consumer_id), row]));
  return asked.map(({ organizationId, distributionId, consumerId }) => {
    const row = byName.get(nameOf(organizationId, distributionId, consumerId));
    if (row === undefined) throw new Error("An entry was recorded and not answered.");
    const { address, network, signals, driven } = row;
    return { state: row.state ?? "clear", reasons: row.reasons ?? [], crowd: { address, network, signals }, isDriven: driven };
  });
}

/** One consumer in one distribution. */
export type EntryName = { readonly organizationId: string; readonly distributionId: string; readonly consumerId: string };

/** Notes that work was asked of somebody who has no place yet, and done. */
export async function noteWork(db: Database, name: EntryName, reasons: readonly ChallengeReason[], at: Date): Promise<void> {
  await db.run(
    `update entry_check set state = 'worked', reasons = $4::text[], answered_at = $5
      where organization_id = $1 and distribution_id = $2 and consumer_id = $3 and state in ('clear', 'asked', 'missed')`,
    [name.organizationId, name.distributionId, name.consumerId, reasons, at],
  );
}

// The entry's own row decides, as everywhere: whoever was let in while the statement looked is not asked any more.
const askStatement = `
with suspects as (
  select e.ticket, c.consumer_id,
         array_remove(array[case when a.entries > $5 then 'address_shared' end, case when n.entries > $6 then 'network_shared' end,
                            case when s.entries > $7 then 'signals_shared' end], null) as reasons
    from queue_entry e
    join entry_check c on c.organization_id = $1 and c.distribution_id = $2 and c.consumer_id = e.consumer_id and c.state = 'clear'
    left join entry_crowd a on a.organization_id = $1 and a.experience_id = c.experience_id and a.key = c.address_key
    left join entry_crowd n on n.organization_id = $1 and n.experience_id = c.experience_id and n.key = c.network_key
    left join entry_crowd s on s.organization_id = $1 and s.experience_id = c.experience_id and s.key = c.alike_key
   where e.queue_id = $2 and e.organization_id = $1 and e.ticket = any($3::bigint[]) and e.state = 'waiting' and e.aside is null
     and (a.entries > $5 or n.entries > $6 or s.entries > $7)),
aside as (
  update queue_entry e set aside = 'asked' from suspects
   where e.queue_id = $2 and e.organization_id = $1 and e.ticket = suspects.ticket and e.state = 'waiting' and e.aside is null
  returning e.ticket, suspects.consumer_id, suspects.reasons),
asked as (
  update entry_check c set state = 'asked', reasons = aside.reasons, asked_at = $4 from aside
   where c.organization_id = $1 and c.distribution_id = $2 and c.consumer_id = aside.consumer_id),
counted as (
  update distribution_counters set version = version + 1
   where distribution_id = $2 and organization_id = $1 and exists (select 1 from aside)
  returning version),
changed as (
  insert into distribution_change (distribution_id, organization_id, version, kind, tickets, at)
  select $2, $1, version, 'asked', array(select ticket from aside order by ticket), $4 from counted)
select count(*)::integer as asked from aside`;

/** Asks those of these waiters who came from a crowded place and have shown nothing yet: their places are held, and nobody is let in from them. Answers how many. */
export async function askWaiters(db: Database, key: QueueKey, tickets: readonly number[], limits: Crowd, at: Date): Promise<number> {
  const parameters = [key.organizationId, key.queueId, tickets, at, limits.address, limits.network, limits.signals];
  const [row] = await retryConflicts(() => db.run<{ asked: number }>(askStatement, parameters));
  return row?.asked ?? 0;
}

// A place that was given up meanwhile stays given up; the answer is noted all the same.
const answerStatement = `
with back as (
  update queue_entry set aside = 'back'
   where organization_id = $1 and queue_id = $2 and consumer_id = $3 and live and state = 'waiting' and aside = 'asked'
  returning ticket),
answered as (
  update entry_check set state = $4, answered_at = $5
   where organization_id = $1 and distribution_id = $2 and consumer_id = $3 and (state = 'asked' or ($4 = 'released' and state in ('clear', 'missed')))
  returning 1),
counted as (
  update distribution_counters set version = version + 1
   where distribution_id = $2 and organization_id = $1 and exists (select 1 from back)
  returning version),
changed as (
  insert into distribution_change (distribution_id, organization_id, version, kind, tickets, at)
  select $2, $1, version, 'returned', array(select ticket from back), $5 from counted)
select count(*)::integer as answered from answered`;

/** Puts somebody back where they stood: the question was answered, or an operator takes it back. False where there was none to answer. */
export async function answerCheck(db: Database, name: EntryName, state: "passed" | "released", at: Date): Promise<boolean> {
  const parameters = [name.organizationId, name.distributionId, name.consumerId, state, at];
  const [row] = await retryConflicts(() => db.run<{ answered: number }>(answerStatement, parameters));
  return (row?.answered ?? 0) > 0;
}

/** Notes that these waiters were shown the question: from now on time counts. */
export async function noteShown(db: Database, key: QueueKey, tickets: readonly number[], heldUntil: Date): Promise<void> {
  await db.run(
    `update entry_check c set held_until = $4 from queue_entry e
      where e.queue_id = $2 and e.organization_id = $1 and e.ticket = any($3::bigint[]) and e.aside = 'asked'
        and c.organization_id = $1 and c.distribution_id = $2 and c.consumer_id = e.consumer_id and c.state = 'asked' and c.held_until is null`,
    [key.organizationId, key.queueId, tickets, heldUntil],
  );
}

const missStatement = `
with due as (
  select consumer_id from entry_check where organization_id = $1 and distribution_id = $2 and state = 'asked' and held_until <= $3 limit 1000),
gone as (
  update queue_entry e set state = 'expired', live = false, ended_at = $3 from due
   where e.organization_id = $1 and e.queue_id = $2 and e.consumer_id = due.consumer_id and e.live and e.state = 'waiting' and e.aside = 'asked'
  returning e.ticket, e.consumer_id),
missed as (
  update entry_check c set state = 'missed' from gone where c.organization_id = $1 and c.distribution_id = $2 and c.consumer_id = gone.consumer_id),
counted as (
  update distribution_counters set version = version + 1
   where distribution_id = $2 and organization_id = $1 and exists (select 1 from gone)
  returning version),
changed as (
  insert into distribution_change (distribution_id, organization_id, version, kind, tickets, at)
  select $2, $1, version, 'expired', array(select ticket from gone order by ticket), $3 from counted)
select count(*)::integer as missed from gone`;

/** Ends the places of those who were shown the question and let its time run out. Answers how many. */
export async function endUnanswered(db: Database, key: QueueKey, at: Date): Promise<number> {
  const [row] = await retryConflicts(() => db.run<{ missed: number }>(missStatement, [key.organizationId, key.queueId, at]));
  return row?.missed ?? 0;
}

/** A waiter who was asked: still out of the line, or back in it. */
export interface Aside {
  readonly ticket: number;
  readonly isBack: boolean;
  readonly reasons: readonly ChallengeReason[];
  /** Milliseconds; null until the question was shown. */
  readonly heldUntil: number | null;
}

/** The waiters of a queue who were asked: those of these tickets, or all. */
export async function readAsides(db: Database, key: QueueKey, tickets: readonly number[] | null): Promise<readonly Aside[]> {
  const rows = await db.run<{ ticket: number; aside: "asked" | "back"; reasons: readonly ChallengeReason[] | null; held_until: Date | null }>(
    `select e.ticket, e.aside, c.reasons, c.held_until
       from queue_entry e left join entry_check c on c.organization_id = $1 and c.distribution_id = $2 and c.consumer_id = e.consumer_id
      where e.queue_id = $2 and e.organization_id = $1 and e.state = 'waiting' and e.aside is not null and ($3::bigint[] is null or e.ticket = any($3::bigint[]))
      order by e.ticket`,
    [key.organizationId, key.queueId, tickets],
  );
  return rows.map(({ ticket, aside, reasons, held_until }) => ({
    ticket,
    isBack: aside === "back",
    reasons: reasons ?? [],
    heldUntil: held_until?.getTime() ?? null,
  }));
}

/** The experiences that ask for more than nothing, over all tenants: this is the service looking after its own lines. */
export async function readProtectedExperiences(db: Database): Promise<readonly { readonly organizationId: string; readonly experienceId: string }[]> {
  const rows = await db.run<{ organization_id: string; id: string }>(
    "select organization_id, id from experience where protection_level <> 'standard' and not archived",
    [],
  );
  return rows.map((row) => ({ organizationId: row.organization_id, experienceId: row.id }));
}

/** What lists ask for. */
export type EntryCheckRequest = PageRequest & { readonly distributionId?: string; readonly consumerId?: string; readonly state?: EntryCheckState };

/** A page of what an organization's launches asked, newest first; null when the cursor is not one. */
export async function listEntryChecks(db: Database, organizationId: string, request: EntryCheckRequest): Promise<Page<EntryCheck> | null> {
  const plan = planPage(request);
  if (plan === null) return null;
  const entries = (column: string) =>
    sql<
      number | null
    >`(select entries from entry_crowd w where w.organization_id = entry_check.organization_id and w.experience_id = entry_check.experience_id and w.key = ${sql.ref(column)})`;
  const rows = await db.queries
    .selectFrom("entryCheck")
    .select(["id", "consumerId", "distributionId", "experienceId", "state", "reasons", "createdAt", "askedAt", "heldUntil", "answeredAt"])
    .select([entries("entryCheck.addressKey").as("address"), entries("entryCheck.networkKey").as("network"), entries("entryCheck.alikeKey").as("signals")])
    .where("organizationId", "=", organizationId)
    .where(plan.where)
    .$if(request.distributionId !== undefined, (query) => query.where("distributionId", "=", request.distributionId as string))
    .$if(request.consumerId !== undefined, (query) => query.where("consumerId", "=", request.consumerId as string))
    .$if(request.state !== undefined, (query) => query.where("state", "=", request.state as EntryCheckState))
    .orderBy("createdAt", plan.direction)
    .orderBy("id", plan.direction)
    .limit(plan.limit)
    .execute();
  return toPage(plan, rows, ({ address, network, signals, ...row }) => ({
    ...row,
    crowd: { address: address ?? 0, network: network ?? 0, signals },
    createdAt: row.createdAt.toISOString(),
    askedAt: row.askedAt?.toISOString() ?? null,
    heldUntil: row.heldUntil?.toISOString() ?? null,
    answeredAt: row.answeredAt?.toISOString() ?? null,
  }));
}
