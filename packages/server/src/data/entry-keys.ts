import type { ConsumerExport, EntryBinding, ProtectionLevel } from "@fanfare-io/fanfare-contract";
import type { Database } from "./database.ts";
import type { Statement } from "./identities.ts";
import { bytesText, thumbprintBytes } from "./sessions.ts";

/** What binds places, as an experience's columns hold it. */
export interface BindingColumns {
  readonly entryBinding: EntryBinding | null;
  readonly protectionLevel: ProtectionLevel;
}

/** Whom the places of an experience belong to: as it says, else the device from `enhanced` up. */
export const bindingOf = ({ entryBinding, protectionLevel }: BindingColumns): EntryBinding =>
  entryBinding ?? (protectionLevel === "standard" ? "consumer" : "device");

/** A consumer's place in a queue or a draw. */
export interface BoundPlace {
  readonly organizationId: string;
  readonly distributionId: string;
  readonly consumerId: string;
}

/** The key that somebody enters with. */
export interface NewEntryKey extends BoundPlace {
  readonly experienceId: string;
  readonly keyThumbprint: string;
  readonly at: Date;
}

// Two devices of one consumer may come in one batch: the first of them is the one that entered.
const recordStatement = `
insert into entry_key as known (organization_id, distribution_id, consumer_id, experience_id, key_thumbprint, created_at)
select distinct on (a.organization_id, a.distribution_id, a.consumer_id)
       a.organization_id, a.distribution_id, a.consumer_id, a.experience_id, a.key_thumbprint, a.created_at
  from unnest($1::text[], $2::text[], $3::uuid[], $4::text[], $5::bytea[], $6::timestamptz[]) with ordinality
    as a(organization_id, distribution_id, consumer_id, experience_id, key_thumbprint, created_at, place)
 order by a.organization_id, a.distribution_id, a.consumer_id, a.place
on conflict (organization_id, distribution_id, consumer_id) do update set key_thumbprint = excluded.key_thumbprint, created_at = excluded.created_at
 where known.key_thumbprint <> excluded.key_thumbprint
   and not exists (select 1 from queue_entry e
                    where e.organization_id = known.organization_id and e.queue_id = known.distribution_id and e.consumer_id = known.consumer_id and e.live)
   and not exists (select 1 from draw_entry e
                    where e.organization_id = known.organization_id and e.draw_id = known.distribution_id and e.consumer_id = known.consumer_id and e.class = 0)
   and not exists (select 1 from admission_grant g
                    where g.organization_id = known.organization_id and g.distribution_id = known.distribution_id and g.consumer_id = known.consumer_id
                      and g.state in ('active', 'held'))`;

/**
 * Notes the keys that enter, before the places are given. The key of a place that lives stays, whichever device asks again: what was left,
 * ran out or was passed over may be entered anew from another. Safe to repeat.
 */
export async function recordEntryKeys(db: Database, entering: readonly NewEntryKey[]): Promise<void> {
  await db.run(recordStatement, [
    entering.map((each) => each.organizationId),
    entering.map((each) => each.distributionId),
    entering.map((each) => each.consumerId),
    entering.map((each) => each.experienceId),
    entering.map(thumbprintBytes),
    entering.map((each) => each.at),
  ]);
}

/** True of a grant (organization $1, consumer $2, distribution $3) that another key than this one has earned, as long as its experience binds. */
export const earnedByAnother = (key: string): string => `exists (
  select 1 from entry_key k join experience x on x.organization_id = k.organization_id and x.id = k.experience_id
   where k.organization_id = $1 and k.consumer_id = $2 and k.distribution_id = $3 and k.key_thumbprint is distinct from ${key}::bytea
     and coalesce(x.entry_binding, case x.protection_level when 'standard' then 'consumer' else 'device' end) = 'device')`;

/** Whether a consumer has a grant that only another of their devices may redeem. */
export async function isEarnedElsewhere(db: Database, place: BoundPlace & { readonly keyThumbprint: string | null; readonly at: Date }): Promise<boolean> {
  const rows = await db.run(
    `select 1 from admission_grant where organization_id = $1 and consumer_id = $2 and distribution_id = $3
        and (state = 'held' or (state = 'active' and expires_at > $5)) and ${earnedByAnother("$4")}`,
    [place.organizationId, place.consumerId, place.distributionId, thumbprintBytes(place), place.at],
  );
  return rows.length > 0;
}

/** Lets any device of a consumer redeem what they get here; false where nothing was bound. */
export async function releaseEntryKey(db: Database, { organizationId, distributionId, consumerId }: BoundPlace): Promise<boolean> {
  const parameters = [organizationId, distributionId, consumerId];
  return (await db.run("delete from entry_key where organization_id = $1 and distribution_id = $2 and consumer_id = $3 returning 1", parameters)).length > 0;
}

/** The places of these consumers that are bound to a device. */
export async function readEntryKeys(db: Database, organizationId: string, consumerIds: readonly string[]): Promise<ConsumerExport["boundEntries"]> {
  const rows = await db.run<{ distribution_id: string; key_thumbprint: Uint8Array; created_at: Date }>(
    "select distribution_id, key_thumbprint, created_at from entry_key where organization_id = $1 and consumer_id = any($2::uuid[]) order by created_at",
    [organizationId, consumerIds],
  );
  return rows.map((row) => ({ distributionId: row.distribution_id, keyThumbprint: bytesText(row.key_thumbprint), boundAt: row.created_at.toISOString() }));
}

/** The key goes with the place: where the guest's is the better standing, what the consumer had is not what lives there any more. */
export const mergeEntryKeys = (
  { organizationId, guestId, consumerId }: { readonly organizationId: string; readonly guestId: string; readonly consumerId: string },
  moving: readonly string[],
): readonly Statement[] => [
  {
    statement: "delete from entry_key where organization_id = $1 and consumer_id = $2 and distribution_id = any($3::text[])",
    parameters: [organizationId, consumerId, moving],
  },
  {
    statement: "update entry_key set consumer_id = $3 where organization_id = $1 and consumer_id = $2 and distribution_id = any($4::text[])",
    parameters: [organizationId, guestId, consumerId, moving],
  },
];

/** A guest who is taken out again takes its key along; what stays with the consumer may be redeemed on any of their devices. */
export const unlinkEntryKeys = (
  { organizationId, guestId, consumerId }: { readonly organizationId: string; readonly guestId: string; readonly consumerId: string },
  keyThumbprint: string,
): readonly Statement[] => {
  const key = thumbprintBytes({ keyThumbprint });
  return [
    {
      statement: `update entry_key k set consumer_id = $2 where k.organization_id = $1 and k.consumer_id = $3 and k.key_thumbprint = $4
        and not exists (select 1 from entry_key own where own.organization_id = $1 and own.consumer_id = $2 and own.distribution_id = k.distribution_id)`,
      parameters: [organizationId, guestId, consumerId, key],
    },
    {
      statement: "delete from entry_key where organization_id = $1 and consumer_id = $2 and key_thumbprint = $3",
      parameters: [organizationId, consumerId, key],
    },
  ];
};
