import type { CreateDrawRequest, Page } from "@fanfare-io/fanfare-contract";
import type { DrawFacts } from "../domain/draw.ts";
import type { Database } from "./database.ts";
import { planPage, toPage } from "./page.ts";
import type { PageRequest } from "./page.ts";

/** A draw, named so that no statement can forget its tenant (I7). */
export interface DrawKey {
  readonly organizationId: string;
  readonly drawId: string;
}

/** The key of a draw. */
export function keyOf(draw: { readonly organizationId: string; readonly id: string }): DrawKey {
  return { organizationId: draw.organizationId, drawId: draw.id };
}

interface DrawRow {
  readonly organization_id: string;
  readonly id: string;
  readonly experience_id: string;
  readonly sequence_id: string;
  readonly name: string;
  readonly open_at: Date | null;
  readonly opens_at: Date;
  readonly close_at: Date | null;
  readonly draw_at: Date;
  readonly earlier_draw_ats: readonly Date[];
  readonly winner_count: number;
  readonly capacity: number | null;
  readonly admission_expiration_seconds: number;
  readonly continue_selecting: boolean;
  readonly max_weight: number;
  readonly beacon_chain: string | null;
  readonly beacon_round: number | null;
  readonly beacon_at: Date | null;
  readonly has_signature: boolean;
  readonly message: string | null;
  readonly next_ticket: number;
  readonly excluded: number;
  readonly closed_at: Date | null;
  readonly rooted_at: Date | null;
  readonly root: string | null;
  readonly drawing_at: Date | null;
  readonly drawn_at: Date | null;
  readonly ranked: number;
  readonly offered: number;
  readonly cancelled_at: Date | null;
  readonly archived: boolean;
  readonly created_at: Date;
  readonly updated_at: Date | null;
}

// Seed and blinding key are left out: who needs them reads them by name.
const columns = `organization_id, id, experience_id, sequence_id, name, open_at, opens_at, close_at, draw_at, earlier_draw_ats, winner_count, capacity,
  admission_expiration_seconds, continue_selecting, max_weight, beacon_chain, beacon_round, beacon_at, beacon_signature is not null as has_signature, message,
  next_ticket, excluded, closed_at, rooted_at, encode(root, 'hex') as root, drawing_at, drawn_at, ranked, offered, cancelled_at, archived, created_at, updated_at`;

const millis = (at: Date | null): number | null => at?.getTime() ?? null;

function toFacts(row: DrawRow): DrawFacts {
  return {
    organizationId: row.organization_id,
    id: row.id,
    experienceId: row.experience_id,
    sequenceId: row.sequence_id,
    name: row.name,
    openAt: millis(row.open_at),
    opensAt: row.opens_at.getTime(),
    closeAt: millis(row.close_at),
    drawAt: row.draw_at.getTime(),
    earlierDrawAts: row.earlier_draw_ats.map((at) => at.getTime()),
    winnerCount: row.winner_count,
    capacity: row.capacity,
    admissionExpirationSeconds: row.admission_expiration_seconds,
    continueSelecting: row.continue_selecting,
    maxWeight: row.max_weight,
    beacon:
      row.beacon_chain === null || row.beacon_round === null || row.beacon_at === null
        ? null
        : { chainHash: row.beacon_chain, round: row.beacon_round, at: row.beacon_at.toISOString() },
    hasBeaconSignature: row.has_signature,
    message: row.message,
    tickets: row.next_ticket - 1,
    excluded: row.excluded,
    closedAt: millis(row.closed_at),
    rootedAt: millis(row.rooted_at),
    root: row.root,
    drawingAt: millis(row.drawing_at),
    drawnAt: millis(row.drawn_at),
    ranked: row.ranked,
    offered: row.offered,
    cancelledAt: millis(row.cancelled_at),
    archived: row.archived,
    createdAt: row.created_at.getTime(),
    updatedAt: millis(row.updated_at),
  };
}

/** A draw of this organization. */
export async function findDraw(db: Database, key: DrawKey): Promise<DrawFacts | null> {
  const [row] = await db.run<DrawRow>(`select ${columns} from draw where organization_id = $1 and id = $2`, [key.organizationId, key.drawId]);
  return row === undefined ? null : toFacts(row);
}

/** The draws of an experience that are not archived. */
export async function findDrawsOf(db: Database, organizationId: string, experienceId: string): Promise<readonly DrawFacts[]> {
  const rows = await db.run<DrawRow>(`select ${columns} from draw where organization_id = $1 and experience_id = $2 and not archived order by created_at, id`, [
    organizationId,
    experienceId,
  ]);
  return rows.map(toFacts);
}

/** A page of draws, newest first; null when the cursor is not one. */
export async function listDraws(db: Database, organizationId: string, request: PageRequest): Promise<Page<DrawFacts> | null> {
  const plan = planPage(request);
  if (plan === null) return null;
  const named = await db.queries
    .selectFrom("draw")
    .select(["id", "createdAt"])
    .where("organizationId", "=", organizationId)
    .where(plan.where)
    .orderBy("createdAt", plan.direction)
    .orderBy("id", plan.direction)
    .limit(plan.limit)
    .execute();
  const ids = named.map(({ id }) => id);
  const rows = await db.run<DrawRow>(`select ${columns} from draw where organization_id = $1 and id = any($2::text[])`, [organizationId, ids]);
  const facts = new Map(rows.map((row) => [row.id, toFacts(row)]));
  return toPage(
    plan,
    named.filter(({ id }) => facts.has(id)),
    ({ id }) => facts.get(id) as DrawFacts,
  );
}

/**
 * The draws, over all tenants, for which the job may have something to do: this is the service running its own draws, not a caller
 * asking. A published draw is looked at while winners may still follow or grants run out.
 */
export async function findDueDraws(db: Database, now: Date): Promise<readonly DrawFacts[]> {
  const rows = await db.run<DrawRow>(
    `select ${columns} from draw
      where (drawn_at is null and cancelled_at is null and not archived and coalesce(close_at, draw_at) <= $1)
         or (drawn_at is not null and (offered < least(winner_count, ranked) or exists (
              select 1 from distribution_counters c where c.distribution_id = draw.id and c.organization_id = draw.organization_id
                 and (c.active > 0 or (draw.continue_selecting and draw.offered < draw.ranked and draw.drawn_at > $1 - interval '30 days')))))
      order by draw_at`,
    [now],
  );
  return rows.map(toFacts);
}

/** What a new draw starts with. */
export interface NewDraw {
  readonly id: string;
  readonly experienceId: string;
  readonly request: CreateDrawRequest;
  readonly seed: Uint8Array;
  readonly blindingKey: Uint8Array;
  readonly opensAt: Date;
  readonly at: Date;
  /** The first commitment. */
  readonly commitment: string;
}

const instantOf = (text: string | null | undefined): Date | null => (text === null || text === undefined ? null : new Date(text));
/** A day: nobody can be expected to watch for the result. */
const defaultAdmissionExpirationSeconds = 86_400;

/** The statements that make a draw, its counters and its first commitment, for a batch: none of them without the others. */
export function insertDraw(organizationId: string, draw: NewDraw): readonly { readonly statement: string; readonly parameters: readonly unknown[] }[] {
  const { request } = draw;
  const maxWeight = request.weighting?.rule === "luck_balancing" ? request.weighting.maxWeight : 1;
  return [
    {
      statement: `insert into draw (organization_id, id, sequence_id, experience_id, name, open_at, opens_at, close_at, draw_at, winner_count, capacity,
        admission_expiration_seconds, continue_selecting, max_weight, beacon_chain, beacon_round, beacon_at, message, seed, blinding_key, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)`,
      parameters: [
        organizationId,
        draw.id,
        request.sequenceId,
        draw.experienceId,
        request.name,
        instantOf(request.openAt),
        draw.opensAt,
        instantOf(request.closeAt),
        new Date(request.drawAt),
        request.winnerCount,
        request.capacity ?? null,
        request.admissionExpirationSeconds ?? defaultAdmissionExpirationSeconds,
        request.continueSelectingUntilCompleted ?? false,
        maxWeight,
        request.beacon?.chainHash ?? null,
        request.beacon?.round ?? null,
        instantOf(request.beacon?.at),
        request.message ?? null,
        draw.seed,
        draw.blindingKey,
        draw.at,
      ],
    },
    { statement: "insert into distribution_counters (distribution_id, organization_id) values ($1, $2)", parameters: [draw.id, organizationId] },
    {
      statement: "insert into draw_statement (draw_id, organization_id, kind, number, text, made_at) values ($1, $2, 'commitment', 1, $3, $4)",
      parameters: [draw.id, organizationId, draw.commitment, draw.at],
    },
  ];
}

/** What the commitment does not cover, changed at once; null when there is no such draw. */
export async function updateDrawDetails(
  db: Database,
  key: DrawKey,
  change: {
    readonly name: string;
    readonly message: string | null;
    readonly capacity: number | null;
    readonly admissionExpirationSeconds: number;
    readonly archived: boolean;
  },
  at: Date,
): Promise<DrawFacts | null> {
  const [row] = await db.run<DrawRow>(
    `update draw set name = $3, message = $4, capacity = $5, admission_expiration_seconds = $6, archived = $7, updated_at = $8
      where organization_id = $1 and id = $2 returning ${columns}`,
    [key.organizationId, key.drawId, change.name, change.message, change.capacity, change.admissionExpirationSeconds, change.archived, at],
  );
  return row === undefined ? null : toFacts(row);
}

/** Calls a draw off; null when it is drawn, being drawn, or called off already. */
export async function cancelDraw(db: Database, key: DrawKey, message: string | null, at: Date): Promise<DrawFacts | null> {
  const [row] = await db.run<DrawRow>(
    `update draw set cancelled_at = $3, message = coalesce($4, message), updated_at = $3
      where organization_id = $1 and id = $2 and cancelled_at is null and drawing_at is null returning ${columns}`,
    [key.organizationId, key.drawId, at, message],
  );
  return row === undefined ? null : toFacts(row);
}

/** The rules and times that a further commitment sets. */
export interface DrawTerms {
  readonly openAt: Date | null;
  readonly opensAt: Date;
  readonly closeAt: Date | null;
  readonly drawAt: Date;
  readonly winnerCount: number;
  readonly continueSelecting: boolean;
  readonly maxWeight: number;
  readonly beacon: { readonly chainHash: string; readonly round: number; readonly at: Date } | null;
}

/**
 * Publishes a further commitment and what it says, in one statement: `number` is its place in their row, so that of two at once one is
 * refused. `closed` = what its author took for granted. Null when the draw is not as its author saw it.
 */
export async function recommit(
  db: Database,
  key: DrawKey,
  commitment: { readonly number: number; readonly text: string; readonly terms: DrawTerms; readonly closed: boolean; readonly opened: boolean },
  at: Date,
): Promise<DrawFacts | null> {
  const { terms } = commitment;
  const [row] = await db.run<DrawRow>(
    `with changed as (
       update draw set earlier_draw_ats = case when draw_at = $6 then earlier_draw_ats else earlier_draw_ats || draw_at end,
              open_at = $3, opens_at = $4, close_at = $5, draw_at = $6, winner_count = $7, continue_selecting = $8, max_weight = $9,
              beacon_chain = $10, beacon_round = $11, beacon_at = $12, updated_at = $17,
              beacon_signature = case when beacon_round = $11 then beacon_signature end
        where organization_id = $1 and id = $2 and cancelled_at is null and drawing_at is null
          and (closed_at is not null) = $15 and (opens_at <= $17) = $16
          and (select max(number) from draw_statement where draw_id = $2 and organization_id = $1 and kind = 'commitment') = $13 - 1
       returning ${columns}),
     told as (
       insert into draw_statement (draw_id, organization_id, kind, number, text, made_at) select $2, $1, 'commitment', $13, $14, $17 from changed)
     select * from changed`,
    [
      key.organizationId,
      key.drawId,
      terms.openAt,
      terms.opensAt,
      terms.closeAt,
      terms.drawAt,
      terms.winnerCount,
      terms.continueSelecting,
      terms.maxWeight,
      terms.beacon?.chainHash ?? null,
      terms.beacon?.round ?? null,
      terms.beacon?.at ?? null,
      commitment.number,
      commitment.text,
      commitment.closed,
      commitment.opened,
      at,
    ],
  );
  return row === undefined ? null : toFacts(row);
}

/** Keeps the recorded signature of the promised round; the first one stays. */
export async function recordBeacon(db: Database, key: DrawKey, round: number, signature: Uint8Array): Promise<void> {
  await db.run("update draw set beacon_signature = $4 where organization_id = $1 and id = $2 and beacon_round = $3 and beacon_signature is null", [
    key.organizationId,
    key.drawId,
    round,
    signature,
  ]);
}

/** What a draw keeps to itself. */
export async function readSecrets(
  db: Database,
  key: DrawKey,
): Promise<{ readonly seed: Uint8Array; readonly blindingKey: Uint8Array; readonly beaconSignature: Uint8Array | null }> {
  const [row] = await db.run<{ seed: Uint8Array; blinding_key: Uint8Array; beacon_signature: Uint8Array | null }>(
    "select seed, blinding_key, beacon_signature from draw where organization_id = $1 and id = $2",
    [key.organizationId, key.drawId],
  );
  if (row === undefined) throw new Error("A draw that is not there.");
  return { seed: row.seed, blindingKey: row.blinding_key, beaconSignature: row.beacon_signature };
}

/** A statement of a draw, as it was made. */
export interface DrawStatementRow {
  readonly kind: "commitment" | "closing" | "result";
  readonly number: number;
  readonly text: string;
  readonly madeAt: number;
}

/** Everything that a draw said in public, oldest first. */
export async function readStatements(db: Database, key: DrawKey): Promise<readonly DrawStatementRow[]> {
  const rows = await db.run<{ kind: DrawStatementRow["kind"]; number: number; text: string; made_at: Date }>(
    "select kind, number, text, made_at from draw_statement where draw_id = $2 and organization_id = $1 order by kind, number",
    [key.organizationId, key.drawId],
  );
  return rows.map(({ made_at, ...row }) => ({ ...row, madeAt: made_at.getTime() }));
}
