import { expect, test } from "vitest";
import { entryProblem } from "./entry-problem.ts";
import { words } from "./words.ts";

const told = (code: string, more: object = {}): string => entryProblem(Object.assign(new Error("Told by the service."), { code, ...more }), words.entry);

test("a line that is full says so, and does not blame the network", () => {
  expect(told("QUEUE_FULL", { retryAfterSeconds: 30 })).toContain("is full");
});

test("whoever takes part as often as one person may hears that what they have stays theirs", () => {
  expect(told("ENTRY_LIMIT_REACHED")).toContain("stays yours");
});

test("whoever is to come back later hears in how long", () => {
  expect(told("SERVICE_OVERLOADED", { retryAfterSeconds: 20 })).toContain("in 20 seconds");
});

test("all else is a line that was not reached, for the shopper to try again", () => {
  expect(told("NETWORK_ERROR")).toContain("Try again");
});
