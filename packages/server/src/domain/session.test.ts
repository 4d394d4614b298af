import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  accessLife,
  accessTokenSeconds,
  decideDeviceKey,
  decideInstallSecret,
  decideRefresh,
  familyMs,
  idleExpiry,
  parentGraceMs,
  sessionDuration,
} from "./session.ts";
import type { SessionFacts } from "./session.ts";

const at = Date.parse("2026-11-22T10:00:00Z");
const session: SessionFacts = {
  refreshCounter: 5,
  refreshedAt: at,
  durationSeconds: 3600,
  idleExpiresAt: at + 3_600_000,
  familyExpiresAt: at + familyMs,
  createdAt: at,
  keyThumbprint: null,
  revokedReason: null,
};

describe("a refresh", () => {
  test.each([
    ["the current token moves the counter", 5, {}, false, 1000, { kind: "rotate", from: 5, to: 6 }],
    ["its parent gets the current child while the answer may be lost", 4, {}, false, parentGraceMs, { kind: "repeat" }],
    ["after that a parent is a copy in somebody's hands", 4, {}, false, parentGraceMs + 1, { kind: "revoke" }],
    ["an older token is one at once", 3, {}, false, 0, { kind: "revoke" }],
    ["a token ahead of a restored row is adopted", 9, {}, false, 0, { kind: "rotate", from: 5, to: 10 }],
    ["an idle session has ended", 5, {}, false, 3_600_000, { kind: "refuse", reason: "expired" }],
    ["but not one that holds a place", 5, {}, true, 3_600_000, { kind: "rotate", from: 5, to: 6 }],
    ["a family ends in spite of any place", 5, {}, true, familyMs, { kind: "refuse", reason: "expired" }],
    ["a session that was logged out stays so", 5, { revokedReason: "logout" }, true, 0, { kind: "refuse", reason: "revoked" }],
    ["and one that was copied says so", 5, { revokedReason: "reused" }, true, 0, { kind: "refuse", reason: "reused" }],
  ] as const)("%s", (_title, counter, change, livePlace, afterMs, expected) => {
    expect(decideRefresh({ ...session, ...change }, counter, livePlace, at + afterMs)).toEqual(expected);
  });

  test.each([
    ["keeps its token", 5, {}, false, 1000, { kind: "keep", counter: 5 }],
    ["adopts a token ahead of a restored row", 9, {}, false, 0, { kind: "keep", counter: 9 }],
    ["is answered again after an upgrade moved it", 4, {}, false, 1000, { kind: "repeat" }],
    ["and also long after, because the answer that moved it was lost", 4, {}, true, 7_200_000, { kind: "repeat" }],
    ["is refused with a token from before the upgrade, and stands", 3, {}, false, 0, { kind: "refuse", reason: "reused" }],
    ["ends at the idle limit", 5, {}, false, 3_600_000, { kind: "refuse", reason: "expired" }],
    ["but not while it holds a place", 5, {}, true, 3_600_000, { kind: "keep", counter: 5 }],
    ["stays ended", 5, { revokedReason: "logout" }, true, 0, { kind: "refuse", reason: "revoked" }],
  ] as const)("of a bound session: it %s", (_title, counter, change, livePlace, afterMs, expected) => {
    expect(decideRefresh({ ...session, keyThumbprint: "k", ...change }, counter, livePlace, at + afterMs)).toEqual(expected);
  });

  test("always moves the counter forwards", () => {
    fc.assert(
      fc.property(fc.nat(100), fc.nat(100), fc.nat(7_200_000), fc.boolean(), (current, shown, afterMs, livePlace) => {
        const decision = decideRefresh({ ...session, refreshCounter: current }, shown, livePlace, at + afterMs);
        return decision.kind !== "rotate" || (decision.to > current && decision.from === current);
      }),
    );
  });
});

test("a shopper's duration shortens the organization's and never lengthens it", () => {
  expect(sessionDuration(undefined, 3600)).toBe(3600);
  expect(sessionDuration(60, 3600)).toBe(60);
  expect(sessionDuration(7200, 3600)).toBe(3600);
});

test("a session never outlives its family, nor an access token its session", () => {
  expect(idleExpiry(3600, at + 1000, at)).toBe(at + 1000);
  fc.assert(
    fc.property(fc.integer({ min: 1000, max: 7_200_000 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (idleMs, random) => {
      const life = accessLife({ idleExpiresAt: at + idleMs }, at, random);
      return life * 1000 <= idleMs && life <= accessTokenSeconds && (idleMs < 600_000 || life >= accessTokenSeconds * 0.95);
    }),
  );
});

test("an install secret gives its guest back for a minute, and never one whose session has ended", () => {
  expect(decideInstallSecret(session, false, at + 60_000)).toBe("same");
  expect(decideInstallSecret(session, false, at + 60_001)).toBe("key_retired");
  expect(decideInstallSecret({ ...session, revokedReason: "logout" }, false, at)).toBe("key_retired");
  expect(decideInstallSecret(session, true, at)).toBe("session_upgraded");
});

test.each([
  ["its guest while the session lives", {}, false, false, 3_599_999, "same"],
  ["a refusal once the session is idle", {}, false, false, 3_600_000, "key_retired"],
  ["its guest in spite of that where a place is held", {}, false, true, 3_600_000, "same"],
  ["a refusal at the end of the family", {}, false, true, familyMs, "key_retired"],
  ["a refusal after logout", { revokedReason: "logout" }, false, true, 0, "key_retired"],
  ["a word that the session has an owner by now", {}, true, false, 0, "session_upgraded"],
] as const)("a device key gets %s", (_title, change, identified, livePlace, afterMs, expected) => {
  expect(decideDeviceKey({ ...session, keyThumbprint: "k", ...change }, identified, livePlace, at + afterMs)).toBe(expected);
});
