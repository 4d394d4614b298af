import { afterEach, describe, expect, test, vi } from "vitest";
import { createFanfare, FanfareError, isFanfareError } from "./index.ts";
import type { FanfareServerConfig } from "./index.ts";

const good: FanfareServerConfig = { secretKey: "sk_test_backend", organizationId: "org_demo", apiUrl: "http://localhost:4802/api" };

describe("createFanfare", () => {
  afterEach(() => vi.unstubAllGlobals());

  test("returns a frozen client and makes no request", () => {
    const fanfare = createFanfare({ ...good, fetch: () => Promise.reject(new Error("no request was expected")) });
    expect(Object.isFrozen(fanfare)).toBe(true);
    expect(Object.isFrozen(fanfare.grants)).toBe(true);
    expect(JSON.stringify(fanfare)).not.toContain(good.secretKey);
  });

  test.each([
    [{ secretKey: "pk_test_shop" }, "INVALID_CONFIG", /secret key \(sk_/],
    [{ secretKey: "" }, "MISSING_SECRET_KEY", /environment/],
    [{ secretKey: "sk_test_a b" }, "INVALID_CONFIG", /without spaces/],
    [{ organizationId: "" }, "MISSING_ORGANIZATION_ID", /org_/],
    [{ apiUrl: "line.example.com" }, "INVALID_CONFIG", /full address/],
    [{ apiUrl: "ftp://line.example.com" }, "INVALID_CONFIG", /full address/],
  ])("refuses %j with the fix and without repeating the key", (wrong, code, fix) => {
    const attempt = () => createFanfare({ ...good, ...wrong });
    expect(attempt).toThrow(expect.objectContaining({ code, retryable: false }));
    expect(attempt).toThrow(fix);
    expect(attempt).not.toThrow(/pk_test_shop|sk_test_a/);
  });

  test("refuses to run where the shopper could read the key", () => {
    vi.stubGlobal("window", {});
    vi.stubGlobal("document", {});
    expect(() => createFanfare(good)).toThrow(expect.objectContaining({ code: "SECRET_KEY_IN_BROWSER" }));
  });
});

test("isFanfareError knows the brand and nothing else", () => {
  expect(isFanfareError(new FanfareError("TIMEOUT", "late"))).toBe(true);
  expect(isFanfareError({ name: "FanfareError", code: "TIMEOUT" })).toBe(false);
  expect(isFanfareError(null)).toBe(false);
});
