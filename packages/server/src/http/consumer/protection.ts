import type { ChallengeAnswer, ProtectionLevel } from "@fanfare-io/fanfare-contract";
import { findProtectionLevel } from "../../data/experiences.ts";
import { decideEntry } from "../../domain/risk.ts";
import type { Clock } from "../../platform/clock.ts";
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
  /**
   * To be asked before a newcomer is given a place; whoever has one already is not asked again, so that nobody waits under suspicion.
   * Raises `bound_session_required`, `challenge_required`.
   */
  demand(call: EntryCall, experienceId: string): Promise<void>;
}

/** What it looks at: nothing but what every request carries. */
export interface EntryCall {
  readonly tenant: Tenant;
  readonly caller: Caller | null;
  readonly address: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: { readonly challenge?: ChallengeAnswer };
}

const freshMs = 1_000;
const rememberedLevels = 1_000;

/** A changed level is known on every node within a second. */
export function createProtection(deps: WorkDeps & { readonly clock: Clock; readonly limits: Pick<Limits, "count"> }): Protection {
  const levels = new Map<string, { readonly level: ProtectionLevel; readonly readAt: number }>();

  async function levelOf(organizationId: string, experienceId: string): Promise<ProtectionLevel> {
    const name = `${organizationId}\n${experienceId}`;
    const known = levels.get(name);
    const now = deps.clock.now();
    if (known !== undefined && now - known.readAt < freshMs) return known.level;
    const level = (await findProtectionLevel(deps.db, organizationId, experienceId)) ?? "standard";
    if (levels.size >= rememberedLevels) levels.clear();
    levels.set(name, { level, readAt: now });
    return level;
  }

  return Object.freeze<Protection>({
    async demand(call, experienceId) {
      const level = await levelOf(call.tenant.id, experienceId);
      if (level === "standard") return;
      const { headers, address, tenant } = call;
      const decision = decideEntry({
        level,
        isBound: callerOf(call).keyThumbprint !== null,
        isAddressBusy: deps.limits.count("entry", limitKey(address)).isOver,
        isNetworkBusy: deps.limits.count("network", networkOf(address)).isOver,
        userAgent: textOf(headers["user-agent"]),
        acceptLanguage: textOf(headers["accept-language"]),
      });
      if (decision.kind === "bind") throw new ServiceError("bound_session_required");
      if (decision.kind === "work") await demandWork(deps, { organizationId: tenant.id, purpose: "enter", reasons: decision.reasons }, call.body.challenge);
    },
  });
}

const textOf = (header: string | string[] | undefined): string | undefined => (header === "" ? undefined : header?.toString());
