import type { DenyReason } from "@fanfare-io/fanfare-contract";
import { retryConflicts } from "./conflicts.ts";
import type { Database } from "./database.ts";

/** What is to end: everything of one consumer, what one has in one queue, or one grant. */
export type EndTarget =
  | { readonly kind: "consumer"; readonly consumerId: string }
  | { readonly kind: "place"; readonly distributionId: string; readonly consumerId: string }
  | { readonly kind: "grant"; readonly distributionId: string; readonly grantId: string };

/** What ended, and in which distributions. */
export interface Ended {
  readonly grants: readonly { readonly id: string; readonly consumerId: string }[];
  readonly places: number;
  readonly distributionIds: readonly string[];
}

// Lock order as everywhere: grants, then entries, then counters, then the change rows that the versions on the counters number.
// `tickets` of a change takes them out of every node's memory, whatever they were before.
const endStatement = (grantsWhere: string, placesWhere: string): string => `
with ended as (
  update admission_grant set state = $3, presentation_id = null
   where organization_id = $1 and ${grantsWhere} and state = any($4::text[])
  returning distribution_id, id, consumer_id, ticket),
places as (
  update queue_entry e set state = $5, live = false, ended_at = $6, deny_reason = $7
   where e.organization_id = $1 and e.live
     and ((e.state = 'admitted' and (e.queue_id, e.ticket) in (select distribution_id, ticket from ended)) or (e.state = 'waiting' and ${placesWhere}))
  returning e.queue_id, e.ticket),
touched as (
  select distribution_id, sum(freed)::integer as freed, array_remove(array_agg(distinct ticket), null) as tickets
    from (select distribution_id, 1 as freed, ticket from ended union all select queue_id, 0, ticket from places) as all_of_it
   group by distribution_id),
counted as (
  update distribution_counters counters set active = counters.active - touched.freed, version = counters.version + 1 from touched
   where counters.distribution_id = touched.distribution_id and counters.organization_id = $1
  returning counters.distribution_id, counters.version, touched.tickets),
changed as (
  insert into distribution_change (distribution_id, organization_id, version, kind, tickets, at)
  select distribution_id, $1, version, 'left', tickets, $6 from counted)
select (select coalesce(json_agg(json_build_object('id', id, 'consumerId', consumer_id)), '[]') from ended) as grants,
       (select count(*)::integer from places) as places,
       (select coalesce(json_agg(distribution_id), '[]') from touched) as distributions`;

const ofConsumer = endStatement("consumer_id = $2::uuid", "e.consumer_id = $2::uuid");
const ofPlace = endStatement("distribution_id = $2 and consumer_id = $8::uuid", "e.queue_id = $2 and e.consumer_id = $8::uuid");
const ofGrant = endStatement("distribution_id = $2 and id = $8", "false");

interface Row {
  readonly grants: Ended["grants"];
  readonly places: number;
  readonly distributions: readonly string[];
}

async function end(db: Database, statement: string, parameters: readonly unknown[]): Promise<Ended> {
  const [row] = await retryConflicts(() => db.run<Row>(statement, parameters));
  return { grants: row?.grants ?? [], places: row?.places ?? 0, distributionIds: row?.distributions ?? [] };
}

/** Takes grants back that are not completed, held ones too, and the places of a consumer with them. The shop that holds one is told `grant_revoked`. */
export async function revokeParticipations(db: Database, organizationId: string, target: EndTarget, reason: DenyReason, at: Date): Promise<Ended> {
  const common = ["revoked", ["active", "held"], "denied", at, reason];
  if (target.kind === "grant") return end(db, ofGrant, [organizationId, target.distributionId, ...common, target.grantId]);
  const [statement, parameters] =
    target.kind === "place"
      ? [ofPlace, [organizationId, target.distributionId, ...common, target.consumerId]]
      : [ofConsumer, [organizationId, target.consumerId, ...common]];
  const first = await end(db, statement, parameters);
  // Whoever was let in while the statement ran was neither waiting nor admitted to it; a second look sees the grant.
  const second = await end(db, statement, parameters);
  return {
    grants: [...first.grants, ...second.grants],
    places: first.places + second.places,
    distributionIds: [...new Set([...first.distributionIds, ...second.distributionIds])],
  };
}

/** Gives a consumer's places and unused grants up, as the consumer would; a grant that a shop holds for a payment stays. */
export async function giveUpParticipations(db: Database, organizationId: string, consumerId: string, at: Date): Promise<Ended> {
  const parameters = [organizationId, consumerId, "expired", ["active"], "left", at, null];
  const first = await end(db, ofConsumer, parameters);
  const second = await end(db, ofConsumer, parameters);
  return { ...first, distributionIds: [...new Set([...first.distributionIds, ...second.distributionIds])] };
}
