import type { RefreshRefusal, SecurityEventKind, SessionSignals, TokenResponse } from "@fanfare-io/fanfare-contract";
import { advanceCounter, findSession, hasLivePlace, revokeSession } from "../../data/sessions.ts";
import type { NewGuest, StoredSession } from "../../data/sessions.ts";
import { eraseSignals } from "../../data/signals.ts";
import { findSuccessor, findUnlinked } from "../../data/unlinked-sessions.ts";
import { decideDeviceKey, decideInstallSecret, decideRefresh, familyMs, idleExpiry, sessionDuration } from "../../domain/session.ts";
import { takeSignals } from "../../domain/signals.ts";
import type { Audit } from "../../jobs/audit.ts";
import type { Revocations } from "../../jobs/revocations.ts";
import type { Clock } from "../../platform/clock.ts";
import type { CrowdKeys } from "../../platform/crowd-keys.ts";
import type { GroupCommit } from "../../platform/group-commit.ts";
import { hashSecret, sameBytes } from "../../platform/hashes.ts";
import type { Ids } from "../../platform/ids.ts";
import type { RefreshClaims, Tokens } from "../../platform/tokens.ts";
import { callerOf } from "../endpoint.ts";
import type { Call, Handlers } from "../endpoint.ts";
import { ServiceError } from "../service-error.ts";
import { demandWork } from "./challenges.ts";
import type { WorkDeps } from "./challenges.ts";
import type { GuestOutcome } from "./guests.ts";
import type { RenewalCommit } from "./renewals.ts";
import { describeSession, tokenResponse } from "./token-response.ts";

/** What the session routes need. */
export interface AuthHandlersDeps extends WorkDeps {
  readonly clock: Clock;
  readonly ids: Ids;
  /** In [0, 1): jitter of token lives, nothing that must be secret. */
  readonly random: () => number;
  readonly tokens: Tokens;
  readonly crowdKeys: CrowdKeys;
  readonly guests: GroupCommit<NewGuest, GuestOutcome>;
  readonly renewals: RenewalCommit;
  readonly revocations: Revocations;
  readonly audit: Pick<Audit, "note">;
}

/** The routes of a session: becoming a guest, staying one, and leaving. */
export function authHandlers(deps: AuthHandlersDeps): Handlers<"createGuest" | "refreshSession" | "logout" | "getSession"> {
  const { db, clock, tokens, revocations, crowdKeys } = deps;
  const answer = (session: StoredSession): TokenResponse => tokenResponse(deps, session);

  return {
    async createGuest({ tenant, body, provedKey, isCrowded }) {
      if (isCrowded) await demandWork(deps, { organizationId: tenant.id, purpose: "guest", reasons: ["address_busy"] }, body.challenge);
      const now = clock.now();
      const durationSeconds = sessionDuration(body.sessionDuration, tenant.sessionDurationSeconds);
      const taken = body.sessionSignals && takeSignals(body.sessionSignals);
      const guest: NewGuest = {
        organizationId: tenant.id,
        consumerId: deps.ids.uuid(),
        sessionId: deps.ids.uuid(),
        // A key knows its guest for as long as the session lives; a secret beside it would only retire it early.
        installKey: body.installSecret === undefined || provedKey !== null ? null : hashSecret(body.installSecret),
        keyThumbprint: provedKey,
        signalsKey: taken === undefined ? null : crowdKeys.key(tenant.id, "signals", taken.likeness),
        isDriven: taken?.isDriven ?? false,
        durationSeconds,
        idleExpiresAt: idleExpiry(durationSeconds, now + familyMs, now),
        familyExpiresAt: now + familyMs,
        createdAt: now,
      };
      const outcome = await deps.guests.submit(guest);
      if (outcome.kind === "made") return { status: 201, body: withSignals(answer(freshSession(guest)), body.sessionSignals) };
      const decision = await decideKnown(deps, outcome.session, now);
      if (decision !== "same") throw new ServiceError(decision);
      // Of somebody who was here before nothing new is taken: said is what the first call, whose answer may have been lost, has left.
      const wasTaken = sameKeys(outcome.session.signalsKey, guest.signalsKey);
      return { status: 200, body: withSignals(answer(outcome.session), wasTaken ? body.sessionSignals : undefined) };
    },

    async refreshSession(call) {
      const { tenant, body } = call;
      const claims = tokens.readRefreshToken(body.refreshToken);
      if (claims === null) throw refused("malformed");
      // A token of another organization is as unknown here as one that never was.
      if (claims.organizationId !== tenant.id) throw refused("unknown");
      const session = await refresh(deps, claims, call);
      if (session.signalsKey !== null && body.sessionSignals !== true) await eraseSignals(db, session);
      // The page still believes that it is somebody known: it is told what it is now.
      const unlinked = session.id === claims.sessionId ? null : await findUnlinked(db, tenant.id, session.consumerId);
      return { body: tokenResponse(deps, session, { unlinked }) };
    },

    async logout(call) {
      const { tenant, body, caller } = call;
      const claims = body.refreshToken === undefined ? null : tokens.readRefreshToken(body.refreshToken);
      const named = claims?.organizationId === tenant.id ? claims.sessionId : null;
      if (named !== null && named !== caller?.sessionId) checkKey(deps, await findSession(db, tenant.id, named), call);
      for (const sessionId of new Set([named, caller?.sessionId ?? null])) {
        if (sessionId === null) continue;
        await revokeSession(db, tenant.id, sessionId, "logout", clock.now());
        revocations.add(sessionId);
      }
      return {};
    },

    async getSession(call) {
      const { sessionId } = callerOf(call);
      const session = sessionId === null ? null : await findSession(db, call.tenant.id, sessionId);
      if (session === null || session.revokedReason !== null) throw new ServiceError("invalid_access_token");
      return { body: { session: describeSession(session) } };
    },
  };
}

const maxRaces = 5;

/** A key knows its guest while the session lives, an install secret for a minute. */
async function decideKnown({ db }: AuthHandlersDeps, session: StoredSession, now: number): Promise<"same" | "key_retired" | "session_upgraded"> {
  const identified = session.consumerType === "identified";
  if (session.keyThumbprint === null) return decideInstallSecret(session, identified, now);
  const livePlace = now >= session.idleExpiresAt && (await hasLivePlace(db, session.organizationId, session.consumerId));
  return decideDeviceKey(session, identified, livePlace, now);
}

type Asking = Pick<Call<"refreshSession">, "provedKey" | "address" | "requestId">;

function note({ audit }: AuthHandlersDeps, kind: SecurityEventKind, session: StoredSession, { address, requestId }: Asking): void {
  audit.note({ kind, organizationId: session.organizationId, consumerId: session.consumerId, sessionId: session.id, address, requestId });
}

/** Whoever renews or ends a bound session proves its key. Raises `invalid_dpop_proof`; the session stands (contract §6). */
function checkKey(deps: AuthHandlersDeps, session: StoredSession | null, asking: Asking): void {
  const { provedKey } = asking;
  if (session === null || session.keyThumbprint === null || session.keyThumbprint === provedKey) return;
  note(deps, "wrong_key", session, asking);
  throw new ServiceError("invalid_dpop_proof", { details: { reason: provedKey === null ? "missing" : "key" } });
}

async function refresh(deps: AuthHandlersDeps, claims: RefreshClaims, asking: Asking): Promise<StoredSession> {
  const { db, clock, revocations } = deps;
  const { organizationId, sessionId } = claims;
  const renewed = await deps.renewals.submit({ organizationId, sessionId, counter: claims.counter, keyThumbprint: asking.provedKey, at: clock.now() });
  if (renewed !== null) return renewed;
  // Two tabs refresh at once: both see counter n, one moves it to n + 1. The other looks again and gets the child that is current now.
  for (let race = 0; race < maxRaces; race++) {
    const named = await findSession(db, claims.organizationId, claims.sessionId);
    if (named === null) throw refused("unknown");
    const { session, counter } = await standingFor(deps, named, claims, asking);
    checkKey(deps, session, asking);
    const now = clock.now();
    const livePlace = now >= session.idleExpiresAt && (await hasLivePlace(db, session.organizationId, session.consumerId));
    const decision = decideRefresh(session, counter, livePlace, now);
    switch (decision.kind) {
      case "repeat":
        return session;
      case "refuse":
        throw refused(decision.reason);
      case "revoke":
        await revokeSession(db, session.organizationId, session.id, "reused", now);
        revocations.add(session.id);
        note(deps, "refresh_reused", session, asking);
        throw refused("reused");
      case "keep":
      case "rotate": {
        const to = decision.kind === "keep" ? decision.counter : decision.to;
        const idleExpiresAt = idleExpiry(session.durationSeconds, session.familyExpiresAt, now);
        if (await advanceCounter(db, session, { to, idleExpiresAt, at: now })) return { ...session, refreshCounter: to, refreshedAt: now, idleExpiresAt };
      }
    }
  }
  throw new ServiceError("service_unavailable", { retryAfterSeconds: 1 });
}

/**
 * The session that a refresh token is for: most often the one that it names. Where an operator took that one's guest out of a consumer again,
 * the guest's own, for whoever has the key; without a key, for the last token that was given out, as if it were the first of the new ones.
 */
async function standingFor(
  { db }: AuthHandlersDeps,
  named: StoredSession,
  claims: RefreshClaims,
  { provedKey }: Asking,
): Promise<{ readonly session: StoredSession; readonly counter: number }> {
  const isLast = provedKey !== null || claims.counter >= named.refreshCounter;
  const successor = named.revokedReason === "unlinked" && isLast ? await findSuccessor(db, named, provedKey) : null;
  if (successor === null) return { session: named, counter: claims.counter };
  return { session: successor, counter: successor.keyThumbprint === null ? 0 : successor.refreshCounter };
}

function refused(reason: RefreshRefusal): ServiceError {
  return new ServiceError("invalid_refresh_token", { details: { reason } });
}

/** What was taken is said from the request's own memory: only a hash of it is kept. */
function withSignals(answer: TokenResponse, sessionSignals: SessionSignals | undefined): TokenResponse {
  return sessionSignals === undefined ? answer : { ...answer, session: { ...answer.session, sessionSignals } };
}

const sameKeys = (one: Uint8Array | null, other: Uint8Array | null): boolean => one !== null && other !== null && sameBytes(one, other);

function freshSession(guest: NewGuest): StoredSession {
  return {
    ...guest,
    id: guest.sessionId,
    refreshCounter: 0,
    refreshedAt: guest.createdAt,
    revokedReason: null,
    consumerType: "guest",
    guestId: null,
    email: null,
    phone: null,
  };
}
