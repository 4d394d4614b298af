import type { Session, TokenResponse } from "@fanfare-io/fanfare-contract";
import type { Clock } from "../lib/clock.ts";
import type { StoredSession } from "./stored-session.ts";

/** The session as this page uses it: what is stored, with its lifetimes on the monotonic clock (rule A3). */
export interface LiveSession {
  readonly stored: StoredSession;
  readonly session: Session;
  /** When the access token stops being worth sending. */
  readonly deadAt: number;
  /** When to renew it: at about 80 % of its life. */
  readonly renewAt: number;
}

/** A token that dies on the way is a refused one. */
const travelMs = 2_000;

/** Two tabs may read one clock this far apart: browsers blur the time, and networks correct it. */
const apartMs = 1_000;

/** Counts lifetimes from now. A device clock that stands before the stored moment was set back: the age is unknown, so the token counts as dead. */
export function liveSessionOf(stored: StoredSession, clock: Pick<Clock, "now" | "monotonic">, random: () => number): LiveSession {
  const lifeMs = stored.expiresInSeconds * 1000;
  const ageMs = clock.now() - stored.issuedAt;
  const leftMs = ageMs < -apartMs ? 0 : Math.min(lifeMs, Math.max(0, lifeMs - ageMs));
  const deadAt = clock.monotonic() + leftMs - travelMs;
  return Object.freeze({
    stored,
    session: Object.freeze(stored.session),
    deadAt,
    // Spread over a tenth of the life, so that tabs and crowds do not renew in the same second.
    renewAt: deadAt - lifeMs * (0.15 + 0.1 * random()),
  });
}

/** An answer of the service as it will be stored. */
export function storedSessionOf(answer: TokenResponse, revision: number, nowMs: number): StoredSession {
  const { session, accessToken, refreshToken, expiresInSeconds, tokenType } = answer;
  return { revision, session, accessToken, refreshToken, expiresInSeconds, tokenType: tokenType === "DPoP" ? "DPoP" : "Bearer", issuedAt: nowMs };
}

/** The `Authorization` value of a session. */
export function authorizationOf({ stored }: LiveSession): string {
  return `${stored.tokenType} ${stored.accessToken}`;
}
