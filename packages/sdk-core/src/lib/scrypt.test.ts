import { scryptSync } from "node:crypto";
import { runInThisContext } from "node:vm";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createScrypt } from "./scrypt.ts";

const text = new TextEncoder();
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

test("derives what RFC 7914 §12 says", () => {
  expect(hex(createScrypt({ N: 16, r: 1 })(new Uint8Array(), new Uint8Array(), 64))).toBe(
    "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906",
  );
  expect(hex(createScrypt({ N: 16_384, r: 8 })(text.encode("pleaseletmein"), text.encode("SodiumChloride"), 64))).toBe(
    "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887",
  );
});

test("derives what the platform's own does, the same function again and again, and from its own text in another place", () => {
  const elsewhere = runInThisContext(`(${createScrypt.toString()})`) as typeof createScrypt;
  const cost = { N: 64, r: 3 };
  const [here, there] = [createScrypt(cost), elsewhere(cost)];
  const bytes = (maxLength: number) => fc.uint8Array({ maxLength });
  fc.assert(
    fc.property(bytes(150), bytes(150), fc.integer({ min: 1, max: 100 }), (password, salt, length) => {
      const expected = scryptSync(password, salt, length, { ...cost, p: 1 }).toString("hex");
      expect([hex(here(password, salt, length)), hex(there(password, salt, length))]).toEqual([expected, expected]);
    }),
  );
});
