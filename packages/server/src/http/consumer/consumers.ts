import type { Database } from "../../data/database.ts";
import { readConsumerRecord } from "../../data/consumer-record.ts";
import { findConsumerProfile } from "../../data/consumers.ts";
import { renameConsumer } from "../../data/known-consumers.ts";
import type { Audit } from "../../jobs/audit.ts";
import type { Clock } from "../../platform/clock.ts";
import { callerOf } from "../endpoint.ts";
import type { Handlers } from "../endpoint.ts";
import type { Forgetting } from "../forgetting.ts";
import { ServiceError } from "../service-error.ts";

/** What the routes of a consumer's own record need. */
export interface ConsumerHandlersDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly audit: Pick<Audit, "note">;
  readonly forgetting: Forgetting;
}

/** The routes of a consumer's own record: seeing it, taking it along, having it forgotten. */
export function consumerHandlers({
  db,
  clock,
  audit,
  forgetting,
}: ConsumerHandlersDeps): Handlers<"getConsumer" | "updateConsumer" | "exportOwnData" | "eraseOwnData"> {
  return {
    async getConsumer(call) {
      const profile = await findConsumerProfile(db, call.tenant.id, callerOf(call).consumerId);
      // Erased while its token still lived.
      if (profile === null) throw new ServiceError("invalid_access_token");
      return { body: profile };
    },
    async updateConsumer(call) {
      const { consumerId } = callerOf(call);
      const { fullName } = call.body;
      if (fullName !== undefined) await renameConsumer(db, call.tenant.id, consumerId, fullName);
      const profile = await findConsumerProfile(db, call.tenant.id, consumerId);
      if (profile === null) throw new ServiceError("invalid_access_token");
      return { body: profile };
    },
    async exportOwnData(call) {
      const { consumerId } = callerOf(call);
      const record = await readConsumerRecord(db, call.tenant.id, consumerId, clock.now());
      if (record === null) throw new ServiceError("invalid_access_token");
      const { address, requestId } = call;
      audit.note({ kind: "consumer_exported", organizationId: call.tenant.id, consumerId, reason: "consumer", address, requestId });
      return { body: record };
    },
    async eraseOwnData(call) {
      await forgetting.erase(call.tenant.id, callerOf(call).consumerId);
      // Without whom: the log must not remember what was to be forgotten.
      audit.note({ kind: "consumer_erased", organizationId: call.tenant.id, reason: "consumer" });
      return {};
    },
  };
}
