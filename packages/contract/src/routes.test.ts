import { expect, test } from "vitest";
import { idPatterns, moneyPattern } from "./ids.ts";
import { routeSchemas } from "./schemas/index.ts";
import { routes } from "./routes.ts";

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
