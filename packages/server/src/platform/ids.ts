import { randomFillSync } from "node:crypto";
import { idPrefixes } from "@fanfare-io/fanfare-contract";
import { V7Generator } from "uuidv7";

/** Makes the service's ids: in the application, so that a repeated statement carries the same ones (design §4). */
export interface Ids {
  /** A UUIDv7, for consumers, sessions and presentations. */
  uuid(): string;
  /** `grant_…`: a prefix and 26 lower-case characters in time order. */
  make(kind: keyof typeof idPrefixes): string;
}

const pooled = 4096;
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

/** Ids of this process. Random bytes are drawn in bulk: one system call a thousand ids instead of one an id. */
export function createIds(now: () => number): Ids {
  const words = new Uint32Array(pooled);
  let next = pooled;
  const nextUint32 = (): number => {
    if (next === pooled) {
      randomFillSync(words);
      next = 0;
    }
    return words[next++] as number;
  };
  const generator = new V7Generator({ nextUint32 });
  const generate = () => generator.generateOrResetWithTs(now());
  return Object.freeze<Ids>({
    uuid: () => generate().toString(),
    make: (kind) => `${idPrefixes[kind]}_${base32(generate().bytes)}`,
  });
}

/** Crockford's base 32 of 128 bits, as TypeID writes them: 26 characters that sort like the bytes. */
function base32(bytes: Readonly<Uint8Array>): string {
  let text = "";
  let bits = 2;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += alphabet[(held >> bits) & 31];
    }
    held &= (1 << bits) - 1;
  }
  return text;
}
