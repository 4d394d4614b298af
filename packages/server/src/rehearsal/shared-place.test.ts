import type { PublicQueue } from "@fanfare-io/fanfare-contract";
import { describe, expect, test } from "vitest";
import { createCrowdCache } from "./live/crowd-cache.ts";
import { followedPlace, readShared } from "./shared-place.ts";

const follow = { blockSize: 512, departedInBlock: 3, aheadAtEntry: 2_000, statusAfterSeconds: 900 };
const place = { ticket: 1_600, position: 1_590, version: 4, follow, toldAt: 0 };
const body = {
  state: "open",
  window: 1_000,
  version: 9,
  pollAfterSeconds: 20,
  departures: { from: 512, before: 500, blockSize: 512, counts: [100, 20, 5, 0] },
  estimates: [
    { position: 1_000, low: 100, high: 200 },
    { position: 2_000, low: 300, high: 500 },
  ],
} as unknown as PublicQueue;

describe("a place far from the turn", () => {
  test("is found in the body that everybody shares", () => {
    // 500 went before the digest begins, 120 from the two stretches before its own, and 3 that the service named from its own.
    expect(readShared(place, body, 1_000)).toMatchObject({
      position: 1_600 - 500 - 120 - 3,
      version: 9,
      pollAfterSeconds: 20,
      estimate: { low: 98, high: 195 },
    });
  });

  test("never rises, whatever an older cache says", () => {
    expect(readShared({ ...place, position: 900 }, body, 1_000)?.position).toBe(900);
    expect(readShared({ ...place, version: 10 }, body, 1_000)?.position).toBe(1_590);
  });

  test.each([
    ["its turn is near", { ...place, ticket: 1_000 }, 1_000],
    ["the digest does not reach it", { ...place, ticket: 9_000 }, 1_000],
    ["the service has not been asked for a quarter of an hour", place, 900_001],
  ])("asks for itself when %s", (_when, far, now) => {
    expect(readShared(far, body, now)).toBeNull();
  });

  test("is one that the service told how to follow, with its numbers", () => {
    const answer = { status: "QUEUED", ticket: 5, position: 4, version: 1, follow } as Parameters<typeof followedPlace>[0];
    expect(followedPlace(answer, 7)).toEqual({ ticket: 5, position: 4, version: 1, follow, toldAt: 7 });
    expect(followedPlace({ ...answer, position: null }, 7)).toBeNull();
  });
});

test("a crowd behind a cache asks the service once a second, and reads on while it does not answer", async () => {
  let [now, fetched, looks] = [0, 0, 0];
  const shared = createCrowdCache({
    fetch: async () => {
      if (++fetched === 3) throw new Error("down");
      return body;
    },
    now: () => now,
    onLook: () => looks++,
  });
  await Promise.all([shared(), shared(), shared()]);
  expect([fetched, looks]).toEqual([1, 3]);
  now = 1_000;
  await shared();
  now = 2_000;
  expect(await shared()).toBe(body);
  expect([fetched, looks]).toEqual([3, 5]);
});
