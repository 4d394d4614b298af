import type { TokenResponse } from "@fanfare-io/fanfare-contract";
import { expect, test } from "vitest";
import { liveSessionOf, storedSessionOf } from "./live-session.ts";

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
