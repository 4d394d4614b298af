import type { Database } from "../../data/database.ts";
import { findConsumerProfile } from "../../data/consumers.ts";
import { callerOf } from "../endpoint.ts";
import type { Handlers } from "../endpoint.ts";
import { ServiceError } from "../service-error.ts";

/** The route of a consumer's own record. */
export function consumerHandlers(deps: { readonly db: Database }): Handlers<"getConsumer"> {
  return {
    async getConsumer(call) {
      const profile = await findConsumerProfile(deps.db, call.tenant.id, callerOf(call).consumerId);
      // Erased while its token still lived.
      if (profile === null) throw new ServiceError("invalid_access_token");
      return { body: profile };
    },
  };
}
