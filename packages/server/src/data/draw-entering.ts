import { refusedItself } from "./conflicts.ts";
import type { Database } from "./database.ts";
import { ofDraw, readStandings } from "./draw-entries.ts";
import type { DrawKey } from "./draws.ts";
import { enterWithinLimit } from "./entry-limits.ts";

/** Someone who enters: the salt of their reference, and how often they count. */
export interface Entering {
  readonly consumerId: string;
  readonly salt: Uint8Array;
  readonly weight: number;
}

/** What became of a batch: those who were new are in, somebody else entered one of them in the same moment, or the draw takes so many no more, if any. */
export type EnterOutcome =
  | {
      readonly kind: "entered";
      readonly firstTicket: number;
      /** Who was new, in the order of their tickets; the others were in. */
      readonly consumerIds: readonly string[];
      /** How many commitments the draw had made. */
      readonly commitments: number;
    }
  | { readonly kind: "repeated" }
  | { readonly kind: "closed" };

// What both ways in share. The reference holds the ticket, which only the statement knows; docs/draw-proof.md says what it is the hash of.
const newcomers = "unnest($3::uuid[], $5::smallint[]) with ordinality as entering (consumer_id, weight, place)";
const saltAt = (place: string): string => `substring($4::bytea from (16 * (${place} - 1) + 1)::integer for 16)`;
const taking = (count: string): string => `
  update draw set next_ticket = next_ticket + ${count}
   where organization_id = $1 and id = $2 and not archived and cancelled_at is null and closed_at is null
     and opens_at <= $6 and coalesce(close_at, draw_at) > $6
     and (capacity is null or next_ticket - 1 - excluded + ${count} <= capacity)`;
const inserting = (salt: string, from: string): string => `
  insert into draw_entry (draw_id, organization_id, ticket, consumer_id, ref, weight, entered_at)
  select $2, $1, base + place - 1, consumer_id,
         sha256('\\x02'::bytea || int8send(base + place - 1) || ${salt} || uuid_send(consumer_id)), weight, $6
    from taken, ${from}
  on conflict (organization_id, consumer_id, draw_id) where class = 0 do nothing
  returning 1`;
const batching = `
  insert into draw_batch (draw_id, organization_id, first_ticket, size, received_at, commitments) select $2, $1, base, n, $6, commitments from taken`;
const proving = "1 / (case when (select count(*) from inserted) = n then 1 else 0 end) as proof";

// As for the line: tickets and entries in one statement that rolls itself back unless everybody was new, so that the list has no hole.
const enterAllStatement = `
with taken as (${taking("cardinality($3::uuid[])")}
  returning next_ticket - cardinality($3::uuid[]) as base, cardinality($3::uuid[]) as n, commitments),
inserted as (${inserting(saltAt("place"), newcomers)}),
batched as (${batching})
select base, commitments, ${proving} from taken`;

// Whoever was in is passed over, so that nobody can hold up those of their moment by entering again and again.
const enterNewStatement = `
with fresh as (
  select consumer_id, ${saltAt("entering.place")} as salt, weight, row_number() over (order by place) as place
    from ${newcomers}
    left join lateral (
      select true as is_in from draw_entry e where e.organization_id = $1 and ${ofDraw("e", "$2")} and e.consumer_id = entering.consumer_id and e.class = 0 limit 1) as there on true
   where is_in is null),
size as (select count(*) as n from fresh),
taken as (${taking("(select n from size)")} and (select n from size) > 0
  returning next_ticket - (select n from size) as base, (select n from size) as n, commitments),
inserted as (${inserting("salt", "fresh")}),
batched as (${batching})
select base, commitments, array(select consumer_id::text from fresh order by place) as entered, ${proving} from taken`;

/**
 * Enters consumers in their order, all or none. Where one of them was in already: `repeated`, and `insertDrawEntries` enters the others. That
 * costs less by a third than looking everybody up, and does not depend on what the planner knows.
 */
export async function insertNewDrawEntries(db: Database, key: DrawKey, entering: readonly Entering[], at: Date): Promise<EnterOutcome> {
  return insert(db, enterAllStatement, key, entering, at);
}

/** Enters those of these consumers who are not in, in their order, all or none. Safe to repeat: what was committed already is passed over. */
export async function insertDrawEntries(db: Database, key: DrawKey, entering: readonly Entering[], at: Date): Promise<EnterOutcome> {
  return insert(db, enterNewStatement, key, entering, at);
}

async function insert(db: Database, statement: string, key: DrawKey, entering: readonly Entering[], at: Date): Promise<EnterOutcome> {
  try {
    const [row] = await db.run<{ base: number; commitments: number; entered?: readonly string[] }>(statement, enterParameters(key, entering, at));
    if (row === undefined) return { kind: "closed" };
    const consumerIds = row.entered ?? entering.map((one) => one.consumerId);
    return { kind: "entered", firstTicket: row.base, consumerIds, commitments: row.commitments };
  } catch (error) {
    if (refusedItself(error)) return { kind: "repeated" };
    throw error;
  }
}

// Salts go as one value: as an array of them each is written, escaped and read for itself.
const enterParameters = (key: DrawKey, entering: readonly Entering[], at: Date): readonly unknown[] => [
  key.organizationId,
  key.drawId,
  entering.map((one) => one.consumerId),
  Buffer.concat(entering.map((one) => one.salt)),
  entering.map((one) => one.weight),
  at,
];

/** The same where the experience limits how often one person takes part. Who was entered is to be read afterwards: `repeated`. */
export async function insertDrawEntriesWithinLimit(
  db: Database,
  key: DrawKey & { readonly experienceId: string },
  entering: readonly Entering[],
  at: Date,
): Promise<EnterOutcome> {
  const consumerIds = entering.map((one) => one.consumerId);
  const statement = { statement: enterNewStatement, parameters: enterParameters(key, entering, at) };
  if (!(await enterWithinLimit(db, { ...key, distributionId: key.drawId }, consumerIds, statement))) return { kind: "repeated" };
  // A draw that takes nobody refuses without rolling back: then nobody is there.
  return (await readStandings(db, key, consumerIds)).some(({ entry }) => entry?.class === 0) ? { kind: "repeated" } : { kind: "closed" };
}
