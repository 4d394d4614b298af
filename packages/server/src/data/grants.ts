import type { GrantFacts } from "../domain/grant.ts";
import type { Mechanism } from "@fanfare-io/fanfare-contract";
import { retryConflicts } from "./conflicts.ts";
import type { Database } from "./database.ts";
import { earnedByAnother } from "./entry-keys.ts";
import type { QueueKey } from "./queue-entries.ts";
import { thumbprintBytes } from "./sessions.ts";

/** A grant as its row stands. */
export interface Grant extends GrantFacts {
  readonly id: string;
  readonly distributionId: string;
  readonly mechanism: Mechanism;
  readonly experienceId: string;
  readonly sequenceId: string;
  readonly consumerId: string;
  readonly redemptionId: string | null;
  readonly heldUntil: Date | null;
  readonly receiptId: string | null;
  readonly orderId: string | null;
  readonly orderAmount: string | null;
  readonly completedAt: Date | null;
  /** How often its holder was given more time. */
  readonly extensionsUsed: number;
}

interface GrantRow {
  readonly id: string;
  readonly distribution_id: string;
  readonly mechanism: Mechanism;
  readonly experience_id: string;
  readonly sequence_id: string;
  readonly consumer_id: string;
  readonly state: Grant["state"];
  readonly expires_at: Date;
  readonly presentation_id: string | null;
  readonly presentation_used: boolean;
  readonly redemption_id: string | null;
  readonly held_until: Date | null;
  readonly receipt_id: string | null;
  readonly order_id: string | null;
  readonly order_amount: string | null;
  readonly completed_at: Date | null;
  readonly extensions_used: number;
}

const columns = `id, distribution_id, mechanism, experience_id, sequence_id, consumer_id, state, expires_at, presentation_id, presentation_used,
  redemption_id, held_until, receipt_id, order_id, order_amount, completed_at, extensions_used`;

const toGrant = (row: GrantRow): Grant => ({
  id: row.id,
  distributionId: row.distribution_id,
  mechanism: row.mechanism,
  experienceId: row.experience_id,
  sequenceId: row.sequence_id,
  consumerId: row.consumer_id,
  state: row.state,
  expiresAt: row.expires_at.getTime(),
  presentationId: row.presentation_id,
  presentationUsed: row.presentation_used,
  redemptionId: row.redemption_id,
  heldUntil: row.held_until,
  receiptId: row.receipt_id,
  orderId: row.order_id,
  orderAmount: row.order_amount,
  completedAt: row.completed_at,
  extensionsUsed: row.extensions_used,
});

const one = (rows: readonly GrantRow[]): Grant | null => (rows[0] === undefined ? null : toGrant(rows[0]));

/**
 * Makes a presentation the newest of the consumer's live grant; the one before it is void from now on. Null without a live grant that this key
 * and session may present: another node may have ended the session a moment ago.
 */
export async function replacePresentation(
  db: Database,
  organizationId: string,
  presentation: {
    readonly consumerId: string;
    readonly distributionId: string;
    readonly presentationId: string;
    readonly sessionId: string | null;
    /** The key that was proved; a place that is bound to another presents nothing here. */
    readonly keyThumbprint: string | null;
    readonly at: Date;
  },
): Promise<Grant | null> {
  return one(
    await db.run<GrantRow>(
      `update admission_grant set presentation_id = $4, presentation_used = false, presentation_session = $6
        where organization_id = $1 and consumer_id = $2 and distribution_id = $3 and (state = 'held' or (state = 'active' and expires_at > $5))
          and not ${earnedByAnother("$7")}
          and not exists (select 1 from session where organization_id = $1 and id = $6 and revoked_reason in ('logout', 'revoked', 'reused', 'transferred', 'erased'))
        returning ${columns}`,
      [
        organizationId,
        presentation.consumerId,
        presentation.distributionId,
        presentation.presentationId,
        presentation.at,
        presentation.sessionId,
        thumbprintBytes(presentation),
      ],
    ),
  );
}

/** Voids what a session presented; its consumer keeps the grant. */
export async function voidPresentations(db: Database, organizationId: string, consumerId: string, sessionId: string): Promise<void> {
  await db.run(
    `update admission_grant set presentation_id = null
      where organization_id = $1 and consumer_id = $2 and presentation_session = $3 and state in ('active', 'held') and not presentation_used`,
    [organizationId, consumerId, sessionId],
  );
}

/**
 * Opens a hold with a presentation that is the newest and unused, or joins the hold that is open already: a fresh presentation of a
 * held grant gets the same redemption. Null when the row says otherwise.
 */
export async function holdGrant(
  db: Database,
  organizationId: string,
  hold: {
    readonly distributionId: string;
    readonly grantId: string;
    readonly presentationId: string;
    readonly redemptionId: string;
    readonly at: Date;
    readonly heldUntil: Date;
  },
): Promise<Grant | null> {
  return one(
    await db.run<GrantRow>(
      `update admission_grant
          set redemption_id = case when state = 'held' then redemption_id else $5 end,
              held_until = case when state = 'held' then held_until else $7 end,
              state = 'held', presentation_used = true
        where distribution_id = $2 and organization_id = $1 and id = $3 and presentation_id = $4 and not presentation_used
          and (state = 'held' or (state = 'active' and expires_at > $6))
        returning ${columns}`,
      [organizationId, hold.distributionId, hold.grantId, hold.presentationId, hold.redemptionId, hold.at, hold.heldUntil],
    ),
  );
}

// Equal callers all get the same receipt: an update that also matches the finished row answers every one of them, where a select
// after the update would read a snapshot older than the winner's commit. Whoever's fresh receipt id stands made the transition.
const completeStatement = `
with done as (
  update admission_grant
     set state = 'completed', order_id = $3, receipt_id = coalesce(receipt_id, $4), order_amount = case when receipt_id is null then $5 else order_amount end,
         completed_at = coalesce(completed_at, $6)
   where organization_id = $1 and redemption_id = $2 and (state = 'held' or (state = 'completed' and order_id = $3))
  returning ${columns}, ticket),
won as (select * from done where receipt_id = $4),
entry as (
  update queue_entry set state = 'completed', ended_at = $6 from won
   where queue_entry.queue_id = won.distribution_id and queue_entry.organization_id = $1 and queue_entry.ticket = won.ticket
  returning 1),
counted as (
  update distribution_counters counters set active = counters.active - 1, stock = counters.stock - least(1, counters.stock), version = counters.version + 1 from won
   where counters.distribution_id = won.distribution_id and counters.organization_id = $1
  returning counters.distribution_id, counters.version),
changed as (
  insert into distribution_change (distribution_id, organization_id, version, kind, tickets, at)
  select counted.distribution_id, $1, counted.version, 'completed', array(select ticket from won where ticket is not null), $6 from counted)
select ${columns} from done`;

/** Uses a held grant for exactly this order (I5). The same order again gets the grant as it was completed; any other gets null. */
export async function completeGrant(
  db: Database,
  organizationId: string,
  completion: {
    readonly redemptionId: string;
    readonly orderId: string;
    readonly receiptId: string;
    readonly orderAmount: string | null;
    readonly at: Date;
  },
): Promise<Grant | null> {
  return one(
    await retryConflicts(() =>
      db.run<GrantRow>(completeStatement, [
        organizationId,
        completion.redemptionId,
        completion.orderId,
        completion.receiptId,
        completion.orderAmount,
        completion.at,
      ]),
    ),
  );
}

// The change row makes nodes read the grant again: its end may have moved.
const releaseStatement = `
with released as (
  update admission_grant set state = 'active', redemption_id = null, held_until = null, expires_at = greatest(expires_at, $3)
   where organization_id = $1 and redemption_id = $2 and state = 'held' returning ${columns}, ticket),
counted as (
  update distribution_counters counters set version = counters.version + 1 from released
   where counters.distribution_id = released.distribution_id and counters.organization_id = $1
  returning counters.distribution_id, counters.version),
changed as (
  insert into distribution_change (distribution_id, organization_id, version, kind, tickets, at)
  select counted.distribution_id, $1, counted.version, 'admitted', array(select ticket from released where ticket is not null), $4 from counted)
select ${columns} from released`;

/** Gives a hold back: the shopper may try again until the grant ends, at least until `retryUntil`. */
export async function releaseGrant(db: Database, organizationId: string, redemptionId: string, at: Date, retryUntil: Date): Promise<Grant | null> {
  return one(await retryConflicts(() => db.run<GrantRow>(releaseStatement, [organizationId, redemptionId, retryUntil, at])));
}

/** The grant behind an id, for an honest refusal. */
export async function findGrant(db: Database, organizationId: string, distributionId: string, grantId: string): Promise<Grant | null> {
  return one(
    await db.run<GrantRow>(`select ${columns} from admission_grant where distribution_id = $2 and organization_id = $1 and id = $3`, [
      organizationId,
      distributionId,
      grantId,
    ]),
  );
}

/** The grant behind a redemption, for an honest refusal. */
export async function findRedemption(db: Database, organizationId: string, redemptionId: string): Promise<Grant | null> {
  return one(
    await db.run<GrantRow>(`select ${columns} from admission_grant where organization_id = $1 and redemption_id = $2`, [organizationId, redemptionId]),
  );
}

const expireStatement = `
with due as (
  update admission_grant set state = 'expired'
   where distribution_id = $2 and organization_id = $1
     and ((state = 'active' and expires_at <= $3) or (state = 'held' and held_until <= $4))
  returning id, ticket),
entry as (
  update queue_entry set state = 'expired', live = false, ended_at = $3 from due
   where queue_entry.queue_id = $2 and queue_entry.organization_id = $1 and queue_entry.ticket = due.ticket
  returning 1),
counted as (
  update distribution_counters set active = active - (select count(*) from due), version = version + 1
   where distribution_id = $2 and organization_id = $1 and exists (select 1 from due)
  returning version)
insert into distribution_change (distribution_id, organization_id, version, kind, tickets, at)
select $2, $1, version, 'expired', array(select ticket from due where ticket is not null), $3 from counted
returning version`;

/** Ends grants whose time is over, and holds that ended before `heldBefore`; their slots are free at once. */
export async function expireGrants(db: Database, key: QueueKey, at: Date, heldBefore: Date): Promise<void> {
  await retryConflicts(() => db.run(expireStatement, [key.organizationId, key.queueId, at, heldBefore]));
}
