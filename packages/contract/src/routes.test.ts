import { expect, test } from "vitest";
import { idPatterns, moneyPattern } from "./ids.ts";
import { routeSchemas } from "./schemas/index.ts";
import { routes } from "./routes.ts";
import type { Route } from "./routes.ts";

test("ids from the documentation are valid ids and keys", () => {
  expect("org_xxx").toMatch(idPatterns.chosen);
  expect("exp_product_launch").toMatch(idPatterns.chosen);
  expect("pk_live_xxx").toMatch(idPatterns.publishableKey);
});

test("a secret key never passes as a publishable key", () => {
  expect("sk_live_xxx").not.toMatch(idPatterns.publishableKey);
});

test("money is a plain decimal string", () => {
  expect("139.99").toMatch(moneyPattern);
  for (const wrong of ["1e3", "-1", "1,5", " 1", "1.", ""]) expect(wrong).not.toMatch(moneyPattern);
});

test("every route has its schemas, and a success without a body declares no answer", () => {
  expect(Object.keys(routeSchemas).toSorted()).toEqual(Object.keys(routes).toSorted());
  for (const [name, route] of Object.entries(routes)) {
    const schemas: object = routeSchemas[name as keyof typeof routes];
    expect("answer" in schemas, name).toBe(route.success !== 204);
  }
});

test("every change that a session may ask for is either harmless when it comes twice, or taken once", () => {
  // Why twice is not worse than once: the answer is the same guest, the same place or entry, the same visit, or the session has ended already.
  const harmless = [
    "logout",
    "requestOtp",
    "verifyOtp",
    "exchangeExternal",
    "endSessions",
    "endOneSession",
    "updateConsumer",
    "routeExperience",
    "enterExperience",
    "enterQueue",
    "enterDraw",
  ];
  const undecided = Object.entries<Route>(routes).filter(
    ([name, { plane, auth, method, once }]) =>
      plane === "consumer" && auth.startsWith("consumer") && method !== "GET" && (once === true) === harmless.includes(name),
  );
  expect(undecided.map(([name]) => name)).toEqual([]);
});
