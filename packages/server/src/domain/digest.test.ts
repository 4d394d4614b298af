import fc from "fast-check";
import { expect, test } from "vitest";
import { blockSizeOf, departedInBlock, digestOf } from "./digest.ts";
import { createLine } from "./line.ts";

function lineOf(count: number) {
  const line = createLine();
  for (let ticket = 1; ticket <= count; ticket++) line.join(ticket, `019ab000-0000-7000-8000-${ticket.toString(16).padStart(12, "0")}`, 0);
  return line;
}

test("with their ticket and what has gone from their own stretch, everybody finds their exact position in the digest", () => {
  const gone = fc.uniqueArray(fc.integer({ min: 1, max: 3_000 }), { maxLength: 2_000 });
  fc.assert(
    fc.property(gone, fc.integer({ min: 1, max: 3_000 }), (tickets, ticket) => {
      const line = lineOf(3_000);
      line.depart(tickets.filter((other) => other !== ticket));
      const { from, before, blockSize, counts } = digestOf(line);
      const stretch = Math.floor((ticket - from) / blockSize);
      const departed = counts.slice(0, stretch).reduce((sum, count) => sum + count, before) + departedInBlock(line, ticket, blockSize);
      expect(ticket - departed).toBe(line.positionOf(ticket));
      expect(counts.reduce((sum, count) => sum + count, before)).toBe(line.departed());
    }),
    { numRuns: 50 },
  );
});

test("a line of a million is told in half a thousand counts, also behind one who has been away since the beginning", () => {
  const line = createLine();
  line.join(2, "019ab000-0000-7000-8000-000000000002", 0);
  line.depart([1, ...Array.from({ length: 399_999 }, (_, index) => index + 3)]);
  line.extendTo(1_000_000);
  line.followTo(1_000_000);
  expect(blockSizeOf(line)).toBe(2_048);
  const digest = digestOf(line);
  expect(digest.counts.length).toBeLessThanOrEqual(512);
  expect(JSON.stringify(digest).length).toBeLessThan(4_000);
});
