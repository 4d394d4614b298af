import type { IncomingMessage } from "node:http";
import { describe, expect, test } from "vitest";
import { createAddressReader, limitKey } from "./address.ts";
import { allowsOrigin } from "./cors.ts";
import { createLimits, limitsPerMinute } from "./limits.ts";

describe("the origin of a page", () => {
  test.each([
    [null, "http://localhost:4810", true],
    [null, "http://127.0.0.1", true],
    [null, "https://shop.localhost", true],
    [null, "http://[::1]:3000", true],
    [null, "https://localhost.evil.example", false],
    [null, "null", false],
    [["shop.example"], "https://shop.example", true],
    [["shop.example"], "http://shop.example", true],
    [["shop.example"], "https://shop.example:8443", false],
    [["shop.example:8443"], "https://shop.example:8443", true],
    [["shop.example:443"], "https://shop.example", true],
    [["shop.example"], "https://www.shop.example", false],
    [["shop.example"], "https://evilshop.example", false],
    [["*.shop.example"], "https://www.shop.example", true],
    [["*.shop.example"], "https://shop.example", false],
    [["*.shop.example"], "https://evilshop.example", false],
    [["shop.example"], "http://localhost", false],
    [["shop.example"], "file://shop.example", false],
    [["shop.example"], "not an origin", false],
    [[], "http://localhost", false],
  ])("%j lets %s in: %s", (embeddingAllowedHosts, origin, expected) => {
    expect(allowsOrigin({ embeddingAllowedHosts }, origin)).toBe(expected);
  });
});

describe("a client's address", () => {
  const request = (remoteAddress: string, forwarded?: string) =>
    ({ socket: { remoteAddress }, headers: forwarded === undefined ? {} : { "x-forwarded-for": forwarded } }) as unknown as IncomingMessage;

  test("is what connected, whatever it claims, while nobody is trusted", () => {
    let warned = 0;
    const read = createAddressReader({ kind: "none" }, () => warned++);
    expect(read(request("::ffff:10.0.0.1", "1.2.3.4"))).toBe("10.0.0.1");
    expect(warned).toBe(1);
  });

  test("is what the trusted proxies say, counted from the near end", () => {
    const one = createAddressReader({ kind: "hops", count: 1 }, () => {});
    expect(one(request("10.0.0.1", "6.6.6.6, 1.2.3.4"))).toBe("1.2.3.4");
    expect(one(request("10.0.0.1"))).toBe("10.0.0.1");
    const two = createAddressReader({ kind: "hops", count: 2 }, () => {});
    expect(two(request("10.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.2"))).toBe("1.2.3.4");
    const networks = createAddressReader({ kind: "networks", networks: ["10.0.0.0/8", "fd00::/8"] }, () => {});
    expect(networks(request("10.0.0.1", "6.6.6.6, 1.2.3.4, 10.9.9.9"))).toBe("1.2.3.4");
    expect(networks(request("8.8.8.8", "1.2.3.4"))).toBe("8.8.8.8");
    expect(networks(request("10.0.0.1", "::ffff:1.2.3.4"))).toBe("1.2.3.4");
    expect(networks(request("10.0.0.1", "garbage"))).toBe("10.0.0.1");
  });

  test("counts as one for a whole IPv6 network of a person", () => {
    expect(limitKey("2001:db8:1:2:3:4:5:6")).toBe(limitKey("2001:db8:1:2:ffff::1"));
    expect(limitKey("2001:db8::1")).toBe(limitKey("2001:db8:0:0:ffff::2"));
    expect(limitKey("2001:db8::1")).not.toBe(limitKey("2001:db8:0:1::1"));
    expect(limitKey("::1")).toBe("0:0:0:0");
    expect(limitKey("10.0.0.1")).toBe("10.0.0.1");
  });
});

test("a limit counts down, refuses, says how long, and starts anew with the minute", () => {
  let now = 60_000 * 1000 + 15_000;
  const limits = createLimits(true, () => now);
  const limit = limitsPerMinute.consumer;
  expect(limits.take("consumer", "a")).toEqual({ limit, remaining: limit - 1, resetSeconds: 45 });
  for (let count = 1; count < limit; count++) limits.take("consumer", "a");
  expect(() => limits.take("consumer", "a")).toThrow(expect.objectContaining({ code: "rate_limited", retryAfterSeconds: 45 }));
  expect(limits.take("consumer", "b")).toMatchObject({ remaining: limit - 1 });
  expect(() => limits.check("consumer", "a")).toThrow(expect.objectContaining({ code: "rate_limited" }));
  limits.check("consumer", "c");
  expect(limits.take("consumer", "c")).toMatchObject({ remaining: limit - 1 });
  now += 45_000;
  expect(limits.take("consumer", "a")).toMatchObject({ remaining: limit - 1 });
  expect(createLimits(false, () => now).take("guest", "a")).toBeNull();
});
