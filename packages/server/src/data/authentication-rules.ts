import type { AuthenticationRule, ProtectionLevel } from "@fanfare-io/fanfare-contract";
import type { Proved } from "../domain/authentication.ts";
import type { Database } from "./database.ts";

/** A rule as its two columns hold it. */
export interface RuleColumns {
  readonly authentication: "guest" | "identified" | "email";
  readonly emailDomains: string[] | null;
}

/** The rule that two columns hold. */
export function ruleOf({ authentication, emailDomains }: RuleColumns): AuthenticationRule {
  return authentication === "email" ? { emailDomains: emailDomains ?? [] } : authentication;
}

/** The rule of an experience: at `maximum` protection nobody takes part who is not known, whatever else it says. */
export function experienceRuleOf({ protectionLevel, ...columns }: RuleColumns & { readonly protectionLevel: ProtectionLevel }): AuthenticationRule {
  const rule = ruleOf(columns);
  return protectionLevel === "maximum" && rule === "guest" ? "identified" : rule;
}

/** What to write for a rule; nothing where the request says nothing. */
export function ruleColumns(rule: AuthenticationRule | undefined): Partial<RuleColumns> {
  if (rule === undefined) return {};
  return typeof rule === "string" ? { authentication: rule, emailDomains: null } : { authentication: "email", emailDomains: [...rule.emailDomains] };
}

/** The rules that whoever enters by a sequence has to meet: the experience's, then its own. None where there is no such sequence. */
export async function findEntryRules(db: Database, organizationId: string, sequenceId: string): Promise<readonly AuthenticationRule[]> {
  const row = await db.queries
    .selectFrom("sequence as s")
    .innerJoin("experience as e", (join) => join.onRef("e.organizationId", "=", "s.organizationId").onRef("e.id", "=", "s.experienceId"))
    .select(["s.authentication", "s.emailDomains", "e.authentication as outer", "e.emailDomains as outerDomains", "e.protectionLevel"])
    .where("s.organizationId", "=", organizationId)
    .where("s.id", "=", sequenceId)
    .executeTakeFirst();
  return row === undefined
    ? []
    : [experienceRuleOf({ authentication: row.outer, emailDomains: row.outerDomains, protectionLevel: row.protectionLevel }), ruleOf(row)];
}

/** What a consumer has proved; null where there is no such consumer. */
export async function findProved(db: Database, organizationId: string, consumerId: string): Promise<Proved | null> {
  const row = await db.queries
    .selectFrom("consumer")
    .select(["type", "email"])
    .where("organizationId", "=", organizationId)
    .where("id", "=", consumerId)
    .executeTakeFirst();
  return row ?? null;
}
