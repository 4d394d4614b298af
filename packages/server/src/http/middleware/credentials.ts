import type { RouteAuth } from "@fanfare-io/fanfare-contract";
import { hashSecret, sameBytes } from "../../platform/hashes.ts";
import type { Tokens } from "../../platform/tokens.ts";
import type { Caller, Tenant } from "../endpoint.ts";
import { ServiceError } from "../service-error.ts";
import type { Tenants } from "../tenants.ts";

/** What a request shows of itself, as far as credentials go. */
export interface Shown {
  readonly publishableKey: string | undefined;
  readonly authorization: string | undefined;
  /** The queue that a poll token has to be for. */
  readonly queueId: string | undefined;
  /** Called before the database is asked about a key that nobody knows; raises where this client has asked too often. */
  readonly beforeLookUp: () => void;
}

/** Who asks: the organization of the key, and the consumer where there is one. */
export interface Credentials {
  tenant(auth: RouteAuth, shown: Shown): Tenant | Promise<Tenant>;
  /** By the token alone; that a bound session's key is proved too is for the pipeline to see to. */
  caller(auth: RouteAuth, tenant: Tenant, shown: Shown): Caller | null;
}

/** What stands for the organization on routes without a key. */
export const noTenant: Tenant = Object.freeze({ id: "", embeddingAllowedHosts: null, sessionDurationSeconds: 0, checkoutSeconds: 0, guestsPerMinute: null });

export interface CredentialsDeps {
  readonly tenants: Tenants;
  readonly tokens: Tokens;
  /** Whether a session was ended before its access token ran out. */
  readonly isRevoked: (sessionId: string) => boolean;
  /** The consumer behind an id that a token names: a guest may have become somebody since. */
  readonly resolve: (organizationId: string, consumerId: string) => string;
  readonly operatorKey: string;
}

/** The access token of an `Authorization` header, in either scheme; null where it is none. */
export function accessTokenOf(authorization: string | undefined): string | null {
  const scheme = schemeOf(authorization);
  return scheme?.bearer ?? scheme?.dpop ?? null;
}

/** Reads keys and tokens. All refusals are of the catalog; none says more than that it did not fit. */
export function createCredentials(deps: CredentialsDeps): Credentials {
  const operator = hashSecret(deps.operatorKey);

  function known(kind: "publishable" | "secret", tenant: Tenant | null): Tenant {
    if (tenant === null) throw new ServiceError(kind === "secret" ? "invalid_secret_key" : "invalid_publishable_key");
    return tenant;
  }

  function byKey(kind: "publishable" | "secret", key: string, { beforeLookUp }: Shown): Tenant | Promise<Tenant> {
    if (key.length > 100) return known(kind, null);
    const found = deps.tenants.find(kind, key, beforeLookUp);
    return found instanceof Promise ? found.then((tenant) => known(kind, tenant)) : known(kind, found);
  }

  return Object.freeze<Credentials>({
    tenant(auth, shown) {
      if (auth === "none") return noTenant;
      if (auth === "secret" || auth === "operator") {
        const key = schemeOf(shown.authorization)?.bearer;
        if (auth === "operator") {
          if (key === undefined || !sameBytes(hashSecret(key), operator)) throw new ServiceError("invalid_operator_key");
          return noTenant;
        }
        if (key === undefined) throw new ServiceError("missing_secret_key");
        return byKey("secret", key, shown);
      }
      if (shown.publishableKey === undefined || shown.publishableKey === "") throw new ServiceError("missing_publishable_key");
      if (shown.publishableKey.startsWith("sk_")) throw new ServiceError("secret_key_exposed");
      return byKey("publishable", shown.publishableKey, shown);
    },
    caller(auth, tenant, shown) {
      if (auth !== "consumer" && auth !== "consumer_optional" && auth !== "poll") return null;
      if (shown.authorization === undefined) {
        if (auth === "consumer_optional") return null;
        throw new ServiceError("missing_access_token");
      }
      const scheme = schemeOf(shown.authorization);
      if (auth === "poll" && scheme?.poll !== undefined) {
        const claims = deps.tokens.readPollToken(scheme.poll);
        if (claims === null || claims.organizationId !== tenant.id || claims.queueId !== shown.queueId) throw new ServiceError("invalid_poll_token");
        return { consumerId: deps.resolve(tenant.id, claims.consumerId), sessionId: null, keyThumbprint: null };
      }
      const token = accessTokenOf(shown.authorization);
      const claims = token === null ? null : deps.tokens.readAccessToken(token);
      // A bound token shown as Bearer is a copy in the hands of somebody without the key, or a client that forgot to prove it.
      if (claims === null || (claims.keyThumbprint === null) !== (scheme?.dpop === undefined)) throw new ServiceError("invalid_access_token");
      if (claims.organizationId !== tenant.id || deps.isRevoked(claims.sessionId)) throw new ServiceError("invalid_access_token");
      return { consumerId: deps.resolve(tenant.id, claims.consumerId), sessionId: claims.sessionId, keyThumbprint: claims.keyThumbprint };
    },
  });
}

type Scheme = { readonly bearer?: string; readonly dpop?: string; readonly poll?: string };

function schemeOf(authorization: string | undefined): Scheme | null {
  const match = authorization === undefined ? null : /^(Bearer|DPoP|Poll) +([^\s]+)$/i.exec(authorization);
  if (match === null) return null;
  const [, scheme = "", value = ""] = match;
  return { [scheme.toLowerCase()]: value };
}
