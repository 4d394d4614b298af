import type { AuthenticationRule } from "@fanfare-io/fanfare-contract";
import { findEntryRules, findProved } from "../../data/authentication-rules.ts";
import type { Database } from "../../data/database.ts";
import { asksForIdentity, authenticationNeeded } from "../../domain/authentication.ts";
import type { Clock } from "../../platform/clock.ts";
import { callerOf } from "../endpoint.ts";
import type { Caller, Tenant } from "../endpoint.ts";
import { ServiceError } from "../service-error.ts";

/** Who may be given a place: what routing shows as a gate, and holds also for whoever never asked for the way. */
export interface EntryGate {
  /** To be asked before a newcomer is given a place; whoever has one keeps it. Raises `authentication_required`. */
  demand(call: { readonly tenant: Tenant; readonly caller: Caller | null }, sequenceId: string): Promise<void>;
}

const freshMs = 1_000;
const rememberedSequences = 1_000;

/** A changed rule is known on every node within a second. Where guests are welcome nobody is looked up. */
export function createEntryGate({ db, clock }: { readonly db: Database; readonly clock: Clock }): EntryGate {
  const remembered = new Map<string, { readonly at: number; readonly rules: Promise<readonly AuthenticationRule[]> }>();

  function rulesOf(organizationId: string, sequenceId: string): Promise<readonly AuthenticationRule[]> {
    const name = `${organizationId}\n${sequenceId}`;
    const now = clock.now();
    const known = remembered.get(name);
    if (known !== undefined && now >= known.at && now - known.at < freshMs) return known.rules;
    if (remembered.size >= rememberedSequences) remembered.clear();
    const rules = findEntryRules(db, organizationId, sequenceId);
    remembered.set(name, { at: now, rules });
    rules.catch(() => remembered.delete(name));
    return rules;
  }

  return Object.freeze<EntryGate>({
    async demand(call, sequenceId) {
      const rules = await rulesOf(call.tenant.id, sequenceId);
      if (!asksForIdentity(rules)) return;
      const needed = authenticationNeeded(rules, await findProved(db, call.tenant.id, callerOf(call).consumerId));
      if (needed !== null) throw new ServiceError("authentication_required", { details: { ...needed } });
    },
  });
}
