import { mkdtemp, rm } from "node:fs/promises";
import { Agent, request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { routes } from "@fanfare-io/fanfare-contract";
import type { Route, RouteName } from "@fanfare-io/fanfare-contract";
import { errorBody } from "@fanfare-io/fanfare-contract/schemas";
import { arrive, createLaunch, startService } from "@fanfare-io/fanfare-testing";
import type { RunningService, Shopper, TestLaunch } from "@fanfare-io/fanfare-testing";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { contentType, headerSafe, oddBody, oddText, pathPart, query } from "./nonsense.test.fixture.ts";

let dataDir: string;
let service: RunningService;
let launch: TestLaunch;
let otherTenant: TestLaunch;
let shopper: Shopper;
let otherShopper: Shopper;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "fanfare-bad-input-"));
  service = await startService({ dataDir });
  launch = await createLaunch(service.adminUrl, service.operatorKey);
  otherTenant = await createLaunch(service.adminUrl, service.operatorKey);
  shopper = await arrive(service.consumerUrl, launch);
  otherShopper = await arrive(service.consumerUrl, otherTenant);
});
afterAll(async () => {
  await service?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

interface Got {
  readonly status: number;
  readonly body: string;
  readonly requestId: string | undefined;
}

const agent = new Agent({ keepAlive: true, maxSockets: 16 });

/** Sends exactly these bytes: fetch would mend or refuse some of them. */
function send(plane: Route["plane"], { method, path, headers, body }: Sent, over: Agent | false = agent): Promise<Got> {
  const port = plane === "consumer" ? service.ports.consumer : service.ports.admin;
  return new Promise((resolve, reject) => {
    // Node frames no body of a DELETE by itself; unframed, it would be read as the next request.
    const length = body === undefined || "content-length" in headers ? {} : { "content-length": String(Buffer.byteLength(body)) };
    const request = httpRequest({ host: "127.0.0.1", port, method, path, headers: { ...headers, ...length }, agent: over }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          body: Buffer.concat(chunks).toString(),
          requestId: response.headers["x-request-id"] as string | undefined,
        }),
      );
      response.on("error", reject);
    });
    request.on("error", reject);
    request.end(body);
  });
}

/** Never a 5xx but the 501 that the contract promises; every refusal in the one shape. */
function expectHonest(sent: Sent, got: Got): void {
  const story = `${sent.method} ${sent.path} ${JSON.stringify(sent.headers)} ${String(sent.body).slice(0, 200)} -> ${got.status} ${got.body.slice(0, 300)}`;
  if (got.status === 501) expect(sent.path, story).toContain("/auth/otp/");
  else expect(got.status, story).toBeLessThan(500);
  if (got.status < 400) return;
  const refusal = errorBody.safeParse(JSON.parse(got.body));
  expect(refusal.error?.message, story).toBeUndefined();
  expect(refusal.data?.requestId, story).toBe(got.requestId);
  if (refusal.data?.error === "validation_error") expect(refusal.data.issues?.length, story).toBeGreaterThan(0);
}

const names = Object.keys(routes) as RouteName[];
/** A value that is right, another tenant's, or nonsense. */
const credential = (right: () => string, others: () => string) =>
  fc.oneof(
    fc.constant(right),
    fc.constant(others),
    oddText.map((text) => () => headerSafe(text)),
    fc.constant(() => ""),
  );
const scheme = fc.constantFrom("Bearer ", "DPoP ", "Poll ", "Basic ", "bearer  ", "");
const authorization = fc
  .tuple(
    scheme,
    credential(
      () => shopper.accessToken,
      () => otherShopper.accessToken,
    ),
    credential(
      () => launch.secretKey,
      () => otherTenant.secretKey,
    ),
    fc.boolean(),
  )
  .map(
    ([word, consumer, secret, asShop]) =>
      () =>
        `${word}${asShop ? secret() : consumer()}`,
  );
const publishable = credential(
  () => launch.publishableKey,
  () => otherTenant.publishableKey,
);
const badRequest = fc.record({
  name: fc.constantFrom(...names),
  method: fc.option(fc.constantFrom("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"), { freq: 8, nil: null }),
  part: pathPart,
  query,
  publishable,
  authorization,
  contentType,
  body: oddBody,
});

test("on every route and every kind of nonsense the service answers, refuses in one shape, and never fails", { timeout: 600_000 }, async () => {
  let sent = 0;
  const flow = fc.asyncProperty(fc.array(badRequest, { minLength: 20, maxLength: 20 }), async (batch) => {
    await Promise.all(
      batch.map(async (bad) => {
        const route: Route = routes[bad.name];
        const method = bad.method ?? route.method;
        const hasBody = method !== "GET" && method !== "HEAD";
        const request: Sent = {
          method,
          path: `/api${route.path.replaceAll(/:[A-Za-z]+/g, bad.part)}${bad.query}`,
          headers: {
            "x-publishable-key": bad.publishable(),
            authorization: bad.authorization(),
            ...(hasBody ? { "content-type": bad.contentType } : {}),
          },
          ...(hasBody ? { body: bad.body } : {}),
        };
        sent++;
        const got = await send(route.plane, request);
        if (method !== "HEAD") expectHonest(request, got);
      }),
    );
  });
  await fc.assert(flow, { numRuns: 520, endOnFailure: true });
  expect(sent).toBeGreaterThanOrEqual(10_000);
  expect(service.output()).not.toContain('"level":"error"');
});

describe("what is refused leaves nothing behind", () => {
  test("a nested experience whose queue is wrong makes neither experience nor sequence", async () => {
    const headers = { authorization: `Bearer ${launch.secretKey}`, "content-type": "application/json" };
    const body = JSON.stringify({ id: "exp_half", name: "Half", sequence: { name: "S", queues: [{ id: "queue_line", name: "Taken id", admitRate: 1 }] } });
    expect((await send("admin", { method: "POST", path: "/api/experiences", headers, body })).status).toBe(409);
    expect((await send("admin", { method: "GET", path: "/api/experiences/exp_half", headers })).status).toBe(404);
  });

  test("a huge body is refused by its length before it is read", async () => {
    const headers = { "x-publishable-key": launch.publishableKey, "content-type": "application/json", "content-length": "50000000" };
    // A connection of its own: whoever announces a body and does not send it cannot send anything else there.
    expect((await send("consumer", { method: "POST", path: "/api/auth/guest", headers, body: "{}" }, false)).status).toBe(413);
  });

  test("the other tenant's ids are not there, with the other tenant's keys or without (I7)", async () => {
    const mine = { id: "exp_mine", name: "Mine", sequence: { id: "seq_mine", name: "S", queues: [{ id: "queue_mine", name: "Q", admitRate: 1 }] } };
    const shop = { authorization: `Bearer ${launch.secretKey}`, "content-type": "application/json" };
    expect((await send("admin", { method: "POST", path: "/api/experiences", headers: shop, body: JSON.stringify(mine) })).status).toBe(201);
    const draw = { id: "draw_mine", sequenceId: "seq_mine", name: "D", drawAt: "2999-01-01T00:00:00.000Z", winnerCount: 1 };
    expect((await send("admin", { method: "POST", path: "/api/draws", headers: shop, body: JSON.stringify(draw) })).status).toBe(201);
    const stranger = { authorization: `Bearer ${otherTenant.secretKey}`, "content-type": "application/json" };
    // Somebody new: the nonsense above may well have logged the others out.
    const newcomer = await arrive(service.consumerUrl, otherTenant);
    const asConsumer = {
      "x-publishable-key": otherTenant.publishableKey,
      authorization: `Bearer ${newcomer.accessToken}`,
      "content-type": "application/json",
    };
    const ids: Readonly<Record<string, string>> = {
      experienceId: "exp_mine",
      sequenceId: "seq_mine",
      queueId: "queue_mine",
      drawId: "draw_mine",
      apiKeyId: "key_none",
      consumerId: (await arrive(service.consumerUrl, { ...launch, queueId: "queue_mine" })).consumerId,
    };
    // What is asked must be right in every other way, or the refusal would be about that.
    const bodies: Partial<Record<RouteName, object>> = {
      admitNow: { count: 1 },
      reportStock: { remaining: 1 },
      validateInQueue: { token: "a" },
      completeInQueue: { redemptionId: "redemption_a", orderId: "order_a" },
      validateInDraw: { token: "a" },
      completeInDraw: { redemptionId: "redemption_a", orderId: "order_a" },
      admitToQueue: { count: 1 },
      denyInQueue: { consumerId: "00000000-0000-7000-8000-000000000000", reason: "QUEUE_CLOSED" },
      setQueueStock: { remaining: 1 },
      drawNow: { confirm: "draw_mine" },
      cancelDraw: { confirm: "draw_mine" },
      recordBeacon: { signature: "00".repeat(48) },
    };
    for (const [name, route] of Object.entries(routes) as [RouteName, Route][]) {
      if (!route.path.includes(":")) continue;
      const path = `/api${route.path.replaceAll(/:([A-Za-z]+)/g, (_, id: string) => ids[id] ?? "none")}`;
      const request = {
        method: route.method,
        path,
        headers: route.auth === "secret" ? stranger : asConsumer,
        ...(route.method === "GET" ? {} : { body: JSON.stringify(bodies[name] ?? {}) }),
      };
      expect([route.path, (await send(route.plane, request)).status]).toEqual([route.path, 404]);
    }
    const mixed = { ...asConsumer, "x-publishable-key": launch.publishableKey };
    expect((await send("consumer", { method: "POST", path: "/api/queues/queue_mine/enter", headers: mixed })).status).toBe(401);
  });
});
