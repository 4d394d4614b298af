import type { Page } from "@fanfare-io/fanfare-contract";
import { continuesForDays } from "../domain/draw.ts";
import type { DrawFacts } from "../domain/draw.ts";
import { holdGraceSeconds } from "../domain/grant.ts";
import type { Database } from "./database.ts";
import { drawColumns, toFacts } from "./draw-rows.ts";
import type { DrawRow } from "./draw-rows.ts";
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

/** A draw of this organization. */
export async function findDraw(db: Database, key: DrawKey): Promise<DrawFacts | null> {
  const [row] = await db.run<DrawRow>(`select ${drawColumns} from draw where organization_id = $1 and id = $2`, [key.organizationId, key.drawId]);
  return row === undefined ? null : toFacts(row);
}

/** The draws of an experience that are not archived. */
export async function findDrawsOf(db: Database, organizationId: string, experienceId: string): Promise<readonly DrawFacts[]> {
  const rows = await db.run<DrawRow>(
    `select ${drawColumns} from draw where organization_id = $1 and experience_id = $2 and not archived order by created_at, id`,
    [organizationId, experienceId],
  );
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
  const rows = await db.run<DrawRow>(`select ${drawColumns} from draw where organization_id = $1 and id = any($2::text[])`, [organizationId, ids]);
  const facts = new Map(rows.map((row) => [row.id, toFacts(row)]));
  return toPage(
    plan,
    named.filter(({ id }) => facts.has(id)),
    ({ id }) => facts.get(id) as DrawFacts,
  );
}

// Two partial indexes hold the draws that are not over; of them, those where a step is due. What waits for its time, or for a beacon that
// is not there, is not looked at; nor is a published draw whose grants stand as they did when it was last looked at.
const dueStatement = `
select ${drawColumns} from draw
 where drawn_at is null and cancelled_at is null and not archived
   and ((closed_at is null and coalesce(close_at, draw_at) <= $1) or (closed_at is not null and rooted_at is null) or drawing_at is not null
     or (rooted_at is not null and draw_at <= $1 and (beacon_at is null or (beacon_at <= $1 and beacon_signature is not null))))
union all
select ${drawColumns} from draw
 where drawn_at is not null and settled_at is null
   and (offered < least(winner_count, ranked) or drawn_at <= $1 - make_interval(days => ${continuesForDays})
     or exists (select 1 from distribution_counters c
                 where c.distribution_id = draw.id and c.organization_id = draw.organization_id and c.version is distinct from draw.looked_version)
     or exists (select 1 from admission_grant g
                 where g.distribution_id = draw.id and g.organization_id = draw.organization_id
                   and ((g.state = 'active' and g.expires_at <= $1) or (g.state = 'held' and g.held_until <= $2))))
 order by draw_at`;

/** The draws, over all tenants, for which the job has something to do: this is the service running its own draws, not a caller asking. */
export async function findDueDraws(db: Database, now: Date): Promise<readonly DrawFacts[]> {
  const rows = await db.run<DrawRow>(dueStatement, [now, new Date(now.getTime() - holdGraceSeconds * 1000)]);
  return rows.map(toFacts);
}
