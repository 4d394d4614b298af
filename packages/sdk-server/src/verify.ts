import { createRemoteJWKSet, customFetch, errors, jwtVerify } from "jose";
import { FanfareError } from "./fanfare-error.ts";
import type { PresentationClaims } from "@fanfare-io/fanfare-contract";
import type { JWTPayload } from "jose";
import type { CheckedConfig } from "./config.ts";
import type { GrantToken } from "./grant-token.ts";

/** `details.reason` of an `INVALID_GRANT_TOKEN` raised by `verify`. */
export type GrantTokenFlaw = "malformed" | "forged" | "expired" | "wrong_organization";

/** What a genuine token says. It is a claim of the past, not a hold: see `Grants.verify`. */
export interface GrantPreview extends PresentationClaims {
  readonly consumerId: string;
  /** When the token itself ends, ISO 8601; 120 s after it was made. */
  readonly tokenExpiresAt: string;
}

/** Checks one token against the service's published keys. */
export type VerifyGrantToken = (presented: GrantToken) => Promise<GrantPreview>;

const tokenLifeSeconds = 120;
// Two machines' clocks differ; more than this would stretch a token's life noticeably.
const clockToleranceSeconds = 5;

/** Reads the keys once, and again when a token names a key it does not know (rotation). */
export function createVerifier(config: CheckedConfig): VerifyGrantToken {
  const keys = createRemoteJWKSet(new URL(`${config.apiUrl}/.well-known/jwks.json`), {
    timeoutDuration: config.timeoutMs,
    [customFetch]: (url, options) => config.platform.fetch(url, options),
  });
  return async ({ token, nonce }) => {
    try {
      const { payload } = await jwtVerify(token, keys, {
        algorithms: ["EdDSA"],
        audience: config.organizationId,
        requiredClaims: ["sub", "jti", "iat", "exp"],
        maxTokenAge: tokenLifeSeconds,
        clockTolerance: clockToleranceSeconds,
        currentDate: new Date(config.platform.now()),
      });
      return checkClaims(payload, nonce);
    } catch (cause) {
      throw refusal(cause);
    }
  };
}

function checkClaims(payload: JWTPayload, expectedNonce: string | undefined): GrantPreview {
  const { sub, exp, grantId, experienceId, distributionId, mechanism, nonce } = payload as JWTPayload & Partial<PresentationClaims>;
  if (!sub || !exp || !grantId || !experienceId || !distributionId || !mechanism) throw flawed("malformed");
  if (expectedNonce !== undefined && nonce !== expectedNonce) {
    throw new FanfareError("GRANT_NONCE_MISMATCH", "The grant token does not carry the nonce that the shop expects.", { status: 422 });
  }
  return Object.freeze({
    grantId,
    experienceId,
    distributionId,
    mechanism,
    consumerId: sub,
    tokenExpiresAt: new Date(exp * 1000).toISOString(),
    ...(nonce === undefined ? {} : { nonce }),
  });
}

function refusal(cause: unknown): FanfareError {
  if (cause instanceof FanfareError) return cause;
  if (cause instanceof errors.JWTExpired) return flawed("expired");
  if (cause instanceof errors.JWTClaimValidationFailed) return flawed(cause.claim === "aud" ? "wrong_organization" : "malformed");
  if (isForgery(cause)) return flawed("forged");
  if (cause instanceof errors.JWSInvalid || cause instanceof errors.JWTInvalid) return flawed("malformed");
  return new FanfareError("NETWORK_ERROR", "The service's public keys could not be read.", { retryable: true, cause });
}

function isForgery(cause: unknown): boolean {
  return (
    cause instanceof errors.JWSSignatureVerificationFailed ||
    cause instanceof errors.JWKSNoMatchingKey ||
    cause instanceof errors.JOSEAlgNotAllowed ||
    cause instanceof errors.JOSENotSupported
  );
}

function flawed(reason: GrantTokenFlaw): FanfareError {
  return new FanfareError("INVALID_GRANT_TOKEN", `The grant token is ${reason.replace("_", " ")}.`, { status: 422, details: { reason } });
}
