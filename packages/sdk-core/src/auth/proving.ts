import type { Platform, SigningKey } from "@fanfare-io/fanfare-contract";
import { createProof } from "../lib/proof.ts";
import type { Prove } from "../transport/transport.ts";

/** Proves requests with a key, for the session whose access token is given. */
export type MakeProver = (key: SigningKey, accessToken?: string) => Prove;

/** Signs with what the platform has. */
export function createProving({ signing, randomBytes }: Pick<Platform, "signing" | "randomBytes">): MakeProver {
  return (key, accessToken) =>
    async ({ method, url, nonce, atSeconds }) => {
      const crypto = signing();
      if (!crypto) throw new Error("WebCrypto went away while the page was open.");
      return createProof(crypto, key, { jti: randomBytes(16), htm: method, htu: url, iat: atSeconds, nonce, accessToken });
    };
}
