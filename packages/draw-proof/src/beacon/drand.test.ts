import { bls12_381 } from "@noble/curves/bls12-381.js";
import { expect, test } from "vitest";
import { fromHex, toHex } from "../hex.ts";
import { beaconChains, randomnessOf, roundTime, verifyBeacon } from "./drand.ts";

// Round 657,413 of quicknet, as the League of Entropy published it.
const [quicknet] = beaconChains;
const chain = quicknet ?? expect.fail("quicknet is known");
const at = new Date(roundTime(chain, 657_413)).toISOString();
const signature = fromHex("b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be41076862b98fad56e91a6b85b89cd97b", 48) ?? expect.fail("48 bytes");
const round = { chainHash: chain.chainHash, round: 657_413, at };

test("a recorded round of the beacon is checked without asking anybody", () => {
  expect(verifyBeacon(round, signature)).toBe(true);
  expect(toHex(randomnessOf(signature))).toBe("fc1873a13f3545aeade8401532ef5519920652eee6b0d2b19ca12643b87b3587");
});

test("another round, another time, an altered signature and an unknown beacon are told apart from it", () => {
  expect(verifyBeacon({ ...round, round: 657_414, at: new Date(roundTime(chain, 657_414)).toISOString() }, signature)).toBe(false);
  expect(verifyBeacon({ ...round, at: "2026-01-01T00:00:00.000Z" }, signature)).toBe(false);
  const altered = signature.slice();
  altered[40] = (altered[40] ?? 0) ^ 1;
  expect(verifyBeacon(round, altered)).toBe(false);
  expect(verifyBeacon({ ...round, chainHash: "00".repeat(32) }, signature)).toBeNull();
});

// What a round gives is the hash of its signature's bytes: a second writing that passes would be a second result to choose from.
test("a round's signature passes in one writing only: not uncompressed, not with a point of the cofactor added, not with bytes behind it", () => {
  const { Point } = bls12_381.G1;
  const { Fp } = bls12_381.fields;
  const genuine = Point.fromBytes(signature);
  expect(verifyBeacon(round, genuine.toBytes(false))).toBe(false);
  expect(verifyBeacon(round, Uint8Array.of(...signature, 0))).toBe(false);
  // On the curve and outside the group that is signed in: pairings alone cannot tell the sum from the signature.
  const outside = new Point(4n, Fp.sqrt(68n), 1n);
  const cofactor = outside.multiplyUnsafe(Point.Fn.ORDER - 1n).add(outside);
  expect(cofactor.is0()).toBe(false);
  const write = ({ x, y }: { readonly x: bigint; readonly y: bigint }): Uint8Array => {
    const bytes = Fp.toBytes(x);
    bytes[0] = (bytes[0] ?? 0) | 0x80 | (2n * y > Fp.ORDER ? 0x20 : 0);
    return bytes;
  };
  expect(verifyBeacon(round, write(genuine.toAffine()))).toBe(true);
  expect(verifyBeacon(round, write(genuine.add(cofactor).toAffine()))).toBe(false);
});

test("a round that no date can say is refused, and raises nothing", () => {
  expect(verifyBeacon({ ...round, round: Number.MAX_SAFE_INTEGER, at: "9999-12-31T23:59:59.000Z" }, signature)).toBe(false);
  expect(verifyBeacon({ ...round, round: 0 }, signature)).toBe(false);
});
