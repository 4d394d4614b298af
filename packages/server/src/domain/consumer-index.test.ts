import fc from "fast-check";
import { expect, test } from "vitest";
import { consumerWords } from "./consumer-id.ts";
import type { ConsumerWords } from "./consumer-id.ts";
import { createConsumerIndex } from "./consumer-index.ts";

const words = (id: string): ConsumerWords => {
  const read = consumerWords(id);
  if (read === null) throw new Error(`${id} is no UUID.`);
  return read;
};

test("an id is read whatever its case, and nothing else is an id", () => {
  expect(consumerWords("019ab0c1-D2E3-7f45-8a6b-cdef01234567")).toEqual([0x019ab0c1, 0xd2e37f45, 0x8a6bcdef, 0x01234567]);
  for (const wrong of ["", "consumer", "019ab0c1d2e37f458a6bcdef01234567", "019ab0c1-d2e3-7f45-8a6b-cdef0123456g"]) expect(consumerWords(wrong)).toBeNull();
});

test("agrees with a map over any adding and removing, of ids that crowd into one place", () => {
  const step = fc.record({ add: fc.boolean(), consumer: fc.integer({ min: 0, max: 40 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const index = createConsumerIndex();
      const model = new Map<number, number>();
      // The same last half gives all of them the same home.
      const id = (consumer: number): ConsumerWords => [consumer, 7, 1, 2];
      let ticket = 0;
      for (const { add, consumer } of steps) {
        const held = model.get(consumer);
        if (add) {
          index.add(++ticket, id(consumer));
          model.set(consumer, ticket);
        } else if (held !== undefined) {
          index.remove(held);
          model.delete(consumer);
        }
        for (let each = 0; each <= 40; each++) expect(index.find(id(each))).toBe(model.get(each) ?? 0);
      }
    }),
    { numRuns: 60 },
  );
});

test("whoever came again keeps the later ticket, in whatever order a node hears of the two", () => {
  const index = createConsumerIndex();
  const id = words("019ab0c1-d2e3-7f45-8a6b-cdef01234567");
  index.add(9, id);
  index.add(4, id);
  expect(index.find(id)).toBe(9);
  index.remove(4);
  expect(index.find(id)).toBe(9);
  index.remove(9);
  expect(index.find(id)).toBe(0);
});
