import type { ApiKey, Page } from "@fanfare-io/fanfare-contract";
import type { Compilable, Selectable } from "kysely";
import { hashSecret } from "../platform/hashes.ts";
import type { Database } from "./database.ts";
import { planPage, toPage } from "./page.ts";
import type { PageRequest } from "./page.ts";
import type { Tables } from "./tables.ts";

type Row = Selectable<Tables["apiKey"]>;

const show = (row: Row): ApiKey => ({
  id: row.id,
  kind: row.kind,
  environment: row.environment,
  hint: row.hint,
  createdAt: row.createdAt.toISOString(),
  revokedAt: row.revokedAt?.toISOString() ?? null,
});

/** The statement that stores a key by its hash, for a batch. */
export function insertApiKey(
  db: Database,
  organizationId: string,
  key: { readonly id: string; readonly kind: ApiKey["kind"]; readonly environment: ApiKey["environment"]; readonly key: string },
  at: Date,
): Compilable {
  return db.queries
    .insertInto("apiKey")
    .values({ organizationId, id: key.id, kind: key.kind, environment: key.environment, keyHash: hashSecret(key.key), hint: key.key.slice(-4), createdAt: at });
}

/** A key of this organization, as it can be shown. */
export async function findApiKey(db: Database, organizationId: string, id: string): Promise<ApiKey | null> {
  const row = await db.queries.selectFrom("apiKey").selectAll().where("organizationId", "=", organizationId).where("id", "=", id).executeTakeFirst();
  return row === undefined ? null : show(row);
}

/** A page of keys, newest first; null when the cursor is not one. */
export async function listApiKeys(db: Database, organizationId: string, request: PageRequest): Promise<Page<ApiKey> | null> {
  const plan = planPage(request);
  if (plan === null) return null;
  const rows = await db.queries
    .selectFrom("apiKey")
    .selectAll()
    .where("organizationId", "=", organizationId)
    .where(plan.where)
    .orderBy("createdAt", plan.direction)
    .orderBy("id", plan.direction)
    .limit(plan.limit)
    .execute();
  return toPage(plan, rows, show);
}

/** Revokes a key; again changes nothing. */
export async function revokeApiKey(db: Database, organizationId: string, id: string, at: Date): Promise<ApiKey | null> {
  await db.queries
    .updateTable("apiKey")
    .set({ revokedAt: at })
    .where("organizationId", "=", organizationId)
    .where("id", "=", id)
    .where("revokedAt", "is", null)
    .execute();
  return findApiKey(db, organizationId, id);
}
