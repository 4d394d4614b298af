import type { DenyReason, RevokedConsumer } from "@fanfare-io/fanfare-contract";
import { isPassing, refusedItself } from "../data/conflicts.ts";
import type { Database } from "../data/database.ts";
import { giveUpParticipations, revokeParticipations } from "../data/end-participations.ts";
import type { Ended } from "../data/end-participations.ts";
import { leaveOpenDraws } from "../data/draw-entries.ts";
import { eraseConsumerRows, idsOf } from "../data/erasure.ts";
import { revokeSessionsOf } from "../data/sessions.ts";
import type { Audit } from "../jobs/audit.ts";
import type { Revocations } from "../jobs/revocations.ts";
import type { Follower } from "../lines/follow.ts";
import type { Clock } from "../platform/clock.ts";

/** Ends what a consumer has here: at its own wish, or at the operator's. Every node knows within a second, this one at once. */
export interface Forgetting {
  /** Ends sessions, places and grants that are not completed. */
  revoke(organizationId: string, consumerId: string, reason: DenyReason): Promise<RevokedConsumer>;
  /** Gives everything up, then leaves nothing that leads to the consumer. A grant that a shop holds for a payment may still complete. */
  erase(organizationId: string, consumerId: string): Promise<void>;
}

/** What ending a consumer needs. */
export interface ForgettingDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly revocations: Revocations;
  readonly follower: Follower;
  readonly audit: Pick<Audit, "flush">;
  readonly newUuid: () => string;
}

/** Somebody may become the consumer while it is being erased, and then it is looked at again; so often at most. */
const maxLooks = 6;

/** Sessions end first: what the consumer's tabs still ask for must not come in behind the sweep. */
export function createForgetting({ db, clock, revocations, follower, audit, newUuid }: ForgettingDeps): Forgetting {
  async function endSessions(organizationId: string, consumerId: string, reason: "revoked" | "erased"): Promise<number> {
    const ids = await revokeSessionsOf(db, organizationId, consumerId, reason, clock.now());
    for (const id of ids) revocations.add(id);
    return ids.length;
  }
  async function followed(organizationId: string, { distributionIds }: Ended): Promise<void> {
    for (const queueId of distributionIds) await follower.catchUp({ organizationId, queueId });
  }

  return Object.freeze<Forgetting>({
    async revoke(organizationId, consumerId, reason) {
      const total = { sessions: 0, places: 0, grants: 0 };
      for (const id of await idsOf(db, organizationId, consumerId)) {
        total.sessions += await endSessions(organizationId, id, "revoked");
        await leaveOpenDraws(db, organizationId, id, new Date(clock.now()), reason === "BOT_DETECTED" ? "automated" : "removed");
        const ended = await revokeParticipations(db, organizationId, { kind: "consumer", consumerId: id }, reason, new Date(clock.now()));
        await followed(organizationId, ended);
        total.places += ended.places;
        total.grants += ended.grants.length;
      }
      return { consumerId, ...total };
    },
    async erase(organizationId, consumerId) {
      for (let look = 1; ; look++) {
        try {
          return await eraseOnce(organizationId, consumerId);
        } catch (error) {
          if ((!refusedItself(error) && !isPassing(error)) || look === maxLooks) throw error;
        }
      }
    },
  });

  async function eraseOnce(organizationId: string, consumerId: string): Promise<void> {
    const ids = await idsOf(db, organizationId, consumerId);
    for (const id of ids) {
      await endSessions(organizationId, id, "erased");
      await leaveOpenDraws(db, organizationId, id, new Date(clock.now()), "withdrawn");
      await followed(organizationId, await giveUpParticipations(db, organizationId, id, new Date(clock.now())));
    }
    // What was noted of this consumer a moment ago goes in before it is taken out.
    await audit.flush();
    await eraseConsumerRows(db, organizationId, ids, newUuid);
  }
}
