import { idPatterns } from "@fanfare-io/fanfare-contract";
import type { SessionList } from "@fanfare-io/fanfare-contract";
import type { Database } from "../../data/database.ts";
import { endOwnSessions, listLiveSessions } from "../../data/live-sessions.ts";
import type { Audit } from "../../jobs/audit.ts";
import type { Revocations } from "../../jobs/revocations.ts";
import type { Clock } from "../../platform/clock.ts";
import { callerOf } from "../endpoint.ts";
import type { Call, Handlers } from "../endpoint.ts";
import { ServiceError } from "../service-error.ts";

/** What the routes of a consumer's own sessions need. */
export interface OwnSessionsDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly revocations: Pick<Revocations, "add">;
  readonly audit: Pick<Audit, "note">;
}

/** The routes by which a consumer sees where it is logged in, and logs out there. Places and grants are the consumer's and stay. */
export function ownSessionHandlers({ db, clock, revocations, audit }: OwnSessionsDeps): Handlers<"listSessions" | "endSessions" | "endOneSession"> {
  async function end(call: Call<"endSessions" | "endOneSession">, which: { readonly only?: string; readonly butNot?: string }): Promise<number> {
    const { consumerId } = callerOf(call);
    const ids = await endOwnSessions(db, call.tenant.id, consumerId, which, "logout", new Date(clock.now()));
    for (const sessionId of ids) {
      revocations.add(sessionId);
      const { address, requestId } = call;
      audit.note({ kind: "session_revoked", organizationId: call.tenant.id, consumerId, sessionId, reason: "consumer", address, requestId });
    }
    return ids.length;
  }

  return {
    async listSessions(call) {
      const { consumerId, sessionId } = callerOf(call);
      const sessions = await listLiveSessions(db, call.tenant.id, consumerId, new Date(clock.now()));
      const answer: SessionList = {
        sessions: sessions.map(({ id, createdAt, refreshedAt, idleExpiresAt, bound }) => ({
          id,
          createdAt: createdAt.toISOString(),
          lastUsedAt: refreshedAt.toISOString(),
          expiresAt: idleExpiresAt.toISOString(),
          bound,
          current: id === sessionId,
        })),
      };
      return { body: answer };
    },
    async endSessions(call) {
      const { sessionId } = callerOf(call);
      await end(call, call.query.others === "true" && sessionId !== null ? { butNot: sessionId } : {});
      return {};
    },
    async endOneSession(call) {
      const { sessionId = "" } = call.params;
      if (!idPatterns.uuid.test(sessionId) || (await end(call, { only: sessionId })) === 0) throw new ServiceError("not_found");
      return {};
    },
  };
}
