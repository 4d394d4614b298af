import type { RouteName } from "@fanfare-io/fanfare-contract";
import { ServiceError } from "../service-error.ts";

/**
 * Who goes first when there is more than this node can do (I11): the shop that finishes a sale, then those who have a place, then those
 * who want one. Downloads, which go on for as long as their reader takes, are counted apart. The operator's plane is not gated: it is how an operator helps.
 */
export type Priority = "redemption" | "standing" | "newcomer" | "download";

const priorities: Partial<Readonly<Record<RouteName, Priority>>> = {
  createPresentation: "redemption",
  extendGrant: "redemption",
  validateGrant: "redemption",
  completeGrant: "redemption",
  releaseGrant: "redemption",
  reportStock: "redemption",
  validateInQueue: "redemption",
  completeInQueue: "redemption",
  validateInDraw: "redemption",
  completeInDraw: "redemption",
  createGuest: "newcomer",
  getExperience: "newcomer",
  routeExperience: "newcomer",
  enterExperience: "newcomer",
  requestOtp: "newcomer",
  verifyOtp: "newcomer",
  enterQueue: "newcomer",
  enterDraw: "newcomer",
  getDrawTranscript: "download",
};

/** The priority of a route, as its name alone tells. Entering again is not a newcomer's: who has a place is known once the token is read. */
export function priorityOf(name: RouteName): Priority {
  return priorities[name] ?? "standing";
}

/** Requests under way at once, some twenty kilobytes each; what is free beyond a bound is kept for those who go before. */
const underWay: Readonly<Record<Priority, number>> = { newcomer: 4_000, standing: 8_000, redemption: 16_000, download: 32 };

/** Lets requests in, or refuses them while they have cost nothing but their head. Raises `service_overloaded`. */
export interface LoadGate {
  /** Refuses a newcomer for whom there is no room anyway, before anything of the request is looked at. Counts nobody: a route is what anybody can name. */
  check(priority: Priority): void;
  /**
   * Counts a request in, once its credentials are known to be good and nothing more has to come from its sender: room that is kept for
   * some must be taken neither by whoever claims to be one of them, nor by whoever sends slowly on purpose. `leave` has to follow
   * with the same priority.
   */
  enter(priority: Priority): void;
  leave(priority: Priority): void;
  /** Refuses a newcomer whose write would wait for too long. */
  demandRoom(hasRoom: boolean): void;
}

/** Makes the gate of one plane. `random` spreads the return of those who are refused in the same moment. */
export function createLoadGate(deps: { readonly random: () => number; readonly isOverwhelmed: () => boolean }): LoadGate {
  let inside = 0;
  let downloads = 0;
  // Five seconds is the longest pause that the SDK makes by itself; a longer one becomes a button for the shopper to press.
  const refusal = (): ServiceError => new ServiceError("service_overloaded", { retryAfterSeconds: 2 + Math.floor(deps.random() * 4) });
  const check = (priority: Priority): void => {
    const others = priority === "download" ? downloads : inside;
    if (others >= underWay[priority] || (priority === "newcomer" && deps.isOverwhelmed())) throw refusal();
  };
  return Object.freeze<LoadGate>({
    check,
    enter(priority) {
      check(priority);
      if (priority === "download") downloads++;
      else inside++;
    },
    leave(priority) {
      if (priority === "download") downloads--;
      else inside--;
    },
    demandRoom(hasRoom) {
      if (!hasRoom) throw refusal();
    },
  });
}
