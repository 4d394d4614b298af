import { randomUUID } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { readStandings } from "../data/draw-entries.ts";
import { readWins } from "../data/draw-results.ts";
import type { Database } from "../data/database.ts";
import type { DrawKey } from "../data/draws.ts";
import { openTestDatabase } from "../data/testing/open-test-database.ts";
import type { DrawStep } from "../domain/draw.ts";
import { conductDraw } from "../draws/conduct.ts";
import { makeTestDraw } from "../draws/testing/make-draw.ts";
import { createTurnedClock } from "../lines/testing/test-node.ts";

/** What a draw of so many entries costs. Times are those of a clock on the wall. */
export interface DrawFigures {
  readonly entries: number;
  readonly winners: number;
  readonly meanWeight: number;
  /** From the closing to the published result, with the root published on the way. */
  readonly seconds: number;
  readonly closeAndRootSeconds: number;
  readonly drawAndPublishSeconds: number;
  readonly grantSeconds: number;
  /** What the processors of this machine did for it, all threads of this process together, the questions asked meanwhile included; a database server's are not in it. */
  readonly cpuSeconds: number;
  /** The most that the process held above what it held before, its thread included. */
  readonly peakMegabytes: number;
  /** A status question before, and while the draw is made. */
  readonly statusIdleP99Ms: number;
  readonly statusDrawingP99Ms: number;
  /** The longest that the service's own thread did not come round. */
  readonly longestPauseMs: number;
}

/** Puts entries into a database of its own and draws them. `DB` and `TEST_DATABASE_URL` say which database. */
export async function measureDraw(entries: number, winners: number): Promise<DrawFigures> {
  const clock = createTurnedClock();
  const { db, close } = await openTestDatabase();
  try {
    const key = await makeTestDraw(db, clock, { winnerCount: winners, seed: 1, maxWeight: 2 });
    await fill(db, key, entries);
    const idle = await askUntil(db, key, Promise.resolve(), 300);
    clock.turn(3_600_000);
    const before = process.memoryUsage().rss;
    let peak = before;
    const marks = new Map<DrawStep | "end", number>();
    const cpu = process.cpuUsage();
    let cpuSeconds = 0;
    const onStep = (step: DrawStep): void => {
      if (step === "grant" && !marks.has(step)) cpuSeconds = totalSeconds(process.cpuUsage(cpu));
      if (!marks.has(step)) marks.set(step, performance.now());
    };
    const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 20);
    const drawn = conductDraw({ db, clock, newGrantId: () => `grant_${randomUUID()}`, onStep }, key).then(() => marks.set("end", performance.now()));
    const drawing = await askUntil(db, key, drawn, 0);
    await drawn;
    clearInterval(watch);
    if ((await readWins(db, key)).length !== winners) throw new Error("Not everybody who won was granted.");
    const between = (from: DrawStep, to: DrawStep | "end"): number => Math.round((marks.get(to) ?? 0) - (marks.get(from) ?? 0)) / 1000;
    return {
      entries,
      winners,
      meanWeight: 1.5,
      seconds: between("close", "grant"),
      closeAndRootSeconds: between("close", "begin"),
      drawAndPublishSeconds: between("begin", "grant"),
      grantSeconds: between("grant", "end"),
      cpuSeconds,
      peakMegabytes: Math.round((peak - before) / 2 ** 20),
      statusIdleP99Ms: idle.p99,
      statusDrawingP99Ms: drawing.p99,
      longestPauseMs: drawing.longestPauseMs,
    };
  } finally {
    await close();
  }
}

const totalSeconds = ({ user, system }: NodeJS.CpuUsage): number => Math.round((user + system) / 1000) / 1000;

async function fill(db: Database, key: DrawKey, entries: number): Promise<void> {
  const block = 100_000;
  for (let from = 1; from <= entries; from += block) {
    await db.run(
      `insert into draw_entry (draw_id, organization_id, ticket, consumer_id, ref, weight, entered_at)
       select $2, $1, ticket, gen_random_uuid(), sha256(int8send(ticket)), 1 + ticket % 2, now() from generate_series($3::bigint, $4::bigint) as ticket`,
      [key.organizationId, key.drawId, from, Math.min(entries, from + block - 1)],
    );
  }
  await db.run("update draw set next_ticket = $2 where organization_id = $1", [key.organizationId, entries + 1]);
  await db.run("analyze draw_entry", []);
}

/** Asks for a standing every few milliseconds, at least so many times and until the work is done. */
async function askUntil(
  db: Database,
  key: DrawKey,
  work: Promise<unknown>,
  atLeast: number,
): Promise<{ readonly p99: number; readonly longestPauseMs: number }> {
  let done = false;
  void work.then(() => (done = true));
  const [row] = await db.run<{ consumer_id: string }>("select consumer_id from draw_entry where draw_id = $2 and organization_id = $1 and ticket = 7", [
    key.organizationId,
    key.drawId,
  ]);
  const took: number[] = [];
  let longestPauseMs = 0;
  let last = performance.now();
  const watch = setInterval(() => {
    const now = performance.now();
    longestPauseMs = Math.max(longestPauseMs, now - last - 5);
    last = now;
  }, 5);
  while (!done || took.length < atLeast) {
    const began = performance.now();
    await readStandings(db, key, [row?.consumer_id ?? randomUUID()]);
    took.push(performance.now() - began);
    await setImmediate();
  }
  clearInterval(watch);
  const sorted = took.toSorted((a, b) => a - b);
  return { p99: Math.round((sorted[Math.floor(sorted.length * 0.99)] ?? 0) * 10) / 10, longestPauseMs: Math.round(longestPauseMs) };
}
