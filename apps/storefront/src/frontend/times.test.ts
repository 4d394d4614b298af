import { describe, expect, test } from "vitest";
import { placeInWords, placeText } from "./place.ts";
import { countDown, range, spoken } from "./times.ts";

test.each([
  [581_000, "9:41"],
  [59_001, "1:00"],
  [3_661_000, "1:01:01"],
  [0, "0:00"],
  [-5_000, "0:00"],
])("%i ms count down as %s", (milliseconds, text) => {
  expect(countDown(milliseconds)).toBe(text);
});

test.each([
  [89_000, "89 seconds"],
  [1_000, "1 second"],
  [150_000, "2 minutes"],
])("%i ms are spoken as %s, never more than is left", (milliseconds, text) => {
  expect(spoken(milliseconds)).toBe(text);
});

describe("an estimate", () => {
  test.each([
    [10, 50, "under a minute"],
    [20, 100, "up to 2 minutes"],
    [240, 360, "4 to 6 minutes"],
    [60, 60, "about 1 minute"],
    [3_500, 4_100, "58 to 69 minutes"],
    [3_700, 6_000, "1 to 2 hours"],
    [3_600, 3_600, "about 1 hour"],
    [160, 9_600, "2 minutes to 3 hours"],
    [20, 9_600, "up to 3 hours"],
  ])("of %i to %i seconds reads “%s” and never promises more than it knows", (low, high, text) => {
    expect(range({ low, high })).toBe(text);
  });
});

test("a place without a number is told as a part of the way", () => {
  expect([0, 0.3, 0.5, 0.66, 0.99].map(placeInWords)).toEqual([
    "At the start of the way",
    "About a third of the way",
    "About half of the way",
    "About two thirds of the way",
    "Almost there",
  ]);
});

test("the tab says the place, or that it is next", () => {
  const display = { positionDisplayMode: "precise", waitingAhead: 0, progress: 0.5, estimatedWaitSeconds: null, admitRatePerMinute: 1, updatedAt: "" } as const;
  expect(placeText({ ...display, position: 12 }, "You are next")).toBe("Place 12");
  expect(placeText({ ...display, position: 1 }, "You are next")).toBe("You are next");
});
