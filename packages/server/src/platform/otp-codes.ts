import { createHmac, createSecretKey, hkdfSync, randomInt } from "node:crypto";

/** Makes codes, and what is stored of them, of addresses and of askers. */
export interface OtpCodes {
  /** So many random digits. */
  make(digits: number): string;
  /** Tells addresses apart without saying them: whoever reads the table without the secret cannot even try out numbers. */
  hashAddress(organizationId: string, kind: "email" | "phone", value: string): Buffer;
  /** Tells askers apart: a key's thumbprint, a session, or a network. */
  hashAsker(organizationId: string, asker: string): Buffer;
  /** Bound to address and asker, so that a stored hash fits nowhere else. */
  hashCode(address: Uint8Array, asker: Uint8Array, code: string): Buffer;
}

/** Under a plain hash six digits are no secret: a million tries take a second. So all of them are keyed with the token secret. */
export function createOtpCodes(tokenSecret: Uint8Array): OtpCodes {
  const keyed = (purpose: string): ((...parts: readonly (string | Uint8Array)[]) => Buffer) => {
    const key = createSecretKey(Buffer.from(hkdfSync("sha256", tokenSecret, "", `fanfare one-time ${purpose}`, 32)));
    return (...parts) => {
      const hmac = createHmac("sha256", key);
      for (const part of parts) hmac.update(part).update("\0");
      return hmac.digest();
    };
  };
  const [address, asker, code] = [keyed("address"), keyed("asker"), keyed("code")];
  return Object.freeze<OtpCodes>({
    make: (digits) => String(randomInt(10 ** digits)).padStart(digits, "0"),
    hashAddress: address,
    hashAsker: asker,
    hashCode: code,
  });
}
