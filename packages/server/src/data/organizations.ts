import type { CreateOrganizationRequest, Organization, UpdateOrganizationRequest } from "@fanfare-io/fanfare-contract";
import type { Compilable, Selectable } from "kysely";
import type { Database } from "./database.ts";
import type { Tables } from "./tables.ts";

const show = (row: Selectable<Tables["organization"]>): Organization => ({
  id: row.id,
  name: row.name,
  embeddingAllowedHosts: row.embeddingAllowedHosts,
  sessionDurationSeconds: row.sessionDurationSeconds,
  checkoutSeconds: row.checkoutSeconds,
  retentionDays: row.retentionDays,
  onIdentityConflict: row.onIdentityConflict,
  language: row.language,
  phoneCountries: row.phoneCountries,
  phoneMessagesPerDay: row.phoneMessagesPerDay,
  guestsPerMinute: row.guestsPerMinute,
  createdAt: row.createdAt.toISOString(),
});

const defaultSessionSeconds = 3600;
const defaultCheckoutSeconds = 900;

/** The statement that makes an organization, for a batch. */
export function insertOrganization(db: Database, id: string, request: CreateOrganizationRequest, at: Date): Compilable {
  return db.queries.insertInto("organization").values({
    id,
    name: request.name,
    embeddingAllowedHosts: request.embeddingAllowedHosts === undefined || request.embeddingAllowedHosts === null ? null : [...request.embeddingAllowedHosts],
    sessionDurationSeconds: request.sessionDurationSeconds ?? defaultSessionSeconds,
    checkoutSeconds: request.checkoutSeconds ?? defaultCheckoutSeconds,
    ...(request.retentionDays === undefined ? {} : { retentionDays: request.retentionDays }),
    ...(request.onIdentityConflict === undefined ? {} : { onIdentityConflict: request.onIdentityConflict }),
    ...(request.language === undefined ? {} : { language: request.language }),
    ...(request.phoneCountries === undefined ? {} : { phoneCountries: [...request.phoneCountries] }),
    ...(request.phoneMessagesPerDay === undefined ? {} : { phoneMessagesPerDay: request.phoneMessagesPerDay }),
    ...(request.guestsPerMinute === undefined ? {} : { guestsPerMinute: request.guestsPerMinute }),
    createdAt: at,
  });
}

/** An organization by its id. */
export async function findOrganization(db: Database, id: string): Promise<Organization | null> {
  const row = await db.queries.selectFrom("organization").selectAll().where("id", "=", id).executeTakeFirst();
  return row === undefined ? null : show(row);
}

/** Changes what the request names. */
export async function updateOrganization(db: Database, id: string, change: UpdateOrganizationRequest): Promise<Organization | null> {
  const { embeddingAllowedHosts, phoneCountries, ...rest } = change;
  const hosts = embeddingAllowedHosts === undefined ? {} : { embeddingAllowedHosts: embeddingAllowedHosts === null ? null : [...embeddingAllowedHosts] };
  const countries = phoneCountries === undefined ? {} : { phoneCountries: [...phoneCountries] };
  if (Object.keys(change).length === 0) return findOrganization(db, id);
  const row = await db.queries
    .updateTable("organization")
    .set({ ...rest, ...hosts, ...countries })
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirst();
  return row === undefined ? null : show(row);
}
