import type { AuthenticationRule } from "@fanfare-io/fanfare-contract";
import { experienceRuleOf, ruleOf } from "./authentication-rules.ts";
import type { Database } from "./database.ts";

/** A way into an experience, as routing needs it. */
export interface LaunchSequence {
  readonly id: string;
  readonly name: string;
  readonly priority: number;
  readonly accessCodeHash: Uint8Array | null;
  /** What the experience asks for, then what this way in asks for. */
  readonly authentication: readonly AuthenticationRule[];
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
    .select(["id", "name", "timeZone", "authentication", "emailDomains", "protectionLevel"])
    .where("organizationId", "=", organizationId)
    .where("id", "=", experienceId)
    .where("archived", "=", false)
    .executeTakeFirst();
  if (experience === undefined) return null;
  const sequences = await db.queries
    .selectFrom("sequence")
    .select(["id", "name", "priority", "accessCodeHash", "authentication", "emailDomains"])
    .where("organizationId", "=", organizationId)
    .where("experienceId", "=", experienceId)
    .where("archived", "=", false)
    .execute();
  const { id, name, timeZone } = experience;
  const outer = experienceRuleOf(experience);
  return {
    id,
    name,
    timeZone,
    sequences: sequences.map(({ authentication, emailDomains, ...sequence }) => ({
      ...sequence,
      authentication: [outer, ruleOf({ authentication, emailDomains })],
    })),
  };
}
