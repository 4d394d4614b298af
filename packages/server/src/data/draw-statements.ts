import type { DrawFacts } from "../domain/draw.ts";
import type { Database } from "./database.ts";
import { drawColumns, toFacts } from "./draw-rows.ts";
import type { DrawRow } from "./draw-rows.ts";
import type { DrawKey } from "./draws.ts";

/** A statement of a draw, as it was made. */
export interface DrawStatementRow {
  readonly kind: "commitment" | "closing" | "result" | "continuation";
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

/** What is said about a draw besides its terms, as far as it changes. What is left out stays as it is by then, whoever changed it meanwhile. */
export interface DrawDetails {
  readonly name?: string;
  readonly message?: string | null;
  readonly capacity?: number | null;
  readonly admissionExpirationSeconds?: number;
  /** Once archived, always archived. */
  readonly archived?: true;
}

/** The assignments of `details`, from a parameter on, with their parameters: no column that is not named is written. */
function assign(details: DrawDetails, from: number): { readonly sql: string; readonly parameters: readonly unknown[] } {
  const columns = { name: "name", message: "message", capacity: "capacity", admissionExpirationSeconds: "admission_expiration_seconds", archived: "archived" };
  const named = (Object.keys(columns) as (keyof DrawDetails)[]).filter((name) => details[name] !== undefined);
  return { sql: named.map((name, index) => `, ${columns[name]} = $${from + index}`).join(""), parameters: named.map((name) => details[name]) };
}

/** Changes what no commitment covers; null when there is no such draw. */
export async function updateDrawDetails(db: Database, key: DrawKey, details: DrawDetails, at: Date): Promise<DrawFacts | null> {
  const { sql, parameters } = assign(details, 4);
  const [row] = await db.run<DrawRow>(`update draw set updated_at = $3${sql} where organization_id = $1 and id = $2 returning ${drawColumns}`, [
    key.organizationId,
    key.drawId,
    at,
    ...parameters,
  ]);
  return row === undefined ? null : toFacts(row);
}

/** A further commitment: what it says, and what its author took for granted. */
export interface FurtherCommitment {
  readonly text: string;
  readonly terms: DrawTerms;
  /** How many there were: of two authors at once one finds another number, and is refused. */
  readonly after: number;
  readonly closed: boolean;
  readonly opened: boolean;
}

/**
 * Publishes a further commitment and what it says, with what else is changed by the same request, in one statement. Null when the draw is not
 * as its author saw it: changed by another, closed, or opened and entered since.
 */
export async function recommit(db: Database, key: DrawKey, commitment: FurtherCommitment, details: DrawDetails, at: Date): Promise<DrawFacts | null> {
  const { terms } = commitment;
  const { sql, parameters } = assign(details, 18);
  const [row] = await db.run<DrawRow>(
    `with changed as (
       update draw set earlier_draw_ats = case when draw_at = $6 then earlier_draw_ats else earlier_draw_ats || draw_at end,
              open_at = $3, opens_at = $4, close_at = $5, draw_at = $6, winner_count = $7, continue_selecting = $8, max_weight = $9,
              beacon_chain = $10, beacon_round = $11, beacon_at = $12, updated_at = $17, commitments = commitments + 1,
              beacon_signature = case when beacon_chain = $10 and beacon_round = $11 then beacon_signature end,
              beacon_trouble = null, beacon_asked_at = null${sql}
        where organization_id = $1 and id = $2 and cancelled_at is null and drawing_at is null and not archived
          and (closed_at is not null) = $15 and (opens_at <= $17) = $16 and ($16 or next_ticket = 1) and commitments = $13
       returning ${drawColumns}),
     told as (
       insert into draw_statement (draw_id, organization_id, kind, number, text, made_at) select $2, $1, 'commitment', $13 + 1, $14, $17 from changed)
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
      commitment.after,
      commitment.text,
      commitment.closed,
      commitment.opened,
      at,
      ...parameters,
    ],
  );
  return row === undefined ? null : toFacts(row);
}
