import { createHmac, createSecretKey, hkdfSync, timingSafeEqual } from "node:crypto";

/** The nonces that proofs carry (RFC 9449 §8): this service's time, sealed, so that a device's wrong clock does not matter. */
export interface ProofNonces {
  /** The nonce to hand out now; the same for everybody within a minute, on every node. */
  current(): string;
  /** Whether it is ours and young enough to stand for the time of the proof. */
  accepts(nonce: string): boolean;
}

const stepMs = 60_000;
/** A nonce is good for its own minute and this many after it: as long as a proof without one may be old. */
const stepsKept = 5;

/** Nothing is kept: a nonce is a minute's number and its HMAC. */
export function createProofNonces(secret: Uint8Array, now: () => number): ProofNonces {
  const key = createSecretKey(Buffer.from(hkdfSync("sha256", secret, "", "fanfare proof nonce", 32)));
  const step = (): number => Math.floor(now() / stepMs);
  const make = (at: number): string => {
    const mac = createHmac("sha256", key).update(String(at)).digest("base64url");
    return `${at.toString(36)}.${mac.slice(0, 22)}`;
  };
  let made = { at: -1, nonce: "" };
  return Object.freeze<ProofNonces>({
    current() {
      const at = step();
      if (made.at !== at) made = { at, nonce: make(at) };
      return made.nonce;
    },
    accepts(nonce) {
      if (nonce === made.nonce && made.at === step()) return true;
      const at = Number.parseInt(nonce, 36);
      const age = step() - at;
      // One minute ahead is another node's clock.
      if (!(age >= -1 && age <= stepsKept)) return false;
      const [given, right] = [Buffer.from(nonce), Buffer.from(make(at))];
      return given.length === right.length && timingSafeEqual(given, right);
    },
  });
}
