import fc from "fast-check";
import { expect, test } from "vitest";
import { freshBucket, planAdmission, restBucket } from "./admission.ts";
import type { AdmissionFacts, Bucket } from "./admission.ts";

const empty: Bucket = { tokens: 0, pace: 0, refilledAt: 0 };
const facts = (more: Partial<AdmissionFacts> = {}): AdmissionFacts => ({
  bucket: empty,
  admitRate: 60,
  capacity: null,
  maxAdmissions: null,
  stock: null,
  active: 0,
  granted: 0,
  ...more,
});

/** Lets in all who may, at each of these instants; answers how many went in when. */
function run(admitRate: number, ticks: readonly number[], from: Bucket = freshBucket): readonly (readonly [at: number, count: number])[] {
  let bucket = from;
  return ticks.map((now) => {
    const plan = planAdmission(facts({ admitRate, bucket }), now);
    bucket = plan.after(plan.count);
    return [now, plan.count];
  });
}

function within(admitted: ReturnType<typeof run>, from: number, to: number): number {
  return admitted.reduce((sum, [at, count]) => (at >= from && at < to ? sum + count : sum), 0);
}

test("the first in line of a fresh queue does not wait for the bucket to fill", () => {
  expect(planAdmission(facts({ bucket: freshBucket, admitRate: 1 }), 5_000).count).toBe(1);
});

test("a slow rate lets one in each time a whole share has gathered", () => {
  expect(planAdmission(facts({ admitRate: 6 }), 9_999).count).toBe(0);
  expect(planAdmission(facts({ admitRate: 6 }), 10_000).count).toBe(1);
});

test("a rate of zero lets nobody in", () => {
  expect(planAdmission(facts({ admitRate: 0, bucket: { tokens: 5, pace: 5, refilledAt: 0 } }), 60_000).count).toBe(0);
});

test("what nobody could use is gone but for one", () => {
  const plan = planAdmission(facts({ admitRate: 600, bucket: { tokens: 0, pace: 10, refilledAt: 0 } }), 1_000);
  expect(plan.count).toBe(10);
  expect(plan.after(3).tokens).toBe(1);
  expect(plan.after(10).tokens).toBe(0);
  expect(restBucket(empty, 600, 3_600_000).tokens).toBe(1);
});

test("what a frozen owner missed is caught up at twice the rate and not faster", () => {
  const before = Array.from({ length: 40 }, (_, index) => index * 250);
  const after = Array.from({ length: 120 }, (_, index) => 20_000 + index * 250);
  const admitted = run(600, [...before, ...after]);
  expect(within(admitted, 20_000, 30_000)).toBeGreaterThanOrEqual(190);
  expect(within(admitted, 20_000, 30_000)).toBeLessThanOrEqual(220);
  expect(Math.abs(within(admitted, 0, 50_000) - 500)).toBeLessThanOrEqual(3);
});

test("a minute gets its rate within half a percent or one consumer, whatever the ticks' lateness", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30_000 }), fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 50, maxLength: 50 }), (admitRate, lateness) => {
      const ticks = Array.from({ length: 3_100 }, (_, index) => index * 100 + (lateness[index % lateness.length] ?? 0));
      const admitted = run(admitRate, ticks);
      for (let minute = 0; minute < 5; minute++) {
        const count = within(admitted, minute * 60_000, (minute + 1) * 60_000);
        expect(Math.abs(count - admitRate)).toBeLessThanOrEqual(Math.max(1, admitRate * 0.005));
      }
    }),
    { numRuns: 60 },
  );
});

test("a rate that was turned down while much was to be caught up holds from then on: what was missed at the old one is not owed at twice the new", () => {
  const stalled: Bucket = { tokens: 3_000, pace: 0, refilledAt: 0 };
  const ticks = Array.from({ length: 3_000 }, (_, index) => (index + 1) * 100);
  const admitted = run(60, ticks, stalled);
  expect(within(admitted, 0, 60_000)).toBeLessThanOrEqual(60 + 30 + 2);
  for (let minute = 1; minute < 5; minute++) expect(within(admitted, minute * 60_000, (minute + 1) * 60_000)).toBe(60);
});

test("a database that is so busy that each tick takes two seconds keeps nobody from going in at the rate", () => {
  const ticks = Array.from({ length: 160 }, (_, index) => index * 1_900);
  expect(within(run(3_334, ticks), 60_000, 300_000)).toBeGreaterThan(3_334 * 4 * 0.985);
});

test("missing ticks are made good within the following minutes, never at more than twice the rate", () => {
  const gap = fc.record({ at: fc.integer({ min: 8, max: 800 }), ticks: fc.integer({ min: 1, max: 12 }) });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30_000 }), fc.array(gap, { maxLength: 6 }), (admitRate, gaps) => {
      const missing = (index: number): boolean => gaps.some(({ at, ticks }) => index >= at && index < at + ticks);
      const ticks = Array.from({ length: 1_200 }, (_, index) => index)
        .filter((index) => !missing(index))
        .map((index) => index * 250);
      const admitted = run(admitRate, ticks);
      expect(Math.abs(within(admitted, 0, 299_751) - (admitRate * 299.75) / 60)).toBeLessThanOrEqual(2);
      for (let from = 0; from < 290_000; from += 5_000) {
        expect(within(admitted, from, from + 5_000)).toBeLessThanOrEqual((admitRate / 60) * 2 * 5 + Math.max(1, (admitRate / 60) * 2) + 1);
      }
    }),
    { numRuns: 60 },
  );
});

test("a line that is let through goes in by statements of a length that a lease outlasts, and nothing of the rate is lost by it", () => {
  let bucket: Bucket = freshBucket;
  let admitted = 0;
  for (let now = 0; now <= 20_000; now += 100) {
    // A tick that took a second and a half.
    const at = now < 5_000 ? now : now + 1_500;
    const plan = planAdmission({ admitRate: 1_000_000, capacity: null, maxAdmissions: null, stock: null, active: 0, granted: 0, bucket }, at);
    expect(plan.count).toBeLessThanOrEqual(2_000);
    admitted += plan.count;
    bucket = plan.after(plan.count);
  }
  expect(admitted).toBeGreaterThan((1_000_000 / 60) * 21.4);
});

test("never more are let in than capacity, total and stock allow", () => {
  fc.assert(
    fc.property(
      fc.record({
        admitRate: fc.integer({ min: 1, max: 6000 }),
        capacity: fc.option(fc.integer({ min: 1, max: 50 })),
        maxAdmissions: fc.option(fc.integer({ min: 1, max: 500 })),
        stock: fc.option(fc.integer({ min: 0, max: 50 })),
      }),
      (limits) => {
        let active = 0;
        let granted = 0;
        let bucket: Bucket = freshBucket;
        for (let now = 250; now <= 60_000; now += 250) {
          const plan = planAdmission({ ...limits, bucket, active, granted }, now);
          active += plan.count;
          granted += plan.count;
          bucket = plan.after(plan.count);
          expect(active).toBeLessThanOrEqual(Math.min(limits.capacity ?? Infinity, limits.stock ?? Infinity));
          expect(granted).toBeLessThanOrEqual(limits.maxAdmissions ?? Infinity);
        }
      },
    ),
  );
});
