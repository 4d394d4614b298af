import { errorCatalog, routes } from "@fanfare-io/fanfare-contract";
import { describe, expect, test } from "vitest";
import { within } from "../testing/launch.ts";
import { createScriptedService, refusal } from "../testing/scripted-service.ts";
import type { ScriptedService } from "../testing/scripted-service.ts";
import { createSimulatedClock } from "../testing/simulated-clock.ts";
import type { SimulatedClock } from "../testing/simulated-clock.ts";
import { retryAfterSeconds } from "./answer.ts";
import { endpoints, post } from "./endpoints.ts";
import { FanfareError, isFanfareError, toFanfareError } from "./fanfare-error.ts";
import { isRetryable } from "./retry.ts";
import { createTransport } from "./transport.ts";
import type { Transport } from "./transport.ts";

function setUp(): { clock: SimulatedClock; service: ScriptedService; transport: Transport } {
  const clock = createSimulatedClock();
  const service = createScriptedService(clock);
  const platform = { clock, fetch: service.fetch, random: () => 0.5 };
  return { clock, service, transport: createTransport({ apiUrl: "https://api.test/api", publishableKey: "pk_live_xxx", platform }) };
}
const call = { endpoint: post("/queues/:queueId/enter"), id: "queue_1" } as const;
const line = "POST /queues/:id/enter";

describe("against the contract", () => {
  test("what may be asked again is read off the status as the catalog says, for every code", () => {
    for (const [code, { status, retry }] of Object.entries(errorCatalog)) expect([code, isRetryable(status)]).toEqual([code, retry !== "never"]);
  });

  test("every call is a route of the contract", () => {
    const known: Readonly<Record<string, { readonly method: string; readonly path: string }>> = routes;
    for (const [name, { method, path }] of Object.entries(endpoints)) {
      expect({ name, method: known[name]?.method, path: known[name]?.path }).toEqual({ name, method, path });
    }
  });
});

describe("sending", () => {
  test("ids are escaped, the key is sent, and nothing secret is in the address", async () => {
    const { service, transport } = setUp();
    service.answer(line, { status: 200, body: { ok: true } });
    await transport.send({ ...call, id: "a/b?c", authorization: "Bearer secret" });
    expect(service.requests[0]).toMatchObject({ path: "/queues/a%2Fb%3Fc/enter", body: {} });
    expect(service.requests[0]?.headers.get("authorization")).toBe("Bearer secret");
    expect(service.requests[0]?.headers.get("x-publishable-key")).toBe("pk_live_xxx");
  });

  test("a lost request is sent again with pauses, three times in all, then NETWORK_ERROR", async () => {
    const { clock, service, transport } = setUp();
    await expect(within(clock, 60_000, transport.send(call))).rejects.toMatchObject({ code: "NETWORK_ERROR", retryable: true });
    expect(service.requests).toHaveLength(3);
  });

  test("an answer that never comes is TIMEOUT, and leaves no timer", async () => {
    const { clock, service, transport } = setUp();
    service.answer(line, "never");
    await expect(within(clock, 10_000, transport.send({ ...call, attempts: 1 }))).rejects.toMatchObject({ code: "TIMEOUT", retryable: true });
    expect(clock.pending()).toBe(0);
  });

  test("a refusal that the catalog calls final is sent once", async () => {
    const { clock, service, transport } = setUp();
    service.answer(line, refusal(400, "validation_error"));
    await expect(within(clock, 60_000, transport.send(call))).rejects.toMatchObject({
      code: "VALIDATION_ERROR",
      status: 400,
      requestId: "req_test",
      retryable: false,
    });
    expect(service.requests).toHaveLength(1);
  });

  test("a short Retry-After is waited for, a long one is the caller's", async () => {
    const { clock, service, transport } = setUp();
    service.answer(line, refusal(503, "service_unavailable", undefined, { "retry-after": "2" }));
    const waiting = within(clock, 1_900, Promise.resolve());
    const sending = transport.send(call).catch((error: unknown) => error);
    await waiting;
    expect(service.requests).toHaveLength(1);
    await clock.advance(60_000);
    expect(await sending).toMatchObject({ code: "SERVICE_UNAVAILABLE", retryAfterSeconds: 2 });
    expect(service.requests).toHaveLength(3);
    service.answer(line, refusal(429, "rate_limited", undefined, { "retry-after": "30" }));
    await expect(within(clock, 100, transport.send(call))).rejects.toMatchObject({ retryAfterSeconds: 30 });
    expect(service.requests).toHaveLength(4);
  });

  test("a proxy's page, good or bad, is INVALID_RESPONSE with its status", async () => {
    const { clock, service, transport } = setUp();
    service.answer(line, { status: 200 });
    await expect(within(clock, 100, transport.send(call))).rejects.toMatchObject({ code: "INVALID_RESPONSE", status: 200 });
    service.answer(line, { status: 404, body: "<html>" });
    await expect(within(clock, 100, transport.send(call))).rejects.toMatchObject({ code: "INVALID_RESPONSE", status: 404, retryable: false });
  });

  test("stopping rejects what is in flight and what pauses", async () => {
    const { clock, service, transport } = setUp();
    service.answer(line, "never");
    const flying = transport.send(call).catch((error: FanfareError) => error.code);
    await clock.settle();
    service.answer(line, "lost");
    const pausing = transport.send(call).catch((error: FanfareError) => error.code);
    await clock.settle();
    transport.stop();
    expect([await flying, await pausing]).toEqual(["DESTROYED", "DESTROYED"]);
    expect(clock.pending()).toBe(0);
  });

  test("the service's clock is read from its answers", async () => {
    const { clock, service, transport } = setUp();
    service.answer(line, { status: 200, body: {}, headers: { date: new Date(clock.now() + 86_400_000).toUTCString() } });
    await transport.send(call);
    expect(transport.serverNow() - clock.now()).toBe(86_400_000);
  });
});

describe("errors", () => {
  test("both forms of Retry-After are read", () => {
    const now = Date.parse("2026-11-22T10:00:00Z");
    expect(retryAfterSeconds("7", now)).toBe(7);
    expect(retryAfterSeconds("Sun, 22 Nov 2026 10:00:09 GMT", now)).toBe(9);
    expect(retryAfterSeconds("Sun, 22 Nov 2026 09:00:00 GMT", now)).toBe(0);
    expect(retryAfterSeconds("soon", now)).toBeUndefined();
    expect(retryAfterSeconds(null, now)).toBeUndefined();
  });

  test("an error is known by its name and code, not by its class", () => {
    const foreign = Object.assign(new Error("other copy"), { name: "FanfareError", code: "TIMEOUT", retryable: true });
    expect(isFanfareError(foreign)).toBe(true);
    expect(isFanfareError(new Error("plain"))).toBe(false);
    const wrapped = toFanfareError("boom");
    expect(wrapped).toMatchObject({ name: "FanfareError", code: "INVALID_RESPONSE", cause: "boom" });
    expect(Object.keys(new FanfareError("TIMEOUT", "late"))).not.toContain("status");
  });
});
