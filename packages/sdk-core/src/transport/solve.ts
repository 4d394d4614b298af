import type { Challenge, ChallengeAnswer } from "@fanfare-io/fanfare-contract";
import { scrypt } from "@noble/hashes/scrypt.js";

const fromHex = (hex: string): Uint8Array => Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
const toHex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** More tries than any challenge of the service needs: one that goes on further is not one of it. */
const mostTries = 10_000;

/**
 * Does the work of a challenge: tries counters until the key that scrypt derives begins as it should. `rest` is awaited between two
 * tries, so that the page stays awake; a try takes some 10 ms on a laptop. Null where there is no answer.
 */
export async function solveChallenge(challenge: Challenge, rest: () => Promise<void>): Promise<ChallengeAnswer | null> {
  const { nonce, salt, cost, memoryCost, parallelism, keyLength, keyPrefix } = challenge.parameters;
  const start = fromHex(nonce);
  const password = new Uint8Array(start.length + 4);
  password.set(start);
  const counterAt = new DataView(password.buffer);
  for (let counter = 0; counter < mostTries; counter++) {
    counterAt.setUint32(start.length, counter);
    const derivedKey = toHex(scrypt(password, fromHex(salt), { N: cost, r: memoryCost, p: parallelism, dkLen: keyLength }));
    if (derivedKey.startsWith(keyPrefix)) return { challenge, solution: { counter, derivedKey } };
    await rest();
  }
  return null;
}
