import { expect, test } from "vitest";
import { createCrowdKeys } from "./crowd-keys.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

test("a place is known again within its organization and its kind, on every node, and nowhere else", () => {
  const secret = new Uint8Array(32).fill(7);
  const [here, there, other] = [createCrowdKeys(secret), createCrowdKeys(secret), createCrowdKeys(new Uint8Array(32).fill(8))];
  const key = hex(here.key("org_a", "address", "203.0.113.7"));
  expect(key).toHaveLength(32);
  expect(hex(there.key("org_a", "address", "203.0.113.7"))).toBe(key);
  const others = [
    here.key("org_b", "address", "203.0.113.7"),
    here.key("org_a", "network", "203.0.113.7"),
    here.key("org_a", "address", "203.0.113.8"),
    other.key("org_a", "address", "203.0.113.7"),
  ].map(hex);
  expect(new Set([key, ...others]).size).toBe(5);
});
