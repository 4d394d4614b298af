import fc from "fast-check";
import { expect, test } from "vitest";
import { planAdmission } from "./admission.ts";
import type { AdmissionFacts } from "./admission.ts";

const facts = (more: Partial<AdmissionFacts> = {}): AdmissionFacts => ({
  bucket: { tokens: 0, refilledAt: 0 },
  admitRate: 60,
  capacity: null,
  maxAdmissions: null,
  active: 0,
  granted: 0,
  waiting: 1000,
  ...more,
});

test("the first in line of a fresh queue does not wait for the bucket to fill", () => {
  expect(planAdmission(facts({ bucket: { tokens: 0, refilledAt: null }, admitRate: 1 }), 5_000)).toEqual({ count: 1, tokensLeft: 0 });
});

test("a slow rate lets one in each time a whole minute's share has gathered", () => {
  expect(planAdmission(facts({ admitRate: 6 }), 9_999).count).toBe(0);
  expect(planAdmission(facts({ admitRate: 6 }), 10_000).count).toBe(1);
});

test("a long pause is caught up by two seconds' worth at most", () => {
  expect(planAdmission(facts({ admitRate: 600 }), 3_600_000).count).toBe(20);
});

test("a rate of zero lets nobody in", () => {
  expect(planAdmission(facts({ admitRate: 0, bucket: { tokens: 5, refilledAt: 0 } }), 60_000).count).toBe(0);
});

test("never more are let in than capacity, total and the line allow, and a minute's ticks keep the rate", () => {
  fc.assert(
    fc.property(
      fc.record({
        admitRate: fc.integer({ min: 1, max: 6000 }),
        capacity: fc.option(fc.integer({ min: 1, max: 50 })),
        maxAdmissions: fc.option(fc.integer({ min: 1, max: 500 })),
      }),
      (limits) => {
        let active = 0;
        let granted = 0;
        let bucket = { tokens: 0, refilledAt: 0 as number | null };
        for (let now = 250; now <= 60_000; now += 250) {
          const plan = planAdmission({ ...limits, bucket, active, granted, waiting: 10_000 }, now);
          if (plan.count === 0) continue;
          active += plan.count;
          granted += plan.count;
          bucket = { tokens: plan.tokensLeft, refilledAt: now };
          expect(active).toBeLessThanOrEqual(limits.capacity ?? Infinity);
          expect(granted).toBeLessThanOrEqual(limits.maxAdmissions ?? Infinity);
        }
        const unbounded = limits.capacity === null && limits.maxAdmissions === null;
        if (unbounded) expect(Math.abs(granted - limits.admitRate)).toBeLessThanOrEqual(1);
      },
    ),
  );
});
