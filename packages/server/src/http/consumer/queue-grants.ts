import type { QueueConsumerState, RouteName } from "@fanfare-io/fanfare-contract";
import type { Database } from "../../data/database.ts";
import { revokeParticipations } from "../../data/end-participations.ts";
import { findLatestEntry } from "../../data/queue-entries.ts";
import type { QueueKey } from "../../data/queue-entries.ts";
import { pastState } from "../../domain/standing.ts";
import type { Audit } from "../../jobs/audit.ts";
import type { Follower } from "../../lines/follow.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Answer, Call, Handlers } from "../endpoint.ts";
import { ServiceError } from "../service-error.ts";

/** What the shop's own routes of a queue need: the routes that do the same under another address, and what ends a place. */
export interface QueueGrantHandlersDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly follower: Follower;
  readonly audit: Pick<Audit, "note">;
  /** The consumer behind an id, as far as this node knows. */
  readonly resolve: (organizationId: string, consumerId: string) => string;
  readonly same: { readonly [N in "validateGrant" | "completeGrant" | "admitNow"]: (call: Asked<N>) => Answer | Promise<Answer> };
}

/** A call by what it holds, whatever its route is called. */
type Asked<N extends RouteName> = { readonly [K in keyof Call<N>]: Call<N>[K] };

type Names = "validateInQueue" | "completeInQueue" | "admitToQueue" | "denyInQueue";

/** What the shop's backend does about one queue, under the queue's own address (contract §4). */
export function queueGrantHandlers(deps: QueueGrantHandlersDeps): Handlers<Names> {
  const { db, clock, follower, same } = deps;

  async function keyOf({ tenant, params }: Pick<Call<Names>, "tenant" | "params">): Promise<QueueKey> {
    const key = { organizationId: tenant.id, queueId: params["queueId"] ?? "" };
    if ((await follower.find(key)) === null) throw new ServiceError("not_found");
    return key;
  }

  return {
    async validateInQueue(call) {
      await keyOf(call);
      return same.validateGrant(call);
    },
    async completeInQueue(call) {
      await keyOf(call);
      return same.completeGrant(call);
    },
    admitToQueue: (call) => same.admitNow(call),
    async denyInQueue(call) {
      const key = await keyOf(call);
      const { reason } = call.body;
      const consumerId = deps.resolve(call.tenant.id, call.body.consumerId);
      const target = { kind: "place", distributionId: key.queueId, consumerId } as const;
      const ended = await revokeParticipations(db, call.tenant.id, target, reason, new Date(clock.now()));
      await follower.catchUp(key);
      const entry = await findLatestEntry(db, key, consumerId);
      if (entry?.state !== "denied") throw new ServiceError("not_found");
      const { tenant, address, requestId } = call;
      for (const { id } of ended.grants)
        deps.audit.note({ kind: "grant_revoked", organizationId: tenant.id, consumerId, subject: id, reason, address, requestId });
      return { body: pastState("denied", entry.denyReason) satisfies QueueConsumerState };
    },
  };
}
