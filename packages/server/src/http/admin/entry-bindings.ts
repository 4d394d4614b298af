import type { Database } from "../../data/database.ts";
import { releaseEntryKey } from "../../data/entry-keys.ts";
import type { Audit } from "../../jobs/audit.ts";
import type { Handlers } from "../endpoint.ts";

/** The operator's way out for somebody who has lost the device that a place is bound to. */
export function entryBindingHandlers({ db, audit }: { readonly db: Database; readonly audit: Pick<Audit, "note"> }): Handlers<"releaseEntryBinding"> {
  return {
    async releaseEntryBinding({ tenant, body, address, requestId }) {
      const { consumerId, distributionId } = body;
      const released = await releaseEntryKey(db, { organizationId: tenant.id, consumerId, distributionId });
      if (released) audit.note({ kind: "binding_released", organizationId: tenant.id, consumerId, subject: distributionId, address, requestId });
      return { body: { consumerId, distributionId, released } };
    },
  };
}
