import type { EnterRequest } from "@fanfare-io/fanfare-contract";
import { findEntryRules, findProved } from "../../data/authentication-rules.ts";
import type { EntryRules } from "../../data/authentication-rules.ts";
import type { Database } from "../../data/database.ts";
import { findOverLimit } from "../../data/entry-limits.ts";
import { asksForIdentity, authenticationNeeded } from "../../domain/authentication.ts";
import type { Clock } from "../../platform/clock.ts";
import { hashAccessCode, sameBytes } from "../../platform/hashes.ts";
import { callerOf } from "../endpoint.ts";
import type { Caller, Tenant } from "../endpoint.ts";
import { ServiceError } from "../service-error.ts";

/** Who may be given a place: what routing shows as a gate, and holds also for whoever never asked for the way. */
export interface EntryGate {
  /**
   * To be asked before a newcomer is given a place; whoever has one keeps it. Raises `access_code_required`, `authentication_required`,
   * `entry_limit_reached`. Answers how often one consumer may take part in the experience, for whoever gives the place to hold to; null = without limit.
   */
  demand(call: EnteringCall, entered: EnteredWay): Promise<number | null>;
}

/** Who enters, and what they show. */
export interface EnteringCall {
  readonly tenant: Tenant;
  readonly caller: Caller | null;
  readonly body: Pick<EnterRequest, "accessCode">;
}

/** What is entered, and by which way. */
export interface EnteredWay {
  readonly sequenceId: string;
  readonly experienceId: string;
  readonly distributionId: string;
}

/** The refusal of somebody who takes part as often as they may. */
export const entryLimitReached = (maxEntriesPerConsumer: number | null): ServiceError =>
  new ServiceError("entry_limit_reached", { details: { maxEntriesPerConsumer } });

const freshMs = 1_000;
const rememberedSequences = 1_000;

/** A changed rule is known on every node within a second. Where guests are welcome nobody is looked up. */
export function createEntryGate({ db, clock }: { readonly db: Database; readonly clock: Clock }): EntryGate {
  const remembered = new Map<string, { readonly at: number; readonly rules: Promise<EntryRules> }>();

  function rulesOf(organizationId: string, sequenceId: string): Promise<EntryRules> {
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
    async demand(call, { sequenceId, ...entered }) {
      const { authentication, accessCodeHash, maxEntriesPerConsumer } = await rulesOf(call.tenant.id, sequenceId);
      // The id of what is behind the code is no secret: routing names it beside the gate.
      if (accessCodeHash !== null && !opens(accessCodeHash, call)) throw new ServiceError("access_code_required");
      const { consumerId } = callerOf(call);
      if (asksForIdentity(authentication)) {
        const needed = authenticationNeeded(authentication, await findProved(db, call.tenant.id, consumerId));
        if (needed !== null) throw new ServiceError("authentication_required", { details: { ...needed } });
      }
      // What gives the place asks again and decides. Here nobody is let work for a place that they would not be given.
      const isOver = maxEntriesPerConsumer !== null && (await findOverLimit(db, { organizationId: call.tenant.id, ...entered }, [consumerId])).length > 0;
      if (isOver) throw entryLimitReached(maxEntriesPerConsumer);
      return maxEntriesPerConsumer;
    },
  });
}

function opens(accessCodeHash: Uint8Array, { tenant, body: { accessCode } }: EnteringCall): boolean {
  return accessCode !== undefined && sameBytes(hashAccessCode(tenant.id, accessCode), accessCodeHash);
}
