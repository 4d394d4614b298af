import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createLine } from "./line.ts";
import type { Line } from "./line.ts";

const id = (name: number): string => `00000000-0000-7000-8000-${String(name).padStart(12, "0")}`;
const [a, b, c] = [id(1), id(2), id(3)];

function first(line: Line, count: number): readonly number[] {
  const tickets: number[] = [];
  line.walk((ticket) => tickets.push(ticket) < count);
  return tickets;
}

describe("a line", () => {
  test("gives each waiter a position that counts who stands before, known or not", () => {
    const line = createLine();
    line.join(1, a, 0);
    line.join(3, c, 2);
    expect(line.positionOf(3)).toBe(3);
    line.depart([1]);
    expect(line.positionOf(3)).toBe(2);
    expect(line.waiterOf(a)).toBeUndefined();
    expect(line.waiting()).toBe(2);
    expect(first(line, 5)).toEqual([3]);
    expect(line.followedTo()).toBe(1);
  });

  test("keeps a departure that arrived before the join it belongs to", () => {
    const line = createLine();
    line.depart([2]);
    line.join(2, b, 1);
    expect(line.waiterOf(b)).toBeUndefined();
    expect(line.waiting()).toBe(1);
  });

  test("agrees with a plain list over any order of joins and departures, and never lets a position rise", () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant("join" as const), ticket: fc.integer({ min: 1, max: 3000 }) }),
      fc.record({ kind: fc.constant("depart" as const), ticket: fc.integer({ min: 1, max: 3000 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const line = createLine();
        const joined = new Set<number>();
        const departed = new Set<number>();
        const shown = new Map<number, number>();
        let tail = 0;
        for (const { kind, ticket } of steps) {
          tail = Math.max(tail, ticket);
          if (kind === "join") {
            line.join(ticket, id(ticket), 0);
            joined.add(ticket);
          } else {
            line.depart([ticket]);
            departed.add(ticket);
          }
          const waiters = [...joined].filter((each) => !departed.has(each)).sort((a, b) => a - b);
          for (const each of waiters) {
            const before = [...departed].filter((gone) => gone < each).length;
            expect(line.positionOf(each)).toBe(each - before);
            expect(line.positionOf(each)).toBeLessThanOrEqual(shown.get(each) ?? Infinity);
            shown.set(each, line.positionOf(each));
            expect(line.waiterOf(id(each))?.ticket).toBe(each);
          }
          expect(first(line, 10)).toEqual(waiters.slice(0, 10));
          expect(line.tail()).toBe(tail);
          expect(line.waiting()).toBe(tail - departed.size);
        }
      }),
      { numRuns: 150 },
    );
  });
});
