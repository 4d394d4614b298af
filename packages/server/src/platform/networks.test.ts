import { expect, test } from "vitest";
import { networkOf } from "./networks.ts";

test.each([
  ["203.0.113.77", "203.0.113.0/24"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"],
  ["2001:db8::1", "2001:db8:0::/48"],
  ["::1", "0:0:0::/48"],
])("%s is kept as %s", (address, network) => {
  expect(networkOf(address)).toBe(network);
});
