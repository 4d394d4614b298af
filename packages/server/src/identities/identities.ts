import { isPassing, refusedItself } from "../data/conflicts.ts";
import { DatabaseError } from "../data/database.ts";
import { findConflictPolicy, findIdentityKinds, findLinkOutcome, findOwners } from "../data/identities.ts";
import { findSession, findSessionByKey, hasLivePlace } from "../data/sessions.ts";
import type { StoredSession } from "../data/sessions.ts";
import { decideProof } from "../domain/identity.ts";
import type { ProofDecision, ProvedIdentity } from "../domain/identity.ts";
import { ServiceError } from "../http/service-error.ts";
import { carryOut } from "./carry-out.ts";
import type { Identities, IdentitiesDeps, Proved, Proving } from "./proving.ts";

export type { Identities, Proved, Proving } from "./proving.ts";

/** A look that others made untrue is taken again; so often at most. */
const maxLooks = 6;

/** Makes the door. It decides from what it sees, and does so in one transaction that holds only while what it saw is so. */
export function createIdentities(deps: IdentitiesDeps): Identities {
  const { db, clock } = deps;

  async function liveSession({ organization, caller, provedKey }: Proving): Promise<StoredSession | null> {
    const byToken = caller?.sessionId == null ? null : await findSession(db, organization.id, caller.sessionId);
    // A browser whose access token has run out still shows its key: it is the same device, and its guest must not be left behind.
    const session = byToken ?? (provedKey === null ? null : await findSessionByKey(db, organization.id, provedKey));
    if (session === null || session.revokedReason !== null) return null;
    const now = clock.now();
    if (now >= session.familyExpiresAt) return null;
    return now < session.idleExpiresAt || (await hasLivePlace(db, organization.id, session.consumerId)) ? session : null;
  }

  async function confirm(organizationId: string, session: StoredSession | null, identity: ProvedIdentity | undefined): Promise<Proved> {
    if (session === null || identity === undefined) throw new Error("Nobody has confirmed anything.");
    return { session, linked: await findLinkOutcome(db, organizationId, session.id, identity) };
  }

  async function attempt(proving: Proving): Promise<Proved> {
    const { id: organizationId } = proving.organization;
    const [owners, onConflict] = await Promise.all([findOwners(db, organizationId, proving.identities), findConflictPolicy(db, organizationId)]);
    // Only afterwards: beside them it could be read as the guest's that another tab is making the owner, and be confirmed as a guest's.
    const session = await liveSession(proving);
    const kindsOfSession = session === null ? [] : await findIdentityKinds(db, organizationId, session.consumerId);
    const decision = decideProof({ session, identities: proving.identities, owners, kindsOfSession, onConflict });
    if (decision.kind === "conflict") throw refuse(deps, proving, session);
    if (decision.kind === "confirm") return confirm(organizationId, session, proving.identities[0]);
    const done = await carryOut(deps, proving, session, decision);
    note(deps, proving, decision, done);
    return done;
  }

  return Object.freeze<Identities>({
    async prove(proving) {
      for (let look = 1; ; look++) {
        try {
          return await attempt(proving);
        } catch (error) {
          const taken = error instanceof DatabaseError && error.code === "23505";
          if (!taken && !refusedItself(error) && !isPassing(error)) throw error;
          if (look === maxLooks) throw new ServiceError(taken ? "key_in_use" : "service_unavailable", taken ? {} : { retryAfterSeconds: 1 });
        }
      }
    },
  });
}

function refuse({ audit }: IdentitiesDeps, { organization, address, requestId }: Proving, session: StoredSession | null): ServiceError {
  audit.note({
    kind: "identity_conflict",
    organizationId: organization.id,
    consumerId: session?.consumerId ?? null,
    sessionId: session?.id ?? null,
    address,
    requestId,
  });
  return new ServiceError("identity_conflict");
}

function note({ audit }: IdentitiesDeps, { organization, address, requestId }: Proving, decision: ProofDecision, { session, linked }: Proved): void {
  const about = { organizationId: organization.id, consumerId: session.consumerId, sessionId: session.id, address, requestId };
  if (decision.kind === "merge") audit.note({ ...about, kind: "consumer_merged", subject: decision.guestId });
  else audit.note({ ...about, kind: "identity_proved", reason: linked?.kind ?? decision.kind });
}
