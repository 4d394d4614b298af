import type { ChallengeAnswer, ChallengeReason, ProtectionLevel } from "@fanfare-io/fanfare-contract";
import { isPassing } from "../../data/conflicts.ts";
import type { Database } from "../../data/database.ts";
import { answerCheck, noteWork, recordEntries } from "../../data/entry-checks.ts";
import type { EntryName, EntryRecord, NewEntryCheck } from "../../data/entry-checks.ts";
import { findProtectionLevel } from "../../data/experiences.ts";
import { decideEntry } from "../../domain/risk.ts";
import type { Clock } from "../../platform/clock.ts";
import type { CrowdKeys } from "../../platform/crowd-keys.ts";
import { createGroupCommit } from "../../platform/group-commit.ts";
import type { GroupCommit, GroupCommitOptions } from "../../platform/group-commit.ts";
import { networkOf } from "../../platform/networks.ts";
import { callerOf } from "../endpoint.ts";
import type { Caller, Tenant } from "../endpoint.ts";
import { limitKey } from "../middleware/address.ts";
import type { Limits } from "../middleware/limits.ts";
import { ServiceError } from "../service-error.ts";
import { demandWork } from "./challenges.ts";
import type { WorkDeps } from "./challenges.ts";

/** What keeps farms out of an experience, as far as it asks for it. */
export interface Protection {
  /** Whether those who enter are looked at, and noted. */
  looksAt(organizationId: string, experienceId: string): Promise<boolean>;
  /**
   * To be asked before a newcomer is given a place. Raises `bound_session_required`, `challenge_required`.
   */
  demand(call: EntryCall, entered: EnteredDistribution): Promise<void>;
  /** Takes the answer of somebody who was asked in the middle of their wait. Raises `challenge_required` for a wrong one, and for none. */
  answer(call: EntryCall, distributionId: string, reasons: readonly ChallengeReason[]): Promise<void>;
}

/** What is entered. */
export interface EnteredDistribution {
  readonly experienceId: string;
  readonly distributionId: string;
}

/** What it looks at: nothing but what every request carries. */
export interface EntryCall {
  readonly tenant: Tenant;
  readonly caller: Caller | null;
  readonly address: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: { readonly challenge?: ChallengeAnswer };
}

/** Where those who enter are noted, in batches. */
export type EntryCommit = GroupCommit<NewEntryCheck, EntryRecord>;

/** A thousand people who enter in one second are a handful of statements. */
export function createEntryCommit(db: Database, options: Pick<GroupCommitOptions<NewEntryCheck, EntryRecord>, "now" | "pause">): EntryCommit {
  return createGroupCommit<NewEntryCheck, EntryRecord>({ ...options, maxBatch: 256, mayRepeat: isPassing, flush: (asked) => recordEntries(db, asked) });
}

/** What protecting needs. */
export interface ProtectionDeps extends WorkDeps {
  readonly clock: Clock;
  readonly limits: Pick<Limits, "count">;
  readonly crowdKeys: CrowdKeys;
  readonly entries: EntryCommit;
  readonly newCheckId: () => string;
}

const freshMs = 1_000;
const rememberedLevels = 1_000;

/** A changed level is known on every node within a second. */
export function createProtection(deps: ProtectionDeps): Protection {
  const { db, clock, limits } = deps;
  const levels = new Map<string, { readonly level: ProtectionLevel; readonly readAt: number }>();

  async function levelOf(organizationId: string, experienceId: string): Promise<ProtectionLevel> {
    const name = `${organizationId}\n${experienceId}`;
    const known = levels.get(name);
    const now = clock.now();
    if (known !== undefined && now - known.readAt < freshMs) return known.level;
    const level = (await findProtectionLevel(db, organizationId, experienceId)) ?? "standard";
    if (levels.size >= rememberedLevels) levels.clear();
    levels.set(name, { level, readAt: now });
    return level;
  }

  function record({ tenant, address }: EntryCall, caller: Caller, entered: EnteredDistribution): Promise<EntryRecord> {
    const { consumerId, sessionId } = caller;
    const keys = {
      addressKey: deps.crowdKeys.key(tenant.id, "address", limitKey(address)),
      networkKey: deps.crowdKeys.key(tenant.id, "network", networkOf(address)),
    };
    return deps.entries.submit({ organizationId: tenant.id, consumerId, sessionId, ...entered, id: deps.newCheckId(), ...keys, at: new Date(clock.now()) });
  }

  return Object.freeze<Protection>({
    looksAt: async (organizationId, experienceId) => (await levelOf(organizationId, experienceId)) !== "standard",
    async demand(call, entered) {
      const { headers, address, tenant } = call;
      const level = await levelOf(tenant.id, entered.experienceId);
      if (level === "standard") return;
      const caller = callerOf(call);
      if (caller.keyThumbprint === null) throw new ServiceError("bound_session_required");
      const { state, reasons, crowd, isDriven } = await record(call, caller, entered);
      const decision = decideEntry({
        level,
        isAddressBusy: limits.count("entry", limitKey(address)).isOver,
        isNetworkBusy: limits.count("network", networkOf(address)).isOver,
        crowd,
        isDriven,
        earlier: { state, reasons },
        userAgent: textOf(headers["user-agent"]),
        acceptLanguage: textOf(headers["accept-language"]),
      });
      if (decision.kind !== "work") return;
      await demandWork(deps, { organizationId: tenant.id, purpose: "enter", reasons: decision.reasons }, call.body.challenge);
      await noteWork(db, nameOf(call, caller, entered.distributionId), decision.reasons, new Date(clock.now()));
    },
    async answer(call, distributionId, reasons) {
      await demandWork(deps, { organizationId: call.tenant.id, purpose: "enter", reasons }, call.body.challenge);
      await answerCheck(db, nameOf(call, callerOf(call), distributionId), "passed", new Date(clock.now()));
    },
  });
}

const nameOf = ({ tenant }: EntryCall, { consumerId }: Caller, distributionId: string): EntryName => ({
  organizationId: tenant.id,
  distributionId,
  consumerId,
});
const textOf = (header: string | string[] | undefined): string | undefined => (header === "" ? undefined : header?.toString());
