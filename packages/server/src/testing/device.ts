import { createHash, randomUUID } from "node:crypto";
import { exportJWK, generateKeyPair, SignJWT } from "jose";

/** What a proof of a test says beyond the usual. */
export interface ProofWish {
  readonly accessToken?: string;
  readonly nonce?: string;
  readonly iat?: number;
}

/** A device with a key of its own; its proofs are made by a library that knows nothing of this service. */
export interface TestDevice {
  /** The `DPoP` header for one request. */
  proof(method: string, url: string, wish?: ProofWish): Promise<{ readonly DPoP: string }>;
}

/** Makes a device. */
export async function createTestDevice(): Promise<TestDevice> {
  const { publicKey, privateKey } = await generateKeyPair("ES256");
  const jwk = await exportJWK(publicKey);
  return {
    async proof(htm, htu, { accessToken, ...claims } = {}) {
      const ath = accessToken === undefined ? {} : { ath: createHash("sha256").update(accessToken).digest("base64url") };
      const token = new SignJWT({ jti: randomUUID(), htm, htu, iat: Math.floor(Date.now() / 1000), ...ath, ...claims });
      return { DPoP: await token.setProtectedHeader({ alg: "ES256", typ: "dpop+jwt", jwk }).sign(privateKey) };
    },
  };
}
