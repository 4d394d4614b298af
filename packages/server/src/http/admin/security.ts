import { listSecurityEvents } from "../../data/security-events.ts";
import type { Database } from "../../data/database.ts";
import type { Handlers } from "../endpoint.ts";
import { pageOrRefuse } from "./answers.ts";

/** The audit log, as its organization reads it. */
export function securityHandlers({ db }: { readonly db: Database }): Handlers<"listSecurityEvents"> {
  return {
    async listSecurityEvents({ tenant, query }) {
      return { body: pageOrRefuse(await listSecurityEvents(db, tenant.id, query), query) };
    },
  };
}
