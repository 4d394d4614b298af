import { bls12_381 } from "@noble/curves/bls12-381.js";
import { fromHex } from "../hex.ts";
import { sha256 } from "../sha256.ts";
import type { BeaconRound } from "../statements.ts";

/** A public randomness beacon: who signs, and when each round comes. */
export interface BeaconChain {
  /** How a draw names it. */
  readonly chainHash: string;
  /** Hex, on G2. */
  readonly publicKey: string;
  /** Seconds since the epoch at which round 1 came. */
  readonly genesisTime: number;
  readonly periodSeconds: number;
}

/** The beacons that draws may wait for: drand's quicknet, a round every three seconds, signed by the League of Entropy. */
export const beaconChains: readonly BeaconChain[] = [
  {
    chainHash: "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971",
    publicKey:
      "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d1064510d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a",
    genesisTime: 1_692_803_367,
    periodSeconds: 3,
  },
];

const signatureBytes = 48;
/** The last instant that a date can say: a round beyond it is told by a text like any other. */
const lastDate = 8.64e15;
// RFC 9380 names the suite; drand's scheme bls-unchained-g1-rfc9380 signs on G1 and leaves it as it is.
const suite = "BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_";

/** When a round of a chain is published, in milliseconds since the epoch. */
export function roundTime(chain: BeaconChain, round: number): number {
  return (chain.genesisTime + (round - 1) * chain.periodSeconds) * 1000;
}

/** What drand calls the randomness of a round: SHA-256 of its signature. */
export function randomnessOf(signature: Uint8Array): Uint8Array<ArrayBuffer> {
  return sha256(signature);
}

/**
 * Whether a recorded signature is that round's, without asking anybody: the round's number, signed by the chain's key. Null where the
 * chain is unknown; false also where the draw names another time than the round has. A round has one signature in one writing, 48 bytes:
 * whoever could write it in another way could choose between two results.
 */
export function verifyBeacon(round: BeaconRound, signature: Uint8Array): boolean | null {
  const chain = beaconChains.find(({ chainHash }) => chainHash === round.chainHash);
  if (chain === undefined) return null;
  const at = roundTime(chain, round.round);
  if (at > lastDate || new Date(at).toISOString() !== round.at || signature.length !== signatureBytes) return false;
  const number = new Uint8Array(8);
  new DataView(number.buffer).setBigUint64(0, BigInt(round.round));
  const { shortSignatures } = bls12_381;
  try {
    return shortSignatures.verify(
      shortSignatures.Signature.fromBytes(signature),
      shortSignatures.hash(sha256(number), suite),
      bls12_381.G2.Point.fromBytes(fromHex(chain.publicKey, 96) as Uint8Array),
    );
  } catch {
    // The library raises for bytes that are no point of the curve: those are no signature either.
    return false;
  }
}
