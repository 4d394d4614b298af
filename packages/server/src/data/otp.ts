import type { LinkOutcome, MessageLanguage } from "@fanfare-io/fanfare-contract";
import type { NewOtp, OtpAddressFacts, OtpAskerFacts } from "../domain/otp.ts";
import { otpDayMs, otpRepeatMs, otpSendsPerDay } from "../domain/otp.ts";
import { refusedItself, retryConflicts } from "./conflicts.ts";
import type { Database } from "./database.ts";

/** Names one key's asking for one address; both are keyed hashes. */
export interface OtpKey {
  readonly organizationId: string;
  readonly address: Uint8Array;
  readonly asker: Uint8Array;
}

/** Everything that asking for a code depends on. None of it depends on whether anybody has this address. */
export interface OtpFacts {
  readonly organization: { readonly name: string; readonly language: MessageLanguage | null };
  readonly phone: { readonly countries: readonly string[]; readonly perDay: number; readonly sentToday: number };
  readonly address: OtpAddressFacts | null;
  readonly asker: (OtpAskerFacts & { readonly id: string }) | null;
}

interface FactsRow {
  name: string;
  language: MessageLanguage | null;
  phone_countries: string[];
  phone_messages_per_day: number;
  sent: number | null;
  began_at: Date | null;
  address_tries: number;
  address_sends: number;
  id: string | null;
  failures: number;
  failures_began_at: Date;
  sends: number;
  sends_began_at: Date;
  issued_at: Date;
  expires_at: Date;
  tries_left: number;
  honoured_until: number;
  is_consumed: boolean;
}

const factsStatement = `
select o.name, o.language, o.phone_countries, o.phone_messages_per_day, s.sent, a.began_at, a.tries as address_tries, a.sends as address_sends,
       c.id, c.failures, c.failures_began_at, c.sends, c.sends_began_at, c.issued_at, c.expires_at, c.tries_left, c.honoured_until,
       c.consumed_at is not null as is_consumed
  from organization o
  left join phone_spend s on s.organization_id = o.id and s.day = $4::date
  left join otp_address a on a.organization_id = o.id and a.address = $2
  left join otp_challenge c on c.organization_id = o.id and c.address = $2 and c.asker = $3
 where o.id = $1`;

/** Reads them, in one round trip. */
export async function readOtpFacts(db: Database, key: OtpKey, now: number): Promise<OtpFacts> {
  const [row] = await db.run<FactsRow>(factsStatement, [key.organizationId, key.address, key.asker, dayOf(now)]);
  if (row === undefined) throw new Error("An organization that is not there.");
  return {
    organization: { name: row.name, language: row.language },
    phone: { countries: row.phone_countries, perDay: row.phone_messages_per_day, sentToday: row.sent ?? 0 },
    address: row.began_at === null ? null : { beganAt: row.began_at.getTime(), tries: row.address_tries, sends: row.address_sends },
    asker: row.id === null ? null : { ...askerOf(row), id: row.id },
  };
}

function askerOf(row: FactsRow): OtpAskerFacts {
  return {
    failures: row.failures,
    failuresBeganAt: row.failures_began_at.getTime(),
    sends: row.sends,
    sendsBeganAt: row.sends_began_at.getTime(),
    issuedAt: row.issued_at.getTime(),
    expiresAt: row.expires_at.getTime(),
    triesLeft: row.tries_left,
    honouredUntil: row.honoured_until,
    isConsumed: row.is_consumed,
  };
}

const dayOf = (now: number): string => new Date(now).toISOString().slice(0, 10);

/** A code to be issued, with its message. */
export interface OtpIssue {
  readonly key: OtpKey;
  /** Of the code, and of its message. */
  readonly id: string;
  readonly codeHash: Uint8Array;
  readonly sealed: Uint8Array | null;
  readonly code: NewOtp;
  readonly message: { readonly channel: "email" | "phone"; readonly sealed: Uint8Array };
  /** What the decision was made from: of two that were made from the same facts one is carried out. */
  readonly seen: { readonly id: string; readonly failures: number } | null;
  readonly phonePerDay: number;
}

// Code, counters, message and spending come together or not at all: it divides by zero where one of them was refused. The message of the
// code before, where it has not gone out yet, goes with that code.
const issueStatement = `
with addressed as (
  insert into otp_address as a (organization_id, address, began_at, tries, sends) values ($1, $2, $4::timestamptz, 0, 1)
  on conflict (organization_id, address) do update
     set began_at = case when a.began_at <= $5::timestamptz then $4::timestamptz else a.began_at end,
         tries = case when a.began_at <= $5::timestamptz then 0 else a.tries end,
         sends = case when a.began_at <= $5::timestamptz then 1 else a.sends + 1 end
   where a.began_at <= $5::timestamptz or a.sends < $6
  returning 1),
spent as (
  insert into phone_spend as s (organization_id, day, sent) select $1, $7::date, 1 where $8 = 'phone'
  on conflict (organization_id, day) do update set sent = s.sent + 1 where s.sent < $9
  returning 1),
issued as (
  insert into otp_challenge as c (organization_id, address, asker, id, code_hash, sealed, tries_left, honoured_until, failures, failures_began_at,
                                  sends, sends_began_at, issued_at, expires_at)
  values ($1, $2, $3, $10::uuid, $11, $12, $13, $14, $15, $16::timestamptz, $17, $18::timestamptz, $4::timestamptz, $19::timestamptz)
  on conflict (organization_id, address, asker) do update
     set id = excluded.id, code_hash = excluded.code_hash, sealed = excluded.sealed, tries_left = excluded.tries_left,
         honoured_until = excluded.honoured_until, failures = excluded.failures, failures_began_at = excluded.failures_began_at,
         sends = excluded.sends, sends_began_at = excluded.sends_began_at, issued_at = excluded.issued_at, expires_at = excluded.expires_at,
         consumed_at = null, session_id = null, linked = null
   where c.id = $20::uuid and c.failures = $21
  returning 1),
dropped as (delete from outbox_message where organization_id = $1 and id = $20::uuid and dead_reason is null returning 1),
queued as (
  insert into outbox_message (organization_id, id, channel, sealed, created_at, expires_at, due_at)
  values ($1, $10::uuid, $8, $22, $4::timestamptz, $19::timestamptz, $4::timestamptz) returning 1)
select 1 / ((select count(*) from addressed) * (select count(*) from issued) * (select count(*) from queued)
            * (case when $8 = 'phone' then (select count(*) from spent) else 1 end))`;

/** Writes a code and its message. False where something else came first: the facts are to be read anew. */
export async function issueOtp(db: Database, issue: OtpIssue, now: number): Promise<boolean> {
  const { key, code, message, seen } = issue;
  const parameters = [
    ...[key.organizationId, key.address, key.asker, new Date(now), new Date(now - otpDayMs), otpSendsPerDay, dayOf(now), message.channel, issue.phonePerDay],
    ...[issue.id, issue.codeHash, issue.sealed, code.triesLeft, code.honouredUntil, code.failures, new Date(code.failuresBeganAt), code.sends],
    ...[new Date(code.sendsBeganAt), new Date(code.expiresAt), seen?.id ?? null, seen?.failures ?? null, message.sealed],
  ];
  try {
    await retryConflicts(() => db.run(issueStatement, parameters));
    return true;
  } catch (error) {
    if (refusedItself(error)) return false;
    throw error;
  }
}

/** What trying a code came to. */
export type OtpTry =
  /** `opened`: where the same code was taken a moment ago, the session that it opened; null = that is still to be done. */
  | { readonly kind: "right"; readonly sealed: Uint8Array | null; readonly opened: { readonly sessionId: string; readonly linked: LinkOutcome | null } | null }
  | { readonly kind: "wrong"; readonly triesLeft: number }
  /** There is nothing to be tried. */
  | { readonly kind: "none" };

// The address' row is changed first: whoever tries at the same address at the same moment waits for it and counts on from there, so that no
// number of simultaneous tries is more than that number. A try counts before it is known whether it was right, and so does one at a code
// that was taken a moment ago.
const tryStatement = `
with counted as (
  update otp_address a
     set began_at = case when a.began_at <= $6::timestamptz then $5::timestamptz else a.began_at end,
         tries = case when a.began_at <= $6::timestamptz then 1 else a.tries + 1 end,
         sends = case when a.began_at <= $6::timestamptz then 0 else a.sends end
   where a.organization_id = $1 and a.address = $2 and exists (
     select 1 from otp_challenge c where c.organization_id = $1 and c.address = $2 and c.asker = $3
        and (c.consumed_at is null or c.consumed_at > $7::timestamptz) and c.tries_left > 0 and c.expires_at > $5::timestamptz)
  returning a.tries)
update otp_challenge c
   set tries_left = case when c.code_hash = $4 then c.tries_left else c.tries_left - 1 end,
       failures = case when c.code_hash = $4 then 0 else c.failures + 1 end,
       consumed_at = case when c.code_hash = $4 then coalesce(c.consumed_at, $5::timestamptz) else c.consumed_at end
  from counted
 where c.organization_id = $1 and c.address = $2 and c.asker = $3
   and (c.consumed_at is null or c.consumed_at > $7::timestamptz) and c.tries_left > 0 and c.expires_at > $5::timestamptz
   and counted.tries <= c.honoured_until
returning c.code_hash = $4 as is_right, c.tries_left, c.sealed, c.session_id, c.linked`;

interface TryRow {
  is_right: boolean;
  tries_left: number;
  sealed: Uint8Array | null;
  session_id: string | null;
  linked: LinkOutcome | null;
}

/** Tries a code: counted, compared and used up in one statement. */
export async function tryOtp(db: Database, key: OtpKey, codeHash: Uint8Array, now: number): Promise<OtpTry> {
  const parameters = [key.organizationId, key.address, key.asker, codeHash, new Date(now), new Date(now - otpDayMs), new Date(now - otpRepeatMs)];
  const [row] = await retryConflicts(() => db.run<TryRow>(tryStatement, parameters));
  if (row === undefined) return { kind: "none" };
  if (!row.is_right) return { kind: "wrong", triesLeft: row.tries_left };
  return { kind: "right", sealed: row.sealed, opened: row.session_id === null ? null : { sessionId: row.session_id, linked: row.linked } };
}

/** Writes down what a code opened, for whoever loses the answer. */
export async function recordOpened(db: Database, key: OtpKey, codeHash: Uint8Array, sessionId: string, linked: LinkOutcome | null): Promise<void> {
  await db.run(
    `update otp_challenge set session_id = $5, linked = $6::jsonb
      where organization_id = $1 and address = $2 and asker = $3 and code_hash = $4 and consumed_at is not null`,
    [key.organizationId, key.address, key.asker, codeHash, sessionId, linked === null ? null : JSON.stringify(linked)],
  );
}
