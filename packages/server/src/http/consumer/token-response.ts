import type { LinkOutcome, Session, TokenResponse, UnlinkOutcome } from "@fanfare-io/fanfare-contract";
import type { StoredSession } from "../../data/sessions.ts";
import { accessLife } from "../../domain/session.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Tokens } from "../../platform/tokens.ts";

/** What issuing tokens needs. */
export interface TokenResponseDeps {
  readonly clock: Clock;
  /** In [0, 1): jitter of token lives, nothing that must be secret. */
  readonly random: () => number;
  readonly tokens: Tokens;
}

/** What has just become of whoever asks: of a guest who is known by now, or of somebody whom an operator made a guest again. */
export interface Told {
  readonly linked?: LinkOutcome | null;
  readonly unlinked?: UnlinkOutcome | null;
}

/** What every call answers that opens, renews or moves a session. */
export function tokenResponse(deps: TokenResponseDeps, session: StoredSession, told: Told = {}): TokenResponse {
  const now = deps.clock.now();
  const expiresInSeconds = accessLife(session, now, deps.random());
  const { organizationId, consumerId, id: sessionId, refreshCounter: counter, keyThumbprint } = session;
  return {
    accessToken: deps.tokens.issueAccessToken({ organizationId, consumerId, sessionId, keyThumbprint }, now + expiresInSeconds * 1000),
    refreshToken: deps.tokens.issueRefreshToken({ organizationId, sessionId, counter }),
    tokenType: keyThumbprint === null ? "Bearer" : "DPoP",
    expiresInSeconds,
    session: describeSession(session, told),
  };
}

/** A session as its consumer sees it. */
export function describeSession(session: StoredSession, { linked = null, unlinked = null }: Told = {}): Session {
  // Whether the key outlives the page is known to the page alone, which says "page" where it does not.
  const bound = session.keyThumbprint === null ? false : "device";
  const common = { consumerId: session.consumerId, expiresAt: new Date(session.idleExpiresAt).toISOString(), bound } as const;
  if (session.consumerType === "guest") return { type: "guest", guestId: session.consumerId, ...common, ...(unlinked === null ? {} : { unlinked }) };
  return {
    type: "authenticated",
    ...common,
    ...(session.guestId === null ? {} : { guestId: session.guestId }),
    ...(session.email === null ? {} : { email: session.email }),
    ...(session.phone === null ? {} : { phone: session.phone }),
    ...(linked === null ? {} : { linked }),
  };
}
