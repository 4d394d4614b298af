import type { AuthenticationRule, EntryBinding, ProtectionLevel } from "@fanfare-io/fanfare-contract";
import type { Proved } from "../domain/authentication.ts";
import type { Database } from "./database.ts";
import { bindingOf } from "./entry-keys.ts";

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

/** What whoever enters by a sequence has to meet. */
export interface EntryRules {
  /** The experience's, then the sequence's own. None where there is no such sequence. */
  readonly authentication: readonly AuthenticationRule[];
  /** The hash of the sequence's access code; null = it needs none. */
  readonly accessCodeHash: Uint8Array | null;
  /** In how many queues and draws of the experience one consumer may take part; null = in all. */
  readonly maxEntriesPerConsumer: number | null;
  /** Which device redeems. */
  readonly binding: EntryBinding;
}

/** What a sequence, and the experience that it is of, ask of whoever enters. */
export async function findEntryRules(db: Database, organizationId: string, sequenceId: string): Promise<EntryRules> {
  const row = await db.queries
    .selectFrom("sequence as s")
    .innerJoin("experience as e", (join) => join.onRef("e.organizationId", "=", "s.organizationId").onRef("e.id", "=", "s.experienceId"))
    .select([
      "s.authentication",
      "s.emailDomains",
      "s.accessCodeHash",
      "e.authentication as outer",
      "e.emailDomains as outerDomains",
      "e.protectionLevel",
      "e.maxEntriesPerConsumer",
      "e.entryBinding",
    ])
    .where("s.organizationId", "=", organizationId)
    .where("s.id", "=", sequenceId)
    .executeTakeFirst();
  return row === undefined
    ? { authentication: [], accessCodeHash: null, maxEntriesPerConsumer: null, binding: "consumer" }
    : {
        authentication: [experienceRuleOf({ authentication: row.outer, emailDomains: row.outerDomains, protectionLevel: row.protectionLevel }), ruleOf(row)],
        accessCodeHash: row.accessCodeHash,
        maxEntriesPerConsumer: row.maxEntriesPerConsumer,
        binding: bindingOf(row),
      };
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
