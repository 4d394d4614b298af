import { randomUUID } from "node:crypto";
import type { Database } from "../database.ts";

/** What whatever is put into a new shop's one sequence is made with. */
export interface TestShop {
  readonly record: { readonly organizationId: string; readonly createdAt: Date };
  readonly place: { readonly experienceId: string; readonly sequenceId: string };
}

/** Makes an organization of its own, with an experience and a way into it. */
export async function makeTestShop(db: Database, createdAt: Date): Promise<TestShop> {
  const organizationId = `org_${randomUUID().replaceAll("-", "")}`;
  const record = { organizationId, createdAt };
  const place = { experienceId: "exp_a", sequenceId: "seq_a" };
  const rules = { embeddingAllowedHosts: null, sessionDurationSeconds: 3600, checkoutSeconds: 900 };
  await db.queries
    .insertInto("organization")
    .values({ id: organizationId, name: "Shop", createdAt, ...rules })
    .execute();
  await db.queries
    .insertInto("experience")
    .values({ ...record, id: place.experienceId, name: "Drop", timeZone: "UTC" })
    .execute();
  await db.queries
    .insertInto("sequence")
    .values({ ...record, id: place.sequenceId, experienceId: place.experienceId, name: "Everyone", priority: 0 })
    .execute();
  return { record, place };
}
