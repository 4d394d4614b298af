import type { CreateExperienceRequest, Experience, Page, ProtectionLevel, UpdateExperienceRequest } from "@fanfare-io/fanfare-contract";
import type { Compilable, Selectable } from "kysely";
import { ruleColumns, ruleOf } from "./authentication-rules.ts";
import type { Database } from "./database.ts";
import { bindingOf } from "./entry-keys.ts";
import { planPage, toPage } from "./page.ts";
import type { PageRequest } from "./page.ts";
import type { Tables } from "./tables.ts";

const show = (row: Selectable<Tables["experience"]>): Experience => ({
  id: row.id,
  organizationId: row.organizationId,
  archived: row.archived,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt?.toISOString() ?? null,
  name: row.name,
  timeZone: row.timeZone,
  protectionLevel: row.protectionLevel,
  maxEntriesPerConsumer: row.maxEntriesPerConsumer,
  entryBinding: bindingOf(row),
  authentication: ruleOf(row),
});

/** The statement that makes an experience, for a batch. */
export function insertExperience(db: Database, organizationId: string, id: string, request: CreateExperienceRequest, at: Date): Compilable {
  const protection = request.protectionLevel === undefined ? {} : { protectionLevel: request.protectionLevel };
  return db.queries.insertInto("experience").values({
    organizationId,
    id,
    name: request.name,
    timeZone: request.timeZone ?? "UTC",
    ...protection,
    maxEntriesPerConsumer: request.maxEntriesPerConsumer ?? null,
    entryBinding: request.entryBinding ?? null,
    ...ruleColumns(request.authentication),
    createdAt: at,
  });
}

/** An experience of this organization, archived ones included. */
export async function findExperience(db: Database, organizationId: string, id: string): Promise<Experience | null> {
  const row = await db.queries.selectFrom("experience").selectAll().where("organizationId", "=", organizationId).where("id", "=", id).executeTakeFirst();
  return row === undefined ? null : show(row);
}

/** A page of experiences, newest first; null when the cursor is not one. */
export async function listExperiences(db: Database, organizationId: string, request: PageRequest): Promise<Page<Experience> | null> {
  const plan = planPage(request);
  if (plan === null) return null;
  const rows = await db.queries
    .selectFrom("experience")
    .selectAll()
    .where("organizationId", "=", organizationId)
    .where(plan.where)
    .orderBy("createdAt", plan.direction)
    .orderBy("id", plan.direction)
    .limit(plan.limit)
    .execute();
  return toPage(plan, rows, show);
}

/** Changes what the request names; null when there is no such experience. */
export async function updateExperience(
  db: Database,
  organizationId: string,
  id: string,
  change: UpdateExperienceRequest & { readonly archived?: boolean },
  at: Date,
): Promise<Experience | null> {
  const { authentication, ...rest } = change;
  const row = await db.queries
    .updateTable("experience")
    .set({ ...rest, ...ruleColumns(authentication), updatedAt: at })
    .where("organizationId", "=", organizationId)
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirst();
  return row === undefined ? null : show(row);
}

/** How much an experience asks of those who enter; null when there is none. */
export async function findProtectionLevel(db: Database, organizationId: string, id: string): Promise<ProtectionLevel | null> {
  const [row] = await db.run<{ protection_level: ProtectionLevel }>("select protection_level from experience where organization_id = $1 and id = $2", [
    organizationId,
    id,
  ]);
  return row?.protection_level ?? null;
}
