import { expect, test } from "vitest";
import { measureLine } from "../testing/measure-line.ts";

test("a million waiters take 80 bytes each at most, presence included", { timeout: 60_000 }, () => {
  expect(measureLine(1_000_000).bytesPerWaiter).toBeLessThanOrEqual(80);
});
