import type { EnterRequest, EntryBinding } from "@fanfare-io/fanfare-contract";
import { findEntryRules, findProved } from "../../data/authentication-rules.ts";
import type { EntryRules } from "../../data/authentication-rules.ts";
import { isPassing } from "../../data/conflicts.ts";
import type { Database } from "../../data/database.ts";
import { recordEntryKeys } from "../../data/entry-keys.ts";
import type { NewEntryKey } from "../../data/entry-keys.ts";
import { findOverLimit } from "../../data/entry-limits.ts";
import { asksForIdentity, authenticationNeeded } from "../../domain/authentication.ts";
import type { Clock } from "../../platform/clock.ts";
import { createGroupCommit } from "../../platform/group-commit.ts";
import type { GroupCommit, GroupCommitOptions } from "../../platform/group-commit.ts";
import { hashAccessCode, sameBytes } from "../../platform/hashes.ts";
import { callerOf } from "../endpoint.ts";
import type { Caller, Tenant } from "../endpoint.ts";
import { ServiceError } from "../service-error.ts";

/** Who may be given a place: what routing shows as a gate, and holds also for whoever never asked for the way. */
export interface EntryGate {
  /**
   * To be asked before a newcomer is given a place; whoever has one keeps it. Raises `access_code_required`, `authentication_required`,
   * `bound_session_required`, `entry_limit_reached`. Answers what whoever gives the place has to hold to.
   */
  demand(call: EnteringCall, entered: EnteredWay): Promise<EntryTerms>;
  /** Notes the key that enters where the place is bound to the device. To be done before it is given. */
  bind(call: { readonly tenant: Tenant; readonly caller: Caller | null }, entered: Omit<EnteredWay, "sequenceId">, terms: EntryTerms): Promise<void>;
}

/** Who enters, and what they show. */
export interface EnteringCall {
  readonly tenant: Tenant;
  readonly caller: Caller | null;
  readonly body: Pick<EnterRequest, "accessCode">;
}

/** What an experience says of the places in it. */
export interface EntryTerms {
  /** How often one consumer may take part; null = without limit. */
  readonly maxEntriesPerConsumer: number | null;
  readonly binding: EntryBinding;
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

/** Where the keys of those who enter are noted, in batches. */
export type EntryKeyCommit = GroupCommit<NewEntryKey, void>;

/** A launch that binds places costs each who enters a row, and a batch of them a statement. */
export function createEntryKeyCommit(db: Database, options: Pick<GroupCommitOptions<NewEntryKey, void>, "now" | "pause">): EntryKeyCommit {
  return createGroupCommit<NewEntryKey, void>({
    ...options,
    maxBatch: 256,
    mayRepeat: isPassing,
    async flush(entering) {
      await recordEntryKeys(db, entering);
      return entering.map(() => undefined);
    },
  });
}

/** What the gate needs. */
export interface EntryGateDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly entryKeys: EntryKeyCommit;
}

const freshMs = 1_000;
const rememberedSequences = 1_000;

/** A changed rule is known on every node within a second. Where guests are welcome nobody is looked up. */
export function createEntryGate({ db, clock, entryKeys }: EntryGateDeps): EntryGate {
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
      const { authentication, accessCodeHash, maxEntriesPerConsumer, binding } = await rulesOf(call.tenant.id, sequenceId);
      // The id of what is behind the code is no secret: routing names it beside the gate.
      if (accessCodeHash !== null && !opens(accessCodeHash, call)) throw new ServiceError("access_code_required");
      const { consumerId, keyThumbprint } = callerOf(call);
      if (binding === "device" && keyThumbprint === null) throw new ServiceError("bound_session_required");
      if (asksForIdentity(authentication)) {
        const needed = authenticationNeeded(authentication, await findProved(db, call.tenant.id, consumerId));
        if (needed !== null) throw new ServiceError("authentication_required", { details: { ...needed } });
      }
      // What gives the place asks again and decides. Here nobody is let work for a place that they would not be given.
      const isOver = maxEntriesPerConsumer !== null && (await findOverLimit(db, { organizationId: call.tenant.id, ...entered }, [consumerId])).length > 0;
      if (isOver) throw entryLimitReached(maxEntriesPerConsumer);
      return { maxEntriesPerConsumer, binding };
    },
    async bind(call, { experienceId, distributionId }, { binding }) {
      const { consumerId, keyThumbprint } = callerOf(call);
      if (binding !== "device" || keyThumbprint === null) return;
      await entryKeys.submit({ organizationId: call.tenant.id, experienceId, distributionId, consumerId, keyThumbprint, at: new Date(clock.now()) });
    },
  });
}

function opens(accessCodeHash: Uint8Array, { tenant, body: { accessCode } }: EnteringCall): boolean {
  return accessCode !== undefined && sameBytes(hashAccessCode(tenant.id, accessCode), accessCodeHash);
}
