import { expect, test } from "vitest";
import { readOptions, UsageError } from "./options.ts";

test("without arguments the demo has its own ids and no crowd", () => {
  expect(readOptions([])).toEqual({
    json: false,
    crowd: 0,
    organizationId: "org_demo",
    publishableKey: "pk_test_demo",
    experienceId: "exp_demo",
    queueId: "queue_demo",
    storefrontPort: 4810,
  });
});

test("ids, crowd and machine-readable output may be asked for", () => {
  const options = readOptions([
    "--json",
    "--crowd",
    "200",
    "--organization",
    "org_xxx",
    "--publishable-key",
    "pk_live_xxx",
    "--experience",
    "exp_product_launch",
  ]);
  expect(options).toMatchObject({ json: true, crowd: 200, organizationId: "org_xxx", publishableKey: "pk_live_xxx", experienceId: "exp_product_launch" });
});

test.each([[["--crowd", "many"]], [["--crowd", "-1"]], [["--nonsense"]]])("%j is refused in one line that names the fix", (args) => {
  expect(() => readOptions(args)).toThrow(UsageError);
});

test("the shop's port is a port, 0 included", () => {
  expect(readOptions([], { STOREFRONT_PORT: "0" }).storefrontPort).toBe(0);
  expect(() => readOptions([], { STOREFRONT_PORT: "many" })).toThrow("STOREFRONT_PORT must be 0 to 65535.");
});
