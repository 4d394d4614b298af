import fc from "fast-check";
import { expect, test } from "vitest";
import { isoInstant } from "./instant.ts";

test("an instant is written as a date writes it, whatever was written before", () => {
  // Near each other and far apart: those that share a place in the memory, and those that are asked for again.
  const instant = fc.oneof(fc.integer({ min: -500, max: 500 }), fc.integer({ min: 0, max: 4e12 }), fc.double({ min: 1e12, max: 2e12, noNaN: true }));
  fc.assert(
    fc.property(fc.array(instant, { minLength: 1, maxLength: 200 }), (instants) => {
      for (const each of [...instants, ...instants]) expect(isoInstant(each)).toBe(new Date(each).toISOString());
    }),
  );
});
