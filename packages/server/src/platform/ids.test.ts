import { idPatterns } from "@fanfare-io/fanfare-contract";
import { expect, test } from "vitest";
import { createIds } from "./ids.ts";

test("ids are unique, in time order, and fit the contract's forms", () => {
  let now = Date.parse("2026-11-22T10:00:00Z");
  const ids = createIds(() => now);
  const made: string[] = [];
  const uuids: string[] = [];
  for (let count = 0; count < 5000; count++) {
    if (count % 1000 === 0) now += 1;
    made.push(ids.make("grant"));
    uuids.push(ids.uuid());
  }
  expect(new Set([...made, ...uuids]).size).toBe(10_000);
  expect(made).toEqual(made.toSorted());
  expect(uuids).toEqual(uuids.toSorted());
  expect(made[0]).toMatch(/^grant_[0-9a-z]{26}$/);
  expect(made[0]).toMatch(idPatterns.chosen);
  expect(uuids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  expect(uuids[0]).toMatch(idPatterns.uuid);
});
