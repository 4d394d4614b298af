import { createHash, randomBytes } from "node:crypto";
import type { ExchangeRefusal, ExternalClaims, ExternalCode } from "@fanfare-io/fanfare-contract";
import { findExternalCode, insertExternalCode, useExternalCode } from "../../data/external-codes.ts";
import type { ExternalCodeRow } from "../../data/external-codes.ts";
import { findSessionByKey, hasLivePlace } from "../../data/sessions.ts";
import type { ProvedIdentity } from "../../domain/identity.ts";
import type { Identities } from "../../identities/proving.ts";
import { hashSecret, sameBytes } from "../../platform/hashes.ts";
import type { Database } from "../../data/database.ts";
import type { Call, Handlers } from "../endpoint.ts";
import { ServiceError } from "../service-error.ts";
import { tokenResponse } from "./token-response.ts";
import type { TokenResponseDeps } from "./token-response.ts";

/** What the routes of external identities need. */
export interface ExternalHandlersDeps extends TokenResponseDeps {
  readonly db: Database;
  readonly identities: Identities;
}

/** Long enough for a page to load; too short to be carried away (contract §4). */
const codeMs = 60_000;

/** The routes by which a shop that has signed somebody in says so: its backend gets a code, the shopper's page exchanges it. */
export function externalHandlers(deps: ExternalHandlersDeps): Handlers<"authorizeExternal" | "exchangeExternal"> {
  const { db, clock } = deps;

  /**
   * A page in which somebody else's code was planted would give its guest's places to them. So a guest who takes part in something is linked
   * only by the browser that asked for the code, which is the one that knows the verifier (RFC 7636).
   */
  async function checkVerifier({ body, tenant, caller, provedKey }: Call<"exchangeExternal">, { codeChallenge }: ExternalCodeRow): Promise<void> {
    if (codeChallenge === null) {
      // A browser whose access token has run out is known by its key, as it will be when it is linked.
      const here = caller ?? (provedKey === null ? null : await findSessionByKey(db, tenant.id, provedKey));
      if (here !== null && (await hasLivePlace(db, tenant.id, here.consumerId))) throw refused("verifier_required");
      return;
    }
    if (body.codeVerifier === undefined) throw refused("verifier_required");
    const challenge = createHash("sha256").update(body.codeVerifier).digest();
    if (!sameBytes(challenge, Buffer.from(codeChallenge, "base64url"))) throw refused("verifier");
  }

  return {
    async authorizeExternal({ tenant, body }) {
      const exchangeCode = `xc_${randomBytes(32).toString("base64url")}`;
      const expiresAt = new Date(clock.now() + codeMs);
      const { provider, issuer, subject, claims = {}, codeChallenge = null } = body;
      const identityValue = JSON.stringify([provider, issuer, subject]);
      await insertExternalCode(db, tenant.id, hashSecret(exchangeCode), { identityValue, claims, codeChallenge }, expiresAt);
      return { body: { exchangeCode, expiresAt: expiresAt.toISOString() } satisfies ExternalCode };
    },

    async exchangeExternal(call) {
      const { tenant, body, caller, provedKey, address, requestId } = call;
      const codeHash = hashSecret(body.exchangeCode);
      const asking = { keyThumbprint: provedKey, at: new Date(clock.now()) };
      const code = await findExternalCode(db, tenant.id, codeHash, asking);
      if (code === null) throw refused("unknown");
      await checkVerifier(call, code);
      if (!(await useExternalCode(db, tenant.id, codeHash, asking))) throw refused("unknown");
      const { session, linked } = await deps.identities.prove({
        organization: tenant,
        caller,
        provedKey,
        identities: [{ kind: "external", value: code.identityValue }, ...verifiedIn(code.claims)],
        ...(code.claims.fullName === undefined ? {} : { fullName: code.claims.fullName }),
        address,
        requestId,
      });
      return { body: tokenResponse(deps, session, { linked }) };
    },
  };
}

/** What nobody verified leads into nobody's account. */
function verifiedIn({ email, emailVerified, phone, phoneVerified }: ExternalClaims): readonly ProvedIdentity[] {
  return [
    ...(email !== undefined && emailVerified === true ? [{ kind: "email" as const, value: email.toLowerCase() }] : []),
    ...(phone !== undefined && phoneVerified === true ? [{ kind: "phone" as const, value: phone }] : []),
  ];
}

function refused(reason: ExchangeRefusal): ServiceError {
  return new ServiceError("invalid_exchange_code", { details: { reason } });
}
