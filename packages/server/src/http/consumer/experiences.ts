import type { ExperienceVisit, PublicExperience } from "@fanfare-io/fanfare-contract";
import { findProved } from "../../data/authentication-rules.ts";
import type { Database } from "../../data/database.ts";
import { findLaunch } from "../../data/launches.ts";
import type { Launch } from "../../data/launches.ts";
import { recordVisit } from "../../data/visits.ts";
import { asksForIdentity, authenticationNeeded } from "../../domain/authentication.ts";
import { closesAt, drawState } from "../../domain/draw.ts";
import type { DrawFacts } from "../../domain/draw.ts";
import { distributionState, drawDistributionState, routeConsumer, scheduleOf } from "../../domain/routing.ts";
import type { RoutableDistribution } from "../../domain/routing.ts";
import type { DrawDesk } from "../../draws/desk.ts";
import type { Lines } from "../../lines/lines.ts";
import type { Clock } from "../../platform/clock.ts";
import { hashAccessCode, sameBytes } from "../../platform/hashes.ts";
import { callerOf } from "../endpoint.ts";
import type { Handlers } from "../endpoint.ts";
import { ServiceError } from "../service-error.ts";

/** What the experience routes need. */
export interface ExperienceHandlersDeps {
  readonly db: Database;
  readonly lines: Lines;
  readonly draws: DrawDesk;
  readonly clock: Clock;
}

/** A launch with its draws, remembered together. */
interface LaunchWithDraws extends Launch {
  readonly draws: readonly DrawFacts[];
}

const freshForMs = 1_000;
const rememberedLaunches = 1_000;

/** The routes of an experience: what it is, which way in is this consumer's, visiting and leaving. */
export function experienceHandlers(deps: ExperienceHandlersDeps): Handlers<"getExperience" | "routeExperience" | "enterExperience" | "leaveExperience"> {
  const { lines, clock } = deps;
  const remembered = new Map<string, { readonly at: number; readonly launch: Promise<LaunchWithDraws | null> }>();

  // At an opening everybody asks for the same launch in the same second; one answer a second serves them all.
  async function launchOf(organizationId: string, experienceId: string): Promise<LaunchWithDraws> {
    const name = `${organizationId}\n${experienceId}`;
    const now = clock.now();
    let known = remembered.get(name);
    if (known === undefined || now - known.at >= freshForMs) {
      if (remembered.size >= rememberedLaunches) remembered.clear();
      known = { at: now, launch: read(organizationId, experienceId) };
      remembered.set(name, known);
      known.launch.catch(() => remembered.delete(name));
    }
    const launch = await known.launch;
    if (launch === null) throw new ServiceError("not_found");
    return launch;
  }

  async function read(organizationId: string, experienceId: string): Promise<LaunchWithDraws | null> {
    const [launch, draws] = await Promise.all([findLaunch(deps.db, organizationId, experienceId), deps.draws.ofExperience(organizationId, experienceId)]);
    return launch === null ? null : { ...launch, draws };
  }

  /** Losing is no part: whoever was not selected may take another way in. Draws of which nothing more can come are not asked about. */
  async function isInDraw(draw: DrawFacts, consumerId: string): Promise<boolean> {
    if (draw.settledAt !== null || draw.cancelledAt !== null) return false;
    const standing = await deps.draws.standing(draw, consumerId);
    return ["ENTERED", "SETTLING", "WON"].includes(standing.status) || (standing.status === "NOT_SELECTED" && standing.reserve !== null);
  }

  async function routableDraw(draw: DrawFacts, consumerId: string | undefined, now: number): Promise<RoutableDistribution & { readonly sequenceId: string }> {
    return {
      sequenceId: draw.sequenceId,
      id: draw.id,
      type: "draw",
      state: drawDistributionState(drawState(draw, now)),
      openAt: draw.opensAt,
      closeAt: closesAt(draw),
      drawAt: draw.drawAt,
      participating: consumerId !== undefined && (await isInDraw(draw, consumerId)),
    };
  }

  function show(organizationId: string, launch: LaunchWithDraws): PublicExperience {
    const draws = launch.draws.map((draw) => ({ openAt: draw.openAt, closeAt: closesAt(draw) }));
    const schedule = scheduleOf([...lines.ofExperience(organizationId, launch.id).map((live) => live.settings()), ...draws]);
    return { id: launch.id, name: launch.name, timeZone: launch.timeZone, ...schedule };
  }

  return {
    async getExperience({ tenant, params }) {
      return { body: show(tenant.id, await launchOf(tenant.id, params["experienceId"] ?? "")) };
    },

    async routeExperience({ tenant, params, body, caller }) {
      const launch = await launchOf(tenant.id, params["experienceId"] ?? "");
      const code = body.accessCode === undefined ? null : hashAccessCode(tenant.id, body.accessCode);
      const now = clock.now();
      const queues = lines.ofExperience(tenant.id, launch.id);
      const draws = await Promise.all(launch.draws.map((draw) => routableDraw(draw, caller?.consumerId, now)));
      const asks = caller !== null && launch.sequences.some(({ authentication }) => asksForIdentity(authentication));
      const proved = asks ? await findProved(deps.db, tenant.id, caller.consumerId) : null;
      const sequences = launch.sequences.map((sequence) => ({
        ...sequence,
        needs: authenticationNeeded(sequence.authentication, proved),
        needsAccessCode: sequence.accessCodeHash !== null,
        codeFits: code !== null && sequence.accessCodeHash !== null && sameBytes(code, sequence.accessCodeHash),
        distributions: [
          ...queues
            .filter((live) => live.settings().sequenceId === sequence.id)
            .map((live) => ({
              id: live.key.queueId,
              type: "queue" as const,
              state: distributionState(live.state(now), live.settings().early !== null),
              openAt: live.settings().openAt,
              closeAt: live.settings().closeAt,
              participating: caller !== null && live.standingOf(caller.consumerId, now) !== null,
            })),
          ...draws.filter((draw) => draw.sequenceId === sequence.id),
        ],
      }));
      return { body: routeConsumer(launch.id, sequences) };
    },

    async enterExperience(call) {
      const { tenant, params } = call;
      const launch = await launchOf(tenant.id, params["experienceId"] ?? "");
      const enteredAt = await recordVisit(deps.db, tenant.id, launch.id, callerOf(call).consumerId, new Date(clock.now()));
      const visit: ExperienceVisit = { enteredAt: enteredAt.toISOString(), experience: show(tenant.id, launch) };
      return { body: visit };
    },

    async leaveExperience(call) {
      const launch = await launchOf(call.tenant.id, call.params["experienceId"] ?? "");
      const { consumerId } = callerOf(call);
      for (const live of lines.ofExperience(call.tenant.id, launch.id)) await lines.leave(live, consumerId);
      // What is in a closed list stays in it.
      for (const draw of launch.draws) await deps.draws.leave(draw, consumerId);
      return {};
    },
  };
}
