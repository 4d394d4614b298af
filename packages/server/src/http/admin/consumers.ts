import type { RevokedGrant, SecurityEventKind } from "@fanfare-io/fanfare-contract";
import { idPatterns } from "@fanfare-io/fanfare-contract";
import { readConsumerRecord } from "../../data/consumer-record.ts";
import type { Database } from "../../data/database.ts";
import { findKnownConsumer } from "../../data/known-consumers.ts";
import { revokeParticipations } from "../../data/end-participations.ts";
import { findGrant } from "../../data/grants.ts";
import { findSession, revokeSession } from "../../data/sessions.ts";
import { refuseSettlement } from "../../domain/grant.ts";
import type { Audit, NotedEvent } from "../../jobs/audit.ts";
import type { Revocations } from "../../jobs/revocations.ts";
import type { Follower } from "../../lines/follow.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Call, Handlers } from "../endpoint.ts";
import type { Forgetting } from "../forgetting.ts";
import { ServiceError } from "../service-error.ts";
import { found } from "./answers.ts";

/** What the operator's routes about one consumer need. */
export interface AdminConsumerDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly audit: Pick<Audit, "note">;
  readonly revocations: Revocations;
  readonly follower: Follower;
  readonly forgetting: Forgetting;
}

type Names = "exportConsumer" | "eraseConsumer" | "revokeConsumer" | "revokeSession" | "revokeGrant";

/** The operator's routes about one consumer: what is held, having it forgotten, and ending what is abused. */
export function adminConsumerHandlers(deps: AdminConsumerDeps): Handlers<Names> {
  const { db, clock, audit, forgetting } = deps;

  const note = (call: Pick<Call<Names>, "tenant" | "address" | "requestId">, kind: SecurityEventKind, about: Partial<NotedEvent>): void =>
    audit.note({ kind, organizationId: call.tenant.id, reason: "operator", address: call.address, requestId: call.requestId, ...about });

  async function existing(call: Pick<Call<Names>, "tenant" | "params">): Promise<string> {
    return found(await findKnownConsumer(db, call.tenant.id, { id: uuidOf(call, "consumerId") })).id;
  }

  return {
    async exportConsumer(call) {
      const record = found(await readConsumerRecord(db, call.tenant.id, await existing(call), clock.now()));
      note(call, "consumer_exported", { consumerId: record.consumer.id });
      return { body: record };
    },
    async eraseConsumer(call) {
      await forgetting.erase(call.tenant.id, await existing(call));
      note(call, "consumer_erased", {});
      return {};
    },
    async revokeConsumer(call) {
      const revoked = await forgetting.revoke(call.tenant.id, await existing(call), call.body.reason ?? "ADMISSION_EXPIRED");
      note(call, "consumer_revoked", { consumerId: revoked.consumerId, reason: call.body.reason ?? "operator" });
      return { body: revoked };
    },
    async revokeSession(call) {
      const session = found(await findSession(db, call.tenant.id, uuidOf(call, "sessionId")));
      await revokeSession(db, call.tenant.id, session.id, "revoked", clock.now());
      deps.revocations.add(session.id);
      note(call, "session_revoked", { consumerId: session.consumerId, sessionId: session.id });
      return {};
    },
    async revokeGrant(call) {
      const { distributionId, grantId, reason = "ADMISSION_EXPIRED" } = call.body;
      const ended = await revokeParticipations(db, call.tenant.id, { kind: "grant", distributionId, grantId }, reason, new Date(clock.now()));
      const answer: RevokedGrant = { grantId, status: "revoked" };
      const [grant] = ended.grants;
      if (grant === undefined) {
        const { state } = found(await findGrant(db, call.tenant.id, distributionId, grantId));
        if (state === "revoked") return { body: answer };
        throw new ServiceError(refuseSettlement(state));
      }
      await deps.follower.catchUp({ organizationId: call.tenant.id, queueId: distributionId });
      note(call, "grant_revoked", { consumerId: grant.consumerId, subject: grantId, reason });
      return { body: answer };
    },
  };
}

/** The UUID of a path. What is no UUID names nobody, and the database would refuse to compare it. */
export function uuidOf({ params }: { readonly params: Readonly<Record<string, string>> }, name: string): string {
  const value = params[name] ?? "";
  if (!idPatterns.uuid.test(value)) throw new ServiceError("not_found");
  return value;
}
