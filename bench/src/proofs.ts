import { createHash, generateKeyPairSync, randomUUID, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";

/** A device of the load: a key, and proofs with it (RFC 9449). */
export interface LoadDevice {
  /** The `DPoP` header of one request, with the service's nonce of now; with a session's access token where there is one. */
  proof(method: string, url: string, nonce: string, accessToken?: string): string;
}

/** Makes a device. Keys and proofs are made before a load begins, so that their cost is not the service's. */
export function createLoadDevice(): LoadDevice {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { kty, crv, x, y } = publicKey.export({ format: "jwk" });
  const header = encode({ typ: "dpop+jwt", alg: "ES256", jwk: { kty, crv, x, y } });
  return {
    proof(htm, htu, nonce, accessToken) {
      const ath = accessToken === undefined ? {} : { ath: createHash("sha256").update(accessToken).digest("base64url") };
      return signed(privateKey, `${header}.${encode({ jti: randomUUID(), htm, htu, iat: Math.floor(Date.now() / 1000), nonce, ...ath })}`);
    },
  };
}

/** The nonce that the service hands out now; good for a minute or two. */
export async function currentNonce(consumerUrl: string): Promise<string> {
  const answer = await fetch(`${consumerUrl}/auth/session`);
  await answer.arrayBuffer();
  const nonce = answer.headers.get("dpop-nonce");
  if (nonce === null) throw new Error(`${consumerUrl} hands out no nonce.`);
  return nonce;
}

function signed(key: KeyObject, text: string): string {
  return `${text}.${sign("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
