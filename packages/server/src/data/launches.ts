import type { Database } from "./database.ts";

/** A way into an experience, as routing needs it. */
export interface LaunchSequence {
  readonly id: string;
  readonly name: string;
  readonly priority: number;
  readonly accessCodeHash: Uint8Array | null;
}

/** An experience with its ways in, archived ones left out. */
export interface Launch {
  readonly id: string;
  readonly name: string;
  readonly timeZone: string;
  readonly sequences: readonly LaunchSequence[];
}

/** What routing needs of an experience; null when there is none, or it is archived. */
export async function findLaunch(db: Database, organizationId: string, experienceId: string): Promise<Launch | null> {
  const experience = await db.queries
    .selectFrom("experience")
    .select(["id", "name", "timeZone"])
    .where("organizationId", "=", organizationId)
    .where("id", "=", experienceId)
    .where("archived", "=", false)
    .executeTakeFirst();
  if (experience === undefined) return null;
  const sequences = await db.queries
    .selectFrom("sequence")
    .select(["id", "name", "priority", "accessCodeHash"])
    .where("organizationId", "=", organizationId)
    .where("experienceId", "=", experienceId)
    .where("archived", "=", false)
    .execute();
  return { ...experience, sequences };
}
