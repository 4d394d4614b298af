import { createHash, generateKeyPairSync, randomUUID, sign } from "node:crypto";

/** A browser's key: what proves requests without a browser (RFC 9449). */
export interface Device {
  /** The `DPoP` header of one request. */
  proof(method: string, url: string, accessToken?: string): { readonly dpop: string };
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Makes a key of its own. */
export function createDevice(): Device {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { kty, crv, x, y } = publicKey.export({ format: "jwk" });
  return {
    proof(htm, htu, accessToken) {
      const ath = accessToken === undefined ? {} : { ath: createHash("sha256").update(accessToken).digest("base64url") };
      const head = encode({ typ: "dpop+jwt", alg: "ES256", jwk: { kty, crv, x, y } });
      const signed = `${head}.${encode({ jti: randomUUID(), htm, htu, iat: Math.floor(Date.now() / 1000), ...ath })}`;
      return { dpop: `${signed}.${sign("sha256", Buffer.from(signed), { key: privateKey, dsaEncoding: "ieee-p1363" }).toString("base64url")}` };
    },
  };
}
