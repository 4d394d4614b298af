import { createLine } from "../domain/line.ts";
import type { ConsumerWords } from "../domain/consumer-id.ts";
import { firstPresent } from "../domain/attendance.ts";
import { createPresence } from "../domain/presence.ts";

/** What one line of so many waiters costs. */
export interface LineFigures {
  readonly waiters: number;
  readonly bytesPerWaiter: number;
  readonly insertNanoseconds: number;
  readonly longestInsertMs: number;
  readonly findNanoseconds: number;
  readonly rankNanoseconds: number;
  readonly departNanoseconds: number;
  /** Picking 100 present waiters behind as many absent ones as half the line. */
  readonly pickMs: number;
}

const sample = 100_000;

/** Fills a line in memory, presence included, and asks it what a launch would. */
export function measureLine(waiters: number): LineFigures {
  const before = bytesInUse();
  const line = createLine();
  const presence = createPresence(0);
  let longestInsertMs = 0;
  const began = threadMs();
  for (let ticket = 1; ticket <= waiters; ticket++) {
    const inserting = threadMs();
    line.joinWords(ticket, wordsOf(ticket), ticket);
    longestInsertMs = Math.max(longestInsertMs, threadMs() - inserting);
    presence.see(ticket, ticket > waiters / 2 ? 1_000_000 : 0, 30);
  }
  const insertMs = threadMs() - began;
  const bytesPerWaiter = (bytesInUse() - before) / waiters;
  const asked = Array.from({ length: sample }, (_, index) => 1 + ((index * 7_919) % waiters));
  const names = asked.map((ticket) => textOf(ticket));
  const findMs = timed(() => names.forEach((name, index) => expectSame(line.waiterOf(name)?.ticket, asked[index])));
  const pickMs = timed(() => expectSame(firstPresent(line, presence, 100, 1_010_000).length, 100));
  const departMs = timed(() => line.depart(asked));
  const rankMs = timed(() => {
    for (const ticket of asked) expectSame(line.positionOf(ticket) <= ticket, true);
  });
  const each = (milliseconds: number, count: number): number => Math.round((milliseconds * 1e6) / count);
  return {
    waiters,
    bytesPerWaiter: Math.round(bytesPerWaiter * 10) / 10,
    insertNanoseconds: each(insertMs, waiters),
    longestInsertMs: Math.round(longestInsertMs * 100) / 100,
    findNanoseconds: each(findMs, sample),
    rankNanoseconds: each(rankMs, sample),
    departNanoseconds: each(departMs, sample),
    pickMs: Math.round(pickMs * 100) / 100,
  };
}

/** Ids with the shape of the real ones: time in front, and as good as random behind. */
function wordsOf(ticket: number): ConsumerWords {
  return [
    0x019ab000 + (ticket >>> 12),
    (((ticket & 0xfff) << 16) | 0x7000) >>> 0,
    (Math.imul(ticket, 0x9e3779b1) | 0x80000000) >>> 0,
    Math.imul(ticket, 0x85ebca6b) >>> 0,
  ];
}

function textOf(ticket: number): string {
  const hex = wordsOf(ticket)
    .map((word) => word.toString(16).padStart(8, "0"))
    .join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** What this thread has computed so far: a machine that others use as well would make every clock lie. */
export function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function bytesInUse(): number {
  globalThis.gc?.();
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  // Without a forced collection the heap's garbage would be counted as the line's.
  return arrayBuffers + (globalThis.gc === undefined ? 0 : heapUsed);
}

function timed(work: () => void): number {
  const began = threadMs();
  work();
  return threadMs() - began;
}

function expectSame(found: unknown, expected: unknown): void {
  if (found !== expected) throw new Error(`The line says ${String(found)} where ${String(expected)} is right.`);
}
