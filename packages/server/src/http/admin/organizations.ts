import { insertApiKey, listApiKeys, revokeApiKey, findApiKey } from "../../data/api-keys.ts";
import { createAll } from "../../data/create-all.ts";
import { findOrganization, insertOrganization, updateOrganization } from "../../data/organizations.ts";
import { environmentOf, makeApiKey } from "../../platform/api-keys.ts";
import type { Audit } from "../../jobs/audit.ts";
import type { Handlers } from "../endpoint.ts";
import { ServiceError } from "../service-error.ts";
import { found, pageOrRefuse } from "./answers.ts";
import type { LaunchHandlersDeps } from "./experiences.ts";

/** The routes of organizations and their keys. A key is shown once, when it is made. */
export function organizationHandlers(
  deps: LaunchHandlersDeps & { readonly audit: Pick<Audit, "note"> },
): Handlers<"createOrganization" | "getOrganization" | "updateOrganization" | "createApiKey" | "listApiKeys" | "revokeApiKey"> {
  const { db, ids } = deps;
  const now = (): Date => new Date(deps.clock.now());

  return {
    async createOrganization({ body }) {
      const id = body.id ?? ids.make("organization");
      const publishableKey = body.publishableKey ?? makeApiKey("publishable", body.secretKey === undefined ? "live" : environmentOf(body.secretKey));
      const secretKey = body.secretKey ?? makeApiKey("secret", environmentOf(publishableKey));
      const at = now();
      const made = await createAll(db, [
        insertOrganization(db, id, body, at),
        insertApiKey(db, id, { id: ids.make("apiKey"), kind: "publishable", environment: environmentOf(publishableKey), key: publishableKey }, at),
        insertApiKey(db, id, { id: ids.make("apiKey"), kind: "secret", environment: environmentOf(secretKey), key: secretKey }, at),
      ]);
      if (!made) throw new ServiceError("already_exists", { message: "An organization with this id, or one of these keys, exists already." });
      return { body: { organization: found(await findOrganization(db, id)), publishableKey, secretKey } };
    },
    async getOrganization({ tenant }) {
      return { body: found(await findOrganization(db, tenant.id)) };
    },
    async updateOrganization({ tenant, body }) {
      return { body: found(await updateOrganization(db, tenant.id, body)) };
    },
    async createApiKey({ tenant, body, address, requestId }) {
      const key = body.key ?? makeApiKey(body.kind, body.environment ?? "live");
      const id = ids.make("apiKey");
      const stored = { id, kind: body.kind, environment: environmentOf(key), key };
      if (!(await createAll(db, [insertApiKey(db, tenant.id, stored, now())])))
        throw new ServiceError("already_exists", { message: "This key is in use already." });
      deps.audit.note({ kind: "api_key_created", organizationId: tenant.id, subject: id, reason: body.kind, address, requestId });
      return { body: { ...found(await findApiKey(db, tenant.id, id)), key } };
    },
    async listApiKeys({ tenant, query }) {
      return { body: pageOrRefuse(await listApiKeys(db, tenant.id, query), query) };
    },
    async revokeApiKey({ tenant, params, address, requestId }) {
      const revoked = found(await revokeApiKey(db, tenant.id, params["apiKeyId"] ?? "", now()));
      deps.audit.note({ kind: "api_key_revoked", organizationId: tenant.id, subject: revoked.id, reason: revoked.kind, address, requestId });
      return { body: revoked };
    },
  };
}
