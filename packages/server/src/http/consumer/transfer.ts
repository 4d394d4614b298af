import { DatabaseError } from "../../data/database.ts";
import type { Database } from "../../data/database.ts";
import { voidPresentations } from "../../data/grants.ts";
import { findSession, moveSession } from "../../data/sessions.ts";
import type { StoredSession } from "../../data/sessions.ts";
import type { Audit } from "../../jobs/audit.ts";
import type { Revocations } from "../../jobs/revocations.ts";
import type { Ids } from "../../platform/ids.ts";
import { callerOf } from "../endpoint.ts";
import type { Handlers } from "../endpoint.ts";
import { allowsOrigin } from "../middleware/cors.ts";
import { ServiceError } from "../service-error.ts";
import { tokenResponse } from "./token-response.ts";
import type { TokenResponseDeps } from "./token-response.ts";

/** What moving a session needs. */
export interface TransferHandlersDeps extends TokenResponseDeps {
  readonly db: Database;
  readonly ids: Ids;
  readonly revocations: Revocations;
  readonly audit: Pick<Audit, "note">;
}

/** Long enough for a form POST and a page's start; too short to be carried away. */
const codeSeconds = 30;

/**
 * The routes that take a session from one origin of a shop to another, as from www to checkout: each origin has a storage, hence a key, of
 * its own. The old session ends as the new one begins, so that a place is never in two browsers' hands.
 */
export function transferHandlers(deps: TransferHandlersDeps): Handlers<"transferSession" | "redeemTransfer"> {
  const { db, clock, tokens, ids, revocations } = deps;

  /** A session is never less bound than it was (contract §6), and never bound to a key that is another's. */
  async function move(session: StoredSession, keyThumbprint: string | null): Promise<StoredSession> {
    if (session.keyThumbprint !== null && keyThumbprint === null) throw new ServiceError("invalid_dpop_proof", { details: { reason: "missing" } });
    try {
      const moved = await moveSession(db, session, { to: ids.uuid(), keyThumbprint, at: clock.now() });
      if (moved === null) throw new ServiceError("invalid_transfer_code");
      return moved;
    } catch (error) {
      if (error instanceof DatabaseError && error.code === "23505") throw new ServiceError("key_in_use");
      throw error;
    }
  }

  return {
    transferSession(call) {
      const { origin } = call.body;
      const { sessionId } = callerOf(call);
      if (!allowsOrigin(call.tenant, origin)) throw new ServiceError("origin_not_allowed", { details: { origin } });
      if (sessionId === null) throw new ServiceError("invalid_access_token");
      const expiresAt = clock.now() + codeSeconds * 1000;
      return {
        body: {
          code: tokens.issueTransferCode({ organizationId: call.tenant.id, sessionId, origin }, expiresAt),
          expiresAt: new Date(expiresAt).toISOString(),
        },
      };
    },

    async redeemTransfer(call) {
      const claims = tokens.readTransferCode(call.body.code);
      // A browser names the page's origin truthfully; whoever else has got hold of the code within its seconds has to be told nothing.
      if (claims === null || claims.organizationId !== call.tenant.id || call.headers["origin"] !== claims.origin)
        throw new ServiceError("invalid_transfer_code");
      const session = await findSession(db, call.tenant.id, claims.sessionId);
      if (session === null || session.revokedReason !== null) throw new ServiceError("invalid_transfer_code");
      const moved = await move(session, call.provedKey);
      revocations.add(session.id);
      await voidPresentations(db, call.tenant.id, session.consumerId, session.id);
      const { address, requestId } = call;
      deps.audit.note({ kind: "session_transferred", organizationId: call.tenant.id, consumerId: session.consumerId, sessionId: moved.id, address, requestId });
      return { body: tokenResponse(deps, moved) };
    },
  };
}
