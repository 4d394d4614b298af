import fc from "fast-check";
import { expect, test } from "vitest";
import { consumerWords } from "../domain/consumer-id.ts";
import type { ConsumerWords } from "../domain/consumer-id.ts";
import type { Admission } from "../domain/standing.ts";
import { createLiveGrants } from "./live-grants.ts";

const idOf = (consumer: number): string => `00000000-0000-7000-8000-${String(consumer).padStart(12, "0")}`;
const wordsOf = (consumer: number): ConsumerWords => consumerWords(idOf(consumer)) ?? [0, 0, 0, 0];
const grantOf = (ticket: number, consumer: number): Admission & { readonly consumerId: string } => ({
  ...{ ticket, consumerId: idOf(consumer), grantId: `grant-${ticket}`, admittedAt: ticket, expiresAt: ticket + 1 },
});

test("everybody has the grant that they were given last, until it ends, over any giving and ending", () => {
  const step = fc.record({ gives: fc.boolean(), consumer: fc.nat({ max: 12 }), ticket: fc.integer({ min: 1, max: 300 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const grants = createLiveGrants();
      const held = new Map<number, number>();
      let last = 0;
      for (const { gives, consumer, ticket } of steps) {
        if (gives) {
          grants.take([grantOf(++last, consumer)]);
          held.set(consumer, last);
        } else {
          grants.forget([ticket]);
          for (const [holder, its] of held) if (its === ticket) held.delete(holder);
        }
        for (let each = 0; each <= 12; each++) expect(grants.of(wordsOf(each))?.ticket).toBe(held.get(each));
        expect(grants.count()).toBe(held.size);
      }
      for (const its of held.values()) expect(grants.at(its)?.ticket).toBe(its);
    }),
    { numRuns: 60 },
  );
});

test("a guest's grant is the consumer's whom the guest has become, and nobody else's", () => {
  const grants = createLiveGrants();
  grants.take([grantOf(7, 1)]);
  grants.take([grantOf(7, 2)]);
  expect([grants.of(wordsOf(1)), grants.of(wordsOf(2))?.ticket, grants.at(7)?.ticket, grants.count()]).toEqual([undefined, 7, 7, 1]);
  grants.forget([7]);
  expect([grants.of(wordsOf(2)), grants.at(7), grants.count()]).toEqual([undefined, undefined, 0]);
});
