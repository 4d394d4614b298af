import type { ConsumerRecord } from "@fanfare-io/fanfare-contract";
import { findAliases } from "../../data/aliases.ts";
import { readGrants, readParticipations } from "../../data/consumer-record.ts";
import { findConsumerProfile } from "../../data/consumers.ts";
import { findKnownConsumer, readIdentities, readLinks } from "../../data/known-consumers.ts";
import { unlink } from "../../identities/unlinker.ts";
import type { UnlinkerDeps } from "../../identities/unlinker.ts";
import type { Audit } from "../../jobs/audit.ts";
import type { Handlers } from "../endpoint.ts";
import { ServiceError } from "../service-error.ts";
import { found } from "./answers.ts";
import { uuidOf } from "./consumers.ts";

/** What the operator's routes of finding consumers need. */
export interface KnownConsumersDeps extends UnlinkerDeps {
  readonly audit: Pick<Audit, "note">;
}

/** The operator's routes of finding a consumer, seeing what it is part of, and taking a merge apart. */
export function knownConsumerHandlers(deps: KnownConsumersDeps): Handlers<"findConsumers" | "getConsumerRecord" | "unlinkConsumer"> {
  const { db } = deps;
  return {
    async findConsumers({ tenant, query }) {
      const consumer = await findKnownConsumer(db, tenant.id, query);
      return { body: { data: consumer === null ? [] : [consumer], pageInfo: { startCursor: null, endCursor: null } } };
    },
    async getConsumerRecord(call) {
      const { id } = found(await findKnownConsumer(db, call.tenant.id, { id: uuidOf(call, "consumerId") }));
      const profile = found(await findConsumerProfile(db, call.tenant.id, id));
      const aliases = await findAliases(db, call.tenant.id, id);
      const ids = [id, ...aliases];
      const [identities, links, participations, grants] = await Promise.all([
        readIdentities(db, call.tenant.id, id),
        readLinks(db, call.tenant.id, id),
        readParticipations(db, call.tenant.id, ids),
        readGrants(db, call.tenant.id, ids),
      ]);
      return { body: { ...profile, identities, aliases, links, participations, grants } satisfies ConsumerRecord };
    },
    async unlinkConsumer(call) {
      const guestId = uuidOf(call, "consumerId");
      const unlinked = await unlink(deps, call.tenant.id, guestId);
      if (unlinked === null) throw new ServiceError((await findKnownConsumer(db, call.tenant.id, { id: guestId })) === null ? "not_found" : "not_linked");
      const { address, requestId } = call;
      deps.audit.note({
        kind: "consumer_unlinked",
        organizationId: call.tenant.id,
        consumerId: unlinked.fromConsumerId,
        subject: guestId,
        reason: "operator",
        address,
        requestId,
      });
      return { body: unlinked };
    },
  };
}
