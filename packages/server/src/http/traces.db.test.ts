import { propagation, trace } from "@opentelemetry/api";
import type { TextMapPropagator } from "@opentelemetry/api";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestService } from "../testing/start-test-service.ts";
import type { TestService } from "../testing/start-test-service.ts";

// As an operator's start-up file would, before the service is started.
const exporter = new InMemorySpanExporter();
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
const caller: TextMapPropagator = {
  fields: () => ["traceparent"],
  inject: () => undefined,
  extract(context, carrier: Readonly<Record<string, string | undefined>>) {
    const [, traceId, spanId] = carrier["traceparent"]?.split("-") ?? [];
    return traceId === undefined || spanId === undefined ? context : trace.setSpanContext(context, { traceId, spanId, traceFlags: 1, isRemote: true });
  },
};
propagation.setGlobalPropagator(caller);

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.stop());

const named = (name: string): readonly ReadableSpan[] => exporter.getFinishedSpans().filter((span) => span.name === name);

test("whoever registered an SDK sees requests, the batches behind them, and the turns of admission", async () => {
  const shop = await service.createOrganization();
  await service.ask("admin", "POST", "/experiences", {
    headers: { Authorization: `Bearer ${shop.secretKey}` },
    json: { name: "Drop", sequence: { name: "All", queues: [{ id: "queue_traced", name: "Line", admitRate: 600 }] } },
  });
  const key = { "X-Publishable-Key": shop.publishableKey };
  const guest = await service.ask("consumer", "POST", "/auth/guest", {
    headers: { ...key, traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01` },
    json: {},
  });
  await service.ask("consumer", "POST", "/queues/queue_traced/enter", { headers: { ...key, Authorization: `Bearer ${guest.body.accessToken}` } });
  await service.ask("consumer", "GET", "/queues/queue_unknown", { headers: key });

  const [made] = named("POST /auth/guest");
  expect(made?.attributes).toMatchObject({ "http.route": "/auth/guest", "http.response.status_code": 201 });
  expect(made?.spanContext().traceId).toBe("a".repeat(32));
  expect(named("POST /queues/:queueId/enter")).toHaveLength(1);
  expect(named("GET /queues/:queueId")[0]?.attributes).toMatchObject({ "fanfare.refusal": "not_found", "http.response.status_code": 404 });
  expect(named("fanfare.commit").map((span) => span.attributes)).toEqual([
    { "fanfare.commit.kind": "guest", "fanfare.commit.size": 1 },
    { "fanfare.commit.kind": "join", "fanfare.commit.size": 1 },
  ]);
  await expect.poll(() => named("fanfare.admission").length).toBeGreaterThan(0);
  expect(named("fanfare.admission")[0]?.attributes).toEqual({ "fanfare.queue": "queue_traced" });

  // Nothing that names a person or opens a door.
  const told = JSON.stringify(exporter.getFinishedSpans().map(({ name, attributes, events }) => ({ name, attributes, events })));
  for (const secret of [guest.body.accessToken, guest.body.refreshToken, guest.body.session.consumerId, shop.publishableKey, shop.secretKey])
    expect(told).not.toContain(secret);
});
