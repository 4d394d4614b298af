import type { Gate, GateCode, RouteAnswer, RouteOffer } from "@fanfare-io/fanfare-contract";
import type { Standing } from "../mechanisms/mechanism.ts";
import type { Phase, Place, Plan } from "./state.ts";

const gateTypes: Readonly<Record<GateCode, Gate["type"]>> = {
  AUTH_REQUIRED: "authentication",
  ACCESS_CODE_REQUIRED: "access_code",
  BOT_CHECK_REQUIRED: "bot_check",
};

const nowhere: Plan = { stage: "routed", place: null, now: { phase: "unavailable" } };

/** The offer to take up, or the plan where there is none to take. */
export type Choice = { readonly offer: RouteOffer } | { readonly plan: Plan };

/** Reads a routing answer (J7, J8). `remembered` is the distribution that this device already takes part in (J11). */
export function chooseOffer(answer: RouteAnswer, remembered: string | null): Choice {
  const kept = answer.offers.find((offer) => offer.distribution.id === remembered);
  const [first] = answer.offers;
  const offer = kept ?? answer.offers.find((it) => it.gates.length === 0);
  if (answer.outcome === "no_access" || !first) return { plan: nowhere };
  if (offer) return { offer };
  // A gate of a newer service that this SDK cannot open is shown as the strictest one it knows.
  const gates = first.gates.map(({ reason }) => ({ type: gateTypes[reason.code] ?? "bot_check", reason: reason.detail }));
  return { plan: { stage: "gated", gates } };
}

/** The way to enter beside a line that somebody waits in: open, without gates, and of a higher priority than theirs (J31). */
export function betterWay({ offers }: RouteAnswer, held: Place): RouteOffer | null {
  const mine = offers.find((offer) => offer.sequenceId === held.sequenceId);
  const isOpenLine = ({ gates, distribution }: RouteOffer): boolean => gates.length === 0 && distribution.type === "queue" && distribution.state === "active";
  return (mine && offers.find((offer) => isOpenLine(offer) && offer.priority > mine.priority)) ?? null;
}

/** The place that an offer leads to. */
export function placeOf({ sequenceId, name, distribution }: RouteOffer): Place {
  return { sequenceId, name, mechanism: distribution.type, distributionId: distribution.id };
}

/** Where somebody stands who is offered this and does not take part in it (J9, J10, J15). */
export function phaseOf({ distribution }: RouteOffer, standing: Standing): Phase {
  if (standing.kind === "ended" && !standing.mayEnterAgain) {
    const { outcome, denyReason } = standing;
    return { phase: "ended", outcome, ...(denyReason !== undefined && { denyReason }) };
  }
  const { closeAt, drawAt = null } = distribution;
  const times = distribution.type === "draw" ? { times: { closeAt, drawAt } } : undefined;
  switch (distribution.state) {
    case "active":
      return { phase: "enterable", ...times };
    case "upcoming":
      return distribution.openAt === null ? { phase: "unavailable" } : { phase: "scheduled", startsAt: distribution.openAt, ...times };
    default:
      return { phase: "ended", outcome: "closed" };
  }
}
