import type { CreateSequenceRequest, Page, Sequence, UpdateSequenceRequest } from "@fanfare-io/fanfare-contract";
import type { Compilable, Selectable } from "kysely";
import { hashAccessCode } from "../platform/hashes.ts";
import { ruleColumns, ruleOf } from "./authentication-rules.ts";
import type { Database } from "./database.ts";
import { planPage, toPage } from "./page.ts";
import type { PageRequest } from "./page.ts";
import type { Tables } from "./tables.ts";

const show = (row: Selectable<Tables["sequence"]>): Sequence => ({
  id: row.id,
  organizationId: row.organizationId,
  archived: row.archived,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt?.toISOString() ?? null,
  experienceId: row.experienceId,
  name: row.name,
  priority: row.priority,
  hasAccessCode: row.accessCodeHash !== null,
  authentication: ruleOf(row),
});

const hashOf = (organizationId: string, accessCode: string | null | undefined): Uint8Array | null =>
  accessCode === undefined || accessCode === null ? null : hashAccessCode(organizationId, accessCode);

/** The statement that makes a sequence, for a batch. */
export function insertSequence(db: Database, organizationId: string, id: string, request: CreateSequenceRequest, at: Date): Compilable {
  return db.queries.insertInto("sequence").values({
    organizationId,
    id,
    experienceId: request.experienceId,
    name: request.name,
    priority: request.priority ?? 0,
    accessCodeHash: hashOf(organizationId, request.accessCode),
    ...ruleColumns(request.authentication),
    createdAt: at,
  });
}

/** A sequence of this organization. */
export async function findSequence(db: Database, organizationId: string, id: string): Promise<Sequence | null> {
  const row = await db.queries.selectFrom("sequence").selectAll().where("organizationId", "=", organizationId).where("id", "=", id).executeTakeFirst();
  return row === undefined ? null : show(row);
}

/** The sequences of an experience, highest priority first. */
export async function findSequencesOf(db: Database, organizationId: string, experienceId: string): Promise<readonly Sequence[]> {
  const rows = await db.queries
    .selectFrom("sequence")
    .selectAll()
    .where("organizationId", "=", organizationId)
    .where("experienceId", "=", experienceId)
    .orderBy("priority", "desc")
    .orderBy("id")
    .execute();
  return rows.map(show);
}

/** A page of sequences, newest first; null when the cursor is not one. */
export async function listSequences(db: Database, organizationId: string, request: PageRequest): Promise<Page<Sequence> | null> {
  const plan = planPage(request);
  if (plan === null) return null;
  const rows = await db.queries
    .selectFrom("sequence")
    .selectAll()
    .where("organizationId", "=", organizationId)
    .where(plan.where)
    .orderBy("createdAt", plan.direction)
    .orderBy("id", plan.direction)
    .limit(plan.limit)
    .execute();
  return toPage(plan, rows, show);
}

/** Changes what the request names; null when there is no such sequence. */
export async function updateSequence(
  db: Database,
  organizationId: string,
  id: string,
  change: UpdateSequenceRequest & { readonly archived?: boolean },
  at: Date,
): Promise<Sequence | null> {
  const { accessCode, authentication, ...rest } = change;
  const row = await db.queries
    .updateTable("sequence")
    .set({
      ...rest,
      ...(accessCode === undefined ? {} : { accessCodeHash: hashOf(organizationId, accessCode) }),
      ...ruleColumns(authentication),
      updatedAt: at,
    })
    .where("organizationId", "=", organizationId)
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirst();
  return row === undefined ? null : show(row);
}
