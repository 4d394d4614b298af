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

  test("counts nobody who is set aside, keeps their place, and lets no position rise when they come back", () => {
    const line = createLine();
    [a, b, c].forEach((consumer, index) => line.join(index + 1, consumer, index));
    line.setAside([1, 2]);
    expect([line.positionOf(3), line.waiting(), first(line, 5)]).toEqual([1, 1, [3]]);
    expect(line.waiterOf(b)?.ticket).toBe(2);
    line.takeBack([2]);
    expect([line.positionOf(3), line.positionOf(2), line.waiting(), first(line, 5)]).toEqual([1, 1, 1, [2, 3]]);
    line.depart([1, 2]);
    expect([line.waiterOf(a), line.waiterOf(b), line.positionOf(3), first(line, 5)]).toEqual([undefined, undefined, 1, [3]]);
    line.takeBack([1, 2]);
    line.setAside([2]);
    expect([first(line, 5), line.departed()]).toEqual([[3], 2]);
  });

  test("knows who is aside also where the question came before the join that it belongs to", () => {
    const line = createLine();
    line.setAside([1, 2]);
    line.takeBack([2]);
    line.join(1, a, 0);
    line.join(2, b, 1);
    line.join(3, c, 2);
    expect([line.positionOf(3), first(line, 5), line.waiterOf(a)?.ticket, line.followedTo()]).toEqual([1, [2, 3], 1, 3]);
  });

  test("lets no position rise whatever is set aside, taken back or gone, in any order, and counts nobody twice", () => {
    const step = fc.record({ kind: fc.constantFrom("join", "depart", "setAside", "takeBack"), ticket: fc.integer({ min: 1, max: 40 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const line = createLine();
        line.extendTo(40);
        const shown = Array.from({ length: 41 }, () => Infinity);
        const [aside, gone] = [new Set<number>(), new Set<number>()];
        for (const { kind, ticket } of steps) {
          if (kind === "join") line.join(ticket, id(ticket), 0);
          if (kind === "depart") {
            line.depart([ticket]);
            gone.add(ticket);
            aside.delete(ticket);
          }
          if (kind === "setAside") {
            line.setAside([ticket]);
            if (!gone.has(ticket)) aside.add(ticket);
          }
          if (kind === "takeBack") {
            line.takeBack([ticket]);
            aside.delete(ticket);
          }
          for (let each = 1; each <= 40; each++) {
            expect(line.positionOf(each)).toBeLessThanOrEqual(shown[each] ?? Infinity);
            shown[each] = line.positionOf(each);
          }
          for (const walked of first(line, 100)) expect(gone.has(walked) || aside.has(walked)).toBe(false);
          for (const departed of gone) expect(line.waiterOf(id(departed))).toBeUndefined();
        }
      }),
    );
  });
});
