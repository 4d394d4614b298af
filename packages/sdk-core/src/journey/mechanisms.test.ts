import { expect, test } from "vitest";
import { createMechanisms } from "../mechanisms/registry.ts";

test("the line is at hand at once, the draw after it is loaded, and what is unknown never", async () => {
  const mechanisms = createMechanisms();
  expect(mechanisms.driver("queue")?.type).toBe("queue");
  expect(mechanisms.load("queue")).toBeNull();
  expect(mechanisms.driver("draw")).toBeUndefined();
  await mechanisms.load("draw");
  expect(mechanisms.driver("draw")?.type).toBe("draw");
  expect(mechanisms.load("draw")).toBeNull();
  expect([mechanisms.driver("auction"), mechanisms.groupOf("auction"), mechanisms.load("auction")]).toEqual([undefined, undefined, null]);
});

test("code that cannot be fetched fails the act that needed it, and the next one tries again (J30)", async () => {
  let fetches = 0;
  const mechanisms = createMechanisms({ draw: () => Promise.reject(new Error(`offline ${++fetches}`)) });
  for (const attempt of [1, 2]) {
    await expect(mechanisms.load("draw")).rejects.toMatchObject({ code: "NETWORK_ERROR", retryable: true });
    expect(fetches).toBe(attempt);
  }
});
