import type { Challenge, ChallengeAnswer } from "@fanfare-io/fanfare-contract";
import { createScrypt } from "../lib/scrypt.ts";
import { searchInWorkers } from "./crew.ts";
import type { CrewGlobals } from "./crew.ts";
import { createSearch } from "./search.ts";
import type { Find, Share } from "./search.ts";

const fromHex = (hex: string): Uint8Array => Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
const toHex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

const mostTries = 10_000;

/**
 * Does the work of a challenge: tries counters until the key that scrypt derives begins as it should. In workers where the page may have
 * them, else here, where `rest` is awaited between two tries, so that the page stays awake. Null where there is no answer.
 */
export async function solveChallenge(challenge: Challenge, rest: () => Promise<void>, globals?: CrewGlobals): Promise<ChallengeAnswer | null> {
  const { nonce, salt, cost, memoryCost, keyLength, keyPrefix } = challenge.parameters;
  const share = { N: cost, r: memoryCost, nonce: fromHex(nonce), salt: fromHex(salt), keyLength, keyPrefix: fromHex(keyPrefix), most: mostTries };
  let found = await searchInWorkers(share, globals);
  if (found === undefined) found = await searchHere({ ...share, first: 0, step: 1 }, rest);
  return found && { challenge, solution: { counter: found.counter, derivedKey: toHex(found.derivedKey) } };
}

async function searchHere(share: Share, rest: () => Promise<void>): Promise<Find | null> {
  const next = createSearch(createScrypt, share);
  for (;;) {
    const found = next();
    if (found !== undefined) return found;
    await rest();
  }
}
