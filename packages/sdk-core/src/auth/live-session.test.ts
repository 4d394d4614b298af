import type { TokenResponse } from "@fanfare-io/fanfare-contract";
import { expect, test } from "vitest";
import { storedSessionOf } from "./answered-session.ts";
import { liveSessionOf } from "./live-session.ts";

const answer: TokenResponse = {
  accessToken: "access",
  refreshToken: "refresh",
  tokenType: "Bearer",
  expiresInSeconds: 600,
  session: { type: "guest", consumerId: "c1", guestId: "c1", expiresAt: "2026-01-01T00:00:00Z", bound: false },
};
const leftMs = (ageMs: number): number => {
  const stored = storedSessionOf(answer, 1, 1_000_000, null);
  return liveSessionOf(stored, null, { now: () => 1_000_000 + ageMs, monotonic: () => 0 }, () => 0.5).deadAt;
};

test("a token that another tab stored a moment ahead of this tab's clock is fresh, one that lies further ahead is dead (A3)", () => {
  expect([0, -20, -900].map(leftMs)).toEqual([598_000, 598_000, 598_000]);
  expect(leftMs(-2_000)).toBe(-2_000);
  expect(leftMs(590_000)).toBe(8_000);
});

test("a crowd that began together renews spread over a tenth of the token's life, before it is dead (S23, M22)", () => {
  const renewAt = (chance: number): number =>
    liveSessionOf(storedSessionOf(answer, 1, 0, null), null, { now: () => 0, monotonic: () => 0 }, () => chance).renewAt / 600_000;
  const moments = [0, 0.25, 0.5, 0.75, 0.999].map(renewAt);
  expect(moments[0]! - moments[4]!).toBeCloseTo(0.1, 2);
  for (const moment of moments) {
    expect(moment).toBeGreaterThan(0.74);
    expect(moment).toBeLessThan(0.86);
  }
});

test("of ten thousand who began in one second, no second of the renewal that follows sees more than three hundred, nor of the one after that (S23, M22)", () => {
  // Chance that comes out the same in each run (Numerical Recipes' generator).
  let state = 1;
  const chance = (): number => (state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32) / 2 ** 32;
  const renewedAt = (beganAt: number): number =>
    liveSessionOf(storedSessionOf(answer, 1, beganAt, null), null, { now: () => beganAt, monotonic: () => beganAt }, chance).renewAt;
  const fullestSecond = (moments: readonly number[]): number => {
    const seconds = new Map<number, number>();
    for (const moment of moments) seconds.set(Math.floor(moment / 1000), (seconds.get(Math.floor(moment / 1000)) ?? 0) + 1);
    return Math.max(...seconds.values());
  };
  const first = Array.from({ length: 10_000 }, (_, index) => renewedAt(index / 10));
  expect(fullestSecond(first)).toBeLessThan(300);
  expect(fullestSecond(first.map(renewedAt))).toBeLessThan(300);
});
