import { listSecurityEvents } from "../../data/security-events.ts";
import type { Database } from "../../data/database.ts";
import type { SigningKeys } from "../../jobs/signing-keys.ts";
import type { Handlers } from "../endpoint.ts";
import { pageOrRefuse } from "./answers.ts";

/** The audit log, as its organization reads it, and the service's signing keys, as its operator replaces them. */
export function securityHandlers({
  db,
  signingKeys,
}: {
  readonly db: Database;
  readonly signingKeys: Pick<SigningKeys, "rotate">;
}): Handlers<"listSecurityEvents" | "rotateSigningKeys"> {
  return {
    async rotateSigningKeys({ body }) {
      return { body: { keys: await signingKeys.rotate(body.compromised ?? false) } };
    },
    async listSecurityEvents({ tenant, query }) {
      return { body: pageOrRefuse(await listSecurityEvents(db, tenant.id, query), query) };
    },
  };
}
