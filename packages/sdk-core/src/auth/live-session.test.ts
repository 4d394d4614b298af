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
