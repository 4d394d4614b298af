import { retryConflicts } from "./conflicts.ts";
import type { Database } from "./database.ts";

/** A grant after its holder was given more time. */
export interface ExtendedGrant {
  readonly id: string;
  readonly expiresAt: Date;
  readonly extensionsUsed: number;
}

// The same slot for longer: no counter but the version moves, so the caps are not touched (I4). The change row makes nodes read the grant
// again, and whoever is asked for it says the new end.
const extendStatement = `
with extended as (
  update admission_grant grants
     set expires_at = grants.expires_at + make_interval(secs => queue.grant_extension_seconds), extensions_used = grants.extensions_used + 1
    from queue
   where grants.organization_id = $1 and grants.consumer_id = $2 and grants.distribution_id = $3 and grants.state = 'active' and grants.expires_at > $4
     and queue.organization_id = $1 and queue.id = $3 and grants.extensions_used < queue.grant_extensions
  returning grants.id, grants.ticket, grants.expires_at, grants.extensions_used),
counted as (
  update distribution_counters counters set version = counters.version + 1
   where counters.distribution_id = $3 and counters.organization_id = $1 and exists (select 1 from extended)
  returning counters.version),
changed as (
  insert into distribution_change (distribution_id, organization_id, version, kind, tickets, at)
  select $3, $1, counted.version, 'admitted', array(select ticket from extended where ticket is not null), $4 from counted)
select id, expires_at, extensions_used from extended`;

/** Gives the holder of an active grant more time, as often as the queue allows. Null where it does not, or where there is no such grant. */
export async function extendGrant(
  db: Database,
  organizationId: string,
  holder: { readonly consumerId: string; readonly distributionId: string; readonly at: Date },
): Promise<ExtendedGrant | null> {
  const [row] = await retryConflicts(() =>
    db.run<{ id: string; expires_at: Date; extensions_used: number }>(extendStatement, [organizationId, holder.consumerId, holder.distributionId, holder.at]),
  );
  return row === undefined ? null : { id: row.id, expiresAt: row.expires_at, extensionsUsed: row.extensions_used };
}

/** Whether the consumer has an active grant: the reason of a refusal. */
export async function hasActiveGrant(
  db: Database,
  organizationId: string,
  holder: { readonly consumerId: string; readonly distributionId: string; readonly at: Date },
): Promise<boolean> {
  const rows = await db.run(
    `select 1 from admission_grant where organization_id = $1 and consumer_id = $2 and distribution_id = $3 and state = 'active' and expires_at > $4`,
    [organizationId, holder.consumerId, holder.distributionId, holder.at],
  );
  return rows.length > 0;
}
