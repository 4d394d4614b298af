import { routes } from "@fanfare-io/fanfare-contract";
import type { RouteName } from "@fanfare-io/fanfare-contract";
import { expect, test } from "vitest";
import { createLoadGate, priorityOf } from "./load-gate.ts";
import type { LoadGate, Priority } from "./load-gate.ts";

const gateOf = (isOverwhelmed = false): LoadGate => createLoadGate({ random: () => 0.99, isOverwhelmed: () => isOverwhelmed });
const lets = (gate: LoadGate, priority: Priority): boolean => {
  try {
    gate.enter(priority);
    return true;
  } catch {
    return false;
  }
};

test("a full node refuses newcomers first, then those in line, then the shop, and takes them again as it empties", () => {
  const gate = gateOf();
  const fill = (priority: Priority): number => {
    let count = 0;
    while (lets(gate, priority)) count++;
    return count;
  };
  expect(fill("newcomer")).toBe(4_000);
  expect(fill("standing")).toBe(4_000);
  expect(lets(gate, "newcomer")).toBe(false);
  expect(fill("redemption")).toBe(8_000);
  gate.leave("newcomer");
  expect(["newcomer", "standing", "redemption"].map((priority) => lets(gate, priority as Priority))).toEqual([false, false, true]);
});

test("a look at the gate takes nobody's room, whatever it calls for", () => {
  const gate = gateOf();
  for (let claim = 0; claim < 20_000; claim++) gate.check("redemption");
  expect(lets(gate, "newcomer")).toBe(true);
});

test("downloads take nobody's place, and nobody takes theirs: so many at once, however long their readers take", () => {
  const gate = gateOf();
  let downloads = 0;
  while (lets(gate, "download")) downloads++;
  expect(downloads).toBe(32);
  expect(lets(gate, "newcomer")).toBe(true);
  gate.leave("newcomer");
  expect(lets(gate, "download")).toBe(false);
  gate.leave("download");
  expect(lets(gate, "download")).toBe(true);
  expect(priorityOf("getDrawTranscript")).toBe("download");
});

test("an overwhelmed node has no ear for newcomers", () => {
  const gate = gateOf(true);
  expect(["newcomer", "standing", "redemption"].map((priority) => lets(gate, priority as Priority))).toEqual([false, true, true]);
});

test("a refusal is the catalog's, with a moment to come back that the SDK waits for by itself", () => {
  expect(() => gateOf().demandRoom(false)).toThrow(expect.objectContaining({ code: "service_overloaded", retryAfterSeconds: 5 }));
  expect(() => gateOf().demandRoom(true)).not.toThrow();
});

test("nothing that ends a sale or asks for a place in hand counts as a newcomer's", () => {
  const newcomers = (Object.keys(routes) as RouteName[]).filter((name) => routes[name].plane === "consumer" && priorityOf(name) === "newcomer");
  expect(newcomers.toSorted()).toEqual(
    ["createGuest", "enterDraw", "enterExperience", "enterQueue", "getExperience", "requestOtp", "routeExperience", "verifyOtp"].toSorted(),
  );
});
