import { refusedItself, retryConflicts } from "./conflicts.ts";
import type { Database } from "./database.ts";
import type { DrawKey } from "./draws.ts";

/** Closes the list, on the row that hands out tickets. Nothing where it is closed or called off already, or its time has not come. */
export async function closeDraw(db: Database, key: DrawKey, at: Date): Promise<void> {
  await db.run(
    `update draw set closed_at = $3 where organization_id = $1 and id = $2 and closed_at is null and cancelled_at is null and coalesce(close_at, draw_at) <= $3
        and (beacon_at is null or beacon_at > $3)`,
    [key.organizationId, key.drawId, at],
  );
}

/** Publishes the root of a closed list; nothing where it is published already. */
export async function publishClosing(
  db: Database,
  key: DrawKey,
  closing: { readonly text: string; readonly root: Uint8Array; readonly blockRoots: Uint8Array },
  at: Date,
): Promise<void> {
  await db.run(
    `with published as (
       update draw set root = $3, block_roots = $4, rooted_at = $6
        where organization_id = $1 and id = $2 and closed_at is not null and rooted_at is null and cancelled_at is null returning 1)
     insert into draw_statement (draw_id, organization_id, kind, number, text, made_at) select $2, $1, 'closing', 1, $5, $6 from published`,
    [key.organizationId, key.drawId, Buffer.from(closing.root), Buffer.from(closing.blockRoots), closing.text, at],
  );
}

/** Writes down the instant that the result will bear: from here on the draw can be neither moved nor called off. */
export async function beginDrawing(db: Database, key: DrawKey, at: Date): Promise<void> {
  await db.run(
    `update draw set drawing_at = $3 where organization_id = $1 and id = $2 and drawing_at is null and cancelled_at is null and not archived
        and rooted_at is not null and draw_at <= $3 and (beacon_at is null or (beacon_at <= $3 and beacon_signature is not null))`,
    [key.organizationId, key.drawId, at],
  );
}

/** Publishes the result with its ranking, seed included; nothing where it is published already. */
export async function publishResult(
  db: Database,
  key: DrawKey,
  result: { readonly text: string; readonly ranked: number; readonly tickets: Uint8Array; readonly ranks: Uint8Array },
  at: Date,
): Promise<void> {
  await db.run(
    `with published as (
       update draw set drawn_at = drawing_at, ranked = $4 where organization_id = $1 and id = $2 and drawing_at is not null and drawn_at is null returning 1),
     ranking as (
       insert into draw_ranking (draw_id, organization_id, tickets, ranks) select $2, $1, $5, $6 from published)
     insert into draw_statement (draw_id, organization_id, kind, number, text, made_at) select $2, $1, 'result', 1, $3, $7 from published`,
    [key.organizationId, key.drawId, result.text, result.ranked, Buffer.from(result.tickets), Buffer.from(result.ranks), at],
  );
}

/** What is known of a draw's grants, with the version that it is true for. */
export interface DrawGrants {
  readonly version: number;
  readonly active: number;
  readonly completed: number;
}

/** Counts a draw's grants. */
export async function readDrawGrants(db: Database, key: DrawKey): Promise<DrawGrants> {
  const [row] = await db.run<DrawGrants>(
    `select version, active,
            (select count(*) from admission_grant g where g.distribution_id = $2 and g.organization_id = $1 and g.state = 'completed') as completed
       from distribution_counters where distribution_id = $2 and organization_id = $1`,
    [key.organizationId, key.drawId],
  );
  if (row === undefined) throw new Error("A draw without counters.");
  return row;
}

/** The tickets at so many ranks below those that were offered a grant. */
export async function readNextTickets(db: Database, key: DrawKey, offered: number, count: number): Promise<readonly number[]> {
  const [row] = await db.run<{ bytes: Uint8Array | null }>(
    "select substring(tickets from (4 * $3::bigint + 1)::integer for (4 * $4::bigint)::integer) as bytes from draw_ranking where draw_id = $2 and organization_id = $1",
    [key.organizationId, key.drawId, offered, count],
  );
  const bytes = row?.bytes ?? new Uint8Array();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Math.floor(bytes.length / 4) }, (_, at) => view.getUint32(4 * at));
}

// `offered` moves with the grants that it counts. The version is that of the count on which the number was decided: whatever was
// completed, expired or taken back since then has moved it, and the statement rolls itself back (I4).
const grantStatement = `
with moved as (
  update draw set offered = offered + cardinality($5::bigint[])
   where organization_id = $1 and id = $2 and offered = $3::bigint and drawn_at is not null
  returning experience_id, sequence_id, admission_expiration_seconds as lifetime),
granted as (
  insert into admission_grant
    (distribution_id, organization_id, id, mechanism, experience_id, sequence_id, consumer_id, ticket, state, granted_at, expires_at)
  select $2, $1, won.grant_id, 'draw', moved.experience_id, moved.sequence_id, entry.consumer_id, won.ticket, 'active', $7,
         $7::timestamptz + make_interval(secs => moved.lifetime)
    from moved, unnest($5::bigint[], $6::text[]) as won (ticket, grant_id)
    join draw_entry entry on entry.draw_id = $2 and entry.organization_id = $1 and entry.ticket = won.ticket
  returning 1),
counted as (
  update distribution_counters set active = active + cardinality($5::bigint[]), granted = granted + cardinality($5::bigint[]), version = version + 1
   where distribution_id = $2 and organization_id = $1 and version = $4::bigint and exists (select 1 from moved)
  returning version),
changed as (
  insert into distribution_change (distribution_id, organization_id, version, kind, tickets, at) select $2, $1, version, 'admitted', $5::bigint[], $7 from counted),
told as (
  insert into draw_statement (draw_id, organization_id, kind, number, text, made_at)
  select $2, $1, 'continuation', $8::integer, $9::text, $7 from counted where $9::text is not null)
select 1 / (case when (select count(*) from granted) = cardinality($5::bigint[]) and exists (select 1 from counted) then 1 else 0 end) as proof`;

/** Gives the next in rank their grants, and says so in public where wins are given on: all of them, or nobody where something happened since the count. */
export async function grantWins(
  db: Database,
  key: DrawKey,
  wins: {
    readonly offered: number;
    readonly version: number;
    readonly tickets: readonly number[];
    readonly grantIds: readonly string[];
    readonly continuation: { readonly number: number; readonly text: string } | null;
  },
  at: Date,
): Promise<boolean> {
  const { offered, version, tickets, grantIds, continuation } = wins;
  const parameters = [key.organizationId, key.drawId, offered, version, tickets, grantIds, at, continuation?.number ?? null, continuation?.text ?? null];
  try {
    await retryConflicts(() => db.run(grantStatement, parameters));
    return true;
  } catch (error) {
    if (refusedItself(error)) return false;
    throw error;
  }
}

/** The tickets whose win is over without a sale: it ran out, or the operator took it back. */
export async function readEndedWins(db: Database, key: DrawKey): Promise<readonly { readonly ticket: number; readonly state: "expired" | "revoked" }[]> {
  return db.run(
    `select ticket, state from admission_grant
      where distribution_id = $2 and organization_id = $1 and mechanism = 'draw' and state in ('expired', 'revoked') order by ticket`,
    [key.organizationId, key.drawId],
  );
}

/** Writes down that nothing was to be given at a version of the counters, and, with `forGood`, that nothing ever will be: no grant is out. */
export async function markLooked(db: Database, key: DrawKey, version: number, forGood: boolean, at: Date): Promise<void> {
  await db.run(
    `update draw set looked_version = $3, settled_at = case when $4 then $5::timestamptz else settled_at end
      where organization_id = $1 and id = $2 and drawn_at is not null
        and exists (select 1 from distribution_counters c where c.distribution_id = $2 and c.organization_id = $1 and c.version = $3::bigint and (c.active = 0 or not $4))`,
    [key.organizationId, key.drawId, version, forGood, at],
  );
}

/** One win, for the operator's list. */
export interface Win {
  readonly ticket: number;
  readonly consumerId: string;
  readonly grantId: string;
  readonly state: string;
  readonly wonAt: number;
  readonly expiresAt: number;
  readonly orderId: string | null;
}

/** The wins of a draw in the order in which they were granted. */
export async function readWins(db: Database, key: DrawKey): Promise<readonly Win[]> {
  const rows = await db.run<{ ticket: number; consumer_id: string; id: string; state: string; granted_at: Date; expires_at: Date; order_id: string | null }>(
    `select ticket, consumer_id, id, state, granted_at, expires_at, order_id from admission_grant
      where distribution_id = $2 and organization_id = $1 and mechanism = 'draw' order by granted_at, id`,
    [key.organizationId, key.drawId],
  );
  return rows.map((row) => ({
    ticket: row.ticket,
    consumerId: row.consumer_id,
    grantId: row.id,
    state: row.state,
    wonAt: row.granted_at.getTime(),
    expiresAt: row.expires_at.getTime(),
    orderId: row.order_id,
  }));
}

/** The roots over each 1,024 entries of a closed list; empty while it is not published. */
export async function readBlockRoots(db: Database, key: DrawKey): Promise<Uint8Array> {
  const [row] = await db.run<{ block_roots: Uint8Array | null }>("select block_roots from draw where organization_id = $1 and id = $2", [
    key.organizationId,
    key.drawId,
  ]);
  return row?.block_roots ?? new Uint8Array();
}
