import type { Scrypt, ScryptCost } from "../lib/scrypt.ts";

/** A part of the work: every `step`-th counter from `first` on. */
export interface Share extends ScryptCost {
  readonly nonce: Uint8Array;
  readonly salt: Uint8Array;
  readonly keyLength: number;
  readonly keyPrefix: Uint8Array;
  readonly first: number;
  readonly step: number;
  /** More than any challenge of the service needs: one that goes on further is not one of it. */
  readonly most: number;
}

/** The counter that was looked for, and the key that it gives. */
export interface Find {
  readonly counter: number;
  readonly derivedKey: Uint8Array;
}

/**
 * Tries counters, one each time that it is asked: undefined for one that is not it, null where the share is used up. Like `createScrypt` it
 * refers to nothing outside of itself, so that a worker can be given it as text.
 */
export function createSearch(
  createScrypt: (cost: ScryptCost) => Scrypt,
  { N, r, nonce, salt, keyLength, keyPrefix, first, step, most }: Share,
): () => Find | null | undefined {
  const derive = createScrypt({ N, r });
  const password = new Uint8Array(nonce.length + 4);
  password.set(nonce);
  const view = new DataView(password.buffer);
  let counter = first;
  return () => {
    if (counter >= most) return null;
    view.setUint32(nonce.length, counter);
    const derivedKey = derive(password, salt, keyLength);
    const found = { counter, derivedKey };
    counter += step;
    return keyPrefix.every((byte, index) => derivedKey[index] === byte) ? found : undefined;
  };
}
