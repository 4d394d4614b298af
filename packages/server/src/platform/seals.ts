import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, randomBytes } from "node:crypto";

/** Seals bytes that lie in the database but must not be readable there. */
export interface Seals {
  /** AES-256-GCM: nonce, ciphertext, tag. */
  seal(secret: Uint8Array): Uint8Array;
  /** Null for what was sealed with another secret, or changed. */
  open(sealed: Uint8Array): Uint8Array | null;
}

const nonceLength = 12;
const tagLength = 16;

/** `purpose` keeps what is sealed for one thing from being opened as another. */
export function createSeals(tokenSecret: Uint8Array, purpose: string): Seals {
  const key = createSecretKey(Buffer.from(hkdfSync("sha256", tokenSecret, "", `fanfare seal ${purpose}`, 32)));
  return Object.freeze<Seals>({
    seal(secret) {
      const nonce = randomBytes(nonceLength);
      const cipher = createCipheriv("aes-256-gcm", key, nonce);
      return Buffer.concat([nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
    },
    open(sealed) {
      if (sealed.length < nonceLength + tagLength) return null;
      try {
        const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, nonceLength));
        decipher.setAuthTag(sealed.subarray(sealed.length - tagLength));
        return Buffer.concat([decipher.update(sealed.subarray(nonceLength, sealed.length - tagLength)), decipher.final()]);
      } catch {
        return null;
      }
    },
  });
}
