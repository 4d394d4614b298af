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
