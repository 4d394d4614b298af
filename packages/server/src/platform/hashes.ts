import { createHash, createHmac, createSecretKey, timingSafeEqual } from "node:crypto";

/** What is stored of a key or code that must not be readable in the database. Keys carry enough randomness to need no salt. */
export function hashSecret(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** The hash of an access code, which people choose: bound to its organization, so that equal codes of two tenants do not look equal. */
export function hashAccessCode(organizationId: string, code: string): Buffer {
  return createHash("sha256").update(`${organizationId}\0${code}`).digest();
}

/** The SHA-256 of a secret seed, in hexadecimal: what is published while the seed is not. */
export function commitmentOf(seed: Uint8Array): string {
  return createHash("sha256").update(seed).digest("hex");
}

/** HMAC-SHA256 of texts under one seed. */
export function seededHash(seed: Uint8Array): (text: string) => Buffer {
  const key = createSecretKey(seed);
  return (text) => createHmac("sha256", key).update(text).digest();
}

/** Compares in constant time. */
export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
