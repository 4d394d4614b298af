import type { ErrorCode } from "@fanfare-io/fanfare-contract";

/** A grant as its row stands; instants in milliseconds. */
export interface GrantFacts {
  readonly state: "active" | "held" | "completed" | "expired" | "revoked";
  readonly expiresAt: number;
  readonly presentationId: string | null;
  readonly presentationUsed: boolean;
}

/**
 * Seconds that a slot stays taken after `heldUntil`: an order that completes at the last moment must not meet the next shopper in the
 * same slot.
 */
export const holdGraceSeconds = 30;

/** Seconds that a shopper has at least after a hold was given back, so that a declined card near the end is not the end. */
export const retryWindowSeconds = 120;

/** Life of a presentation, in seconds (contract §6). */
export const presentationSeconds = 120;

/** Why a presentation cannot open a hold, in the order in which a merchant would want to know. */
export function refuseHold(grant: GrantFacts, presentationId: string, now: number): ErrorCode {
  if (grant.state === "completed") return "grant_completed";
  if (grant.state === "revoked") return "grant_revoked";
  if (grant.state === "expired" || (grant.state === "active" && grant.expiresAt <= now)) return "grant_expired";
  if (grant.presentationId !== presentationId) return "grant_token_replaced";
  return "grant_token_used";
}

/** Why a hold cannot be completed or released. Null = no grant has this redemption any more. */
export function refuseSettlement(state: GrantFacts["state"] | null): ErrorCode {
  if (state === "completed") return "grant_completed";
  if (state === "revoked") return "grant_revoked";
  if (state === "expired") return "grant_expired";
  return "grant_not_held";
}
