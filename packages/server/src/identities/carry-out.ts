import type { LinkOutcome } from "@fanfare-io/fanfare-contract";
import { aliasStatements } from "../data/aliases.ts";
import { findConsumerProfile } from "../data/consumers.ts";
import * as statements from "../data/identities.ts";
import type { Statement } from "../data/identities.ts";
import { endSession, handOverSession, openSession } from "../data/session-handovers.ts";
import { findSession } from "../data/sessions.ts";
import type { StoredSession } from "../data/sessions.ts";
import type { ProofDecision, ProvedIdentity } from "../domain/identity.ts";
import { familyMs, idleExpiry } from "../domain/session.ts";
import { ServiceError } from "../http/service-error.ts";
import type { IdentitiesDeps, Proved, Proving } from "./proving.ts";

/** A decision that changes something. */
export type Change = Exclude<ProofDecision, { readonly kind: "confirm" | "conflict" }>;

/**
 * Carries a decision out in one transaction, or raises a `DatabaseError` (22012, 23505) where what it rests on is not so any more. Sessions
 * first, then consumers, then what they are known by: everybody locks in this order.
 */
export async function carryOut(deps: IdentitiesDeps, proving: Proving, session: StoredSession | null, decision: Change): Promise<Proved> {
  const organizationId = proving.organization.id;
  const at = new Date(deps.clock.now());
  const consumerId = ("consumerId" in decision ? decision.consumerId : null) ?? deps.newUuid();
  const target = sessionAfter(deps, proving, session, decision, consumerId);
  const pair = decision.kind === "merge" ? { organizationId, guestId: decision.guestId, consumerId } : null;
  const merge = pair === null ? null : await deps.merger.plan(pair, at);
  const linked = merge?.outcome ?? (await outcomeOf(deps, organizationId, session, decision));
  const [first, ...claims] = proving.identities;
  if (first === undefined) throw new Error("Nothing was proved.");
  await deps.db.batch([
    ...holding(organizationId, session, decision),
    ...(decision.kind === "create" || (decision.kind === "switch" && decision.consumerId === null)
      ? [statements.insertIdentified(organizationId, consumerId, at)]
      : []),
    ...statements.claimIdentity(organizationId, first, consumerId, at),
    ...claims.map((claim) => statements.fillIdentity(organizationId, claim, consumerId, at)),
    statements.describeIdentified(organizationId, consumerId, proving.fullName ?? null),
    ...(merge?.statements ?? []),
    ...target.statements,
    ...(pair === null ? [] : aliasStatements(pair, at)),
    ...(linked === null ? [] : [link(deps, organizationId, { sessionId: target.id, identity: first, consumerId, session, decision, linked, at })]),
  ]);
  if (session !== null && target.id !== session.id) deps.revocations.add(session.id);
  if (pair !== null && merge !== null) {
    deps.aliases.add(organizationId, pair.guestId, consumerId);
    await deps.merger.tell(pair, merge.plan);
  }
  const after = await findSession(deps.db, organizationId, target.id);
  if (after === null) throw new ServiceError("service_unavailable", { retryAfterSeconds: 1 });
  return { session: after, linked };
}

/** What must not change while the decision is carried out. */
function holding(organizationId: string, session: StoredSession | null, decision: Change): readonly Statement[] {
  const consumers = [
    ...(session === null ? [] : [{ id: session.consumerId, type: session.consumerType }]),
    ...("consumerId" in decision && decision.consumerId !== null && decision.consumerId !== session?.consumerId
      ? [{ id: decision.consumerId, type: "identified" as const }]
      : []),
  ];
  return [
    ...(session === null ? [] : [statements.holdSession(organizationId, session.id, session.consumerId)]),
    ...(consumers.length === 0 ? [] : [statements.holdConsumers(organizationId, consumers)]),
  ];
}

interface SessionAfter {
  readonly id: string;
  readonly statements: readonly Statement[];
}

/**
 * A session that is bound to a key goes on with new tokens: whoever has the key has the old ones too. One that is not ends, and another
 * begins, so that a copy of its tokens that somebody planted does not become somebody's (ASVS 7.2.4). A switch ends it in either case.
 */
function sessionAfter(deps: IdentitiesDeps, proving: Proving, session: StoredSession | null, decision: Change, consumerId: string): SessionAfter {
  const organizationId = proving.organization.id;
  const now = deps.clock.now();
  const guestId = decision.kind === "upgrade" || decision.kind === "merge" ? (session?.consumerId ?? null) : (session?.guestId ?? null);
  if (session !== null && decision.kind === "attach") return { id: session.id, statements: [] };
  if (session?.keyThumbprint != null && decision.kind !== "switch" && guestId !== null)
    return { id: session.id, statements: [handOverSession(organizationId, session.id, { consumerId, guestId, at: new Date(now) })] };
  const id = deps.newUuid();
  const durationSeconds = Math.min(session?.durationSeconds ?? Infinity, proving.organization.sessionDurationSeconds);
  const opened = openSession({
    organizationId,
    id,
    consumerId,
    guestId: decision.kind === "switch" ? null : guestId,
    keyThumbprint: session?.keyThumbprint ?? proving.provedKey,
    durationSeconds,
    idleExpiresAt: idleExpiry(durationSeconds, now + familyMs, now),
    familyExpiresAt: now + familyMs,
    createdAt: now,
  });
  const ended = session === null ? [] : [endSession(organizationId, session.id, decision.kind === "switch" ? "replaced" : "upgraded", new Date(now))];
  return { id, statements: [...ended, ...opened] };
}

async function outcomeOf(deps: IdentitiesDeps, organizationId: string, session: StoredSession | null, decision: Change): Promise<LinkOutcome | null> {
  switch (decision.kind) {
    case "open":
      return null;
    case "create":
      return { kind: "created", moved: [], kept: [] };
    case "switch":
      return { kind: "switched", ...(session === null ? {} : { fromConsumerId: session.consumerId }), moved: [], kept: [] };
    case "attach":
    case "upgrade": {
      const profile = await findConsumerProfile(deps.db, organizationId, decision.consumerId);
      const kept = (profile?.active.participations ?? []).map(({ mechanism, distributionId }) => ({ mechanism, distributionId }));
      return { kind: "upgraded", moved: [], kept };
    }
    case "merge":
      return null;
  }
}

interface LinkFacts {
  readonly sessionId: string;
  readonly identity: ProvedIdentity;
  readonly consumerId: string;
  readonly session: StoredSession | null;
  readonly decision: Change;
  readonly linked: LinkOutcome;
  readonly at: Date;
}

function link(deps: IdentitiesDeps, organizationId: string, { session, decision, linked, ...facts }: LinkFacts): Statement {
  const fromConsumerId = decision.kind === "merge" || decision.kind === "switch" ? (session?.consumerId ?? null) : null;
  return statements.insertLink(organizationId, { id: deps.newUuid(), ...facts, fromConsumerId, outcome: linked });
}
