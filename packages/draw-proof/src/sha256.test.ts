import { createHash, createHmac as nodeHmac } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createHmac, sha256 } from "./sha256.ts";

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

test("the hash of any message is the one that Node computes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (message) => {
      expect(hexOf(sha256(message))).toBe(createHash("sha256").update(message).digest("hex"));
    }),
    { numRuns: 500 },
  );
});

test("every length around the edges of a block is padded right", () => {
  for (let length = 0; length <= 200; length++) {
    const message = new Uint8Array(length).fill(length);
    expect(hexOf(sha256(message))).toBe(createHash("sha256").update(message).digest("hex"));
  }
});

test("an HMAC under any key is the one that Node computes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 130 }), fc.uint8Array({ maxLength: 200 }), (key, message) => {
      const out = new Uint8Array(40);
      createHmac(key)(out, 5, message, 0, message.length);
      expect(hexOf(out.subarray(5, 37))).toBe(nodeHmac("sha256", key).update(message).digest("hex"));
    }),
    { numRuns: 300 },
  );
});
