import { connect } from "node:net";
import { routes } from "@fanfare-io/fanfare-contract";
import type { CreatedOrganization, Route } from "@fanfare-io/fanfare-contract";
import { errorBody } from "@fanfare-io/fanfare-contract/schemas";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestService } from "../testing/start-test-service.ts";
import type { TestAnswer, TestRequest, TestService } from "../testing/start-test-service.ts";

let service: TestService;
let shop: CreatedOrganization;
let consumer: TestAnswer;
beforeAll(async () => {
  service = await startTestService();
  shop = await service.createOrganization();
  consumer = await service.ask("consumer", "POST", "/auth/guest", { headers: { "X-Publishable-Key": shop.publishableKey } });
});
afterAll(() => service.stop());

const table = Object.entries(routes) as [string, Route][];

/** Headers that a route's auth accepts. */
function credentials(route: Route): Record<string, string> {
  if (route.auth === "none") return {};
  if (route.auth === "operator") return { Authorization: `Bearer ${service.operatorKey}` };
  if (route.auth === "secret") return { Authorization: `Bearer ${shop.secretKey}` };
  const key = { "X-Publishable-Key": shop.publishableKey };
  return route.auth === "publishable" ? key : { ...key, Authorization: `Bearer ${consumer.body.accessToken}` };
}

/** What holds of every refusal, whatever was sent. */
function expectRefusal(answer: TestAnswer): void {
  expect(answer.status).toBeGreaterThanOrEqual(400);
  if (answer.status !== 501) expect(answer.status).toBeLessThan(500);
  expect(errorBody.safeParse(answer.body).success).toBe(true);
  expect(answer.body.requestId).toBe(answer.headers.get("x-request-id"));
  if ([423, 429, 503].includes(answer.status)) expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
}

describe.each(table)("%s", (_name, route) => {
  const path = route.path.replaceAll(/:\w+/g, "unknown_1");
  const ask = (request: TestRequest, at = path) => service.ask(route.plane, route.method, at, request);
  const takesBody = route.method === "POST" || route.method === "PUT";

  test("refuses a request without credentials", async () => {
    if (route.auth === "none") return;
    expectRefusal(await ask(takesBody ? { json: {} } : {}));
  });

  test("refuses malformed and foreign credentials", async () => {
    for (const Authorization of ["Bearer x", "Bearer sk_live_0000000000000000", "nonsense", "DPoP at_x", `Bearer ${"x".repeat(8000)}`]) {
      if (route.auth === "publishable" || route.path === "/auth/logout") continue;
      const key = route.auth === "secret" || route.auth === "operator" ? {} : { "X-Publishable-Key": shop.publishableKey };
      expectRefusal(await ask({ ...(takesBody ? { json: {} } : {}), headers: { ...key, Authorization } }));
    }
  });

  test("answers nonsense in its body or path with a refusal of the catalog, never with a 5xx", async () => {
    const headers = credentials(route);
    const bodies: TestRequest[] = takesBody
      ? [
          { raw: "{", headers: { "Content-Type": "application/json" } },
          { raw: new Uint8Array([0xff, 0xfe]), headers: { "Content-Type": "application/json" } },
          { raw: "a=b", headers: { "Content-Type": "application/x-www-form-urlencoded" } },
          { raw: "[".repeat(9_000), headers: { "Content-Type": "application/json" } },
          { raw: `{"name":"${"x".repeat(20_000)}"}`, headers: { "Content-Type": "application/json" } },
          { json: null },
          { json: [] },
          { json: { unknown: 1 } },
          { json: { name: "a\u0000b", token: "a\u0000b", distributionId: "a\u0000b" } },
        ]
      : [{}];
    for (const body of bodies) {
      const answer = await ask({ ...body, headers: { ...body.headers, ...headers } });
      if (answer.status >= 400) expectRefusal(answer);
    }
    if (!route.path.includes(":")) return;
    for (const id of ["%00", "%zz", "x".repeat(300), "..%2f..", "%F0%9F%8E%BA", "'--"]) {
      const answer = await ask({ ...(takesBody ? { json: {} } : {}), headers }, route.path.replaceAll(/:\w+/g, id));
      expectRefusal(answer);
    }
  });
});

describe("the protocol", () => {
  test("an unknown path is 404 and an unknown method 405 with Allow, both in the one shape", async () => {
    expect(await service.ask("consumer", "GET", "/nothing")).toMatchObject({ status: 404, body: { error: "not_found" } });
    const answer = await service.ask("consumer", "PUT", "/auth/guest");
    expect(answer).toMatchObject({ status: 405, body: { error: "method_not_allowed" } });
    expect(answer.headers.get("allow")).toBe("POST, OPTIONS");
    expectRefusal(await service.ask("admin", "POST", "/auth/guest"));
  });

  test("a body that is too large is refused by its announcement, and by its bytes where it announces none", async () => {
    const headers = { "X-Publishable-Key": shop.publishableKey, "Content-Type": "application/json" };
    const announced = await service.ask("consumer", "POST", "/auth/guest", { headers, raw: "x".repeat(2_000_000) });
    expect(announced).toMatchObject({ status: 413, body: { error: "payload_too_large", details: { maxBytes: 16_384 } } });
    const chunks = Array.from({ length: 10 }, () => new TextEncoder().encode(" ".repeat(10_000)));
    const body = ReadableStream.from(chunks);
    const streamed = await fetch(`${service.consumerUrl}/auth/guest`, { method: "POST", headers, body, duplex: "half" });
    expect(streamed.status).toBe(413);
    expect((await streamed.json()) as object).toMatchObject({ error: "payload_too_large" });
  });

  test("validation names the field, what is wrong and what was expected", async () => {
    const answer = await service.ask("consumer", "POST", "/auth/guest", {
      headers: { "X-Publishable-Key": shop.publishableKey },
      json: { sessionDuration: "long", installSecret: 5, extra: true },
    });
    expect(answer).toMatchObject({ status: 400, body: { error: "validation_error" } });
    expect(answer.body.issues).toEqual(expect.arrayContaining([{ path: ["sessionDuration"], message: expect.any(String), expected: expect.any(String) }]));
    expect(answer.body.issues.length).toBeGreaterThanOrEqual(3);
  });

  test("every answer forbids sniffing and storing, and carries its id", async () => {
    const { headers } = await service.ask("consumer", "POST", "/auth/guest", { headers: { "X-Publishable-Key": shop.publishableKey } });
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("x-request-id")).toMatch(/^req_/);
  });

  test("HEAD answers like GET without the body", async () => {
    const response = await fetch(`${service.consumerUrl}/healthz`, { method: "HEAD" });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("");
  });

  test("the documents are there under /api and at the root of both planes", async () => {
    for (const base of [service.consumerUrl, service.adminUrl, service.consumerUrl.slice(0, -4), service.adminUrl.slice(0, -4)]) {
      for (const path of ["/healthz", "/readyz", "/openapi.json", "/.well-known/jwks.json"]) {
        const response = await fetch(base + path);
        expect(response.status).toBe(200);
        expect(await response.json()).toBeTypeOf("object");
      }
    }
  });

  test("each plane describes itself", async () => {
    const describe = async (base: string): Promise<object> => ((await (await fetch(`${base}/openapi.json`)).json()) as { paths: object }).paths;
    expect(await describe(service.consumerUrl)).toHaveProperty("/auth/guest");
    expect(await describe(service.adminUrl)).toHaveProperty("/api-keys");
    expect(await describe(service.adminUrl)).not.toHaveProperty("/auth/guest");
  });

  test.each([
    ["what is not HTTP at all", "NONSENSE\r\n\r\n"],
    ["a request for no host", "GET /api/healthz HTTP/1.1\r\nConnection: close\r\n\r\n"],
  ])("%s gets the one shape and a closed connection", async (_what, sent) => {
    const text = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(new URL(service.consumerUrl).port), "127.0.0.1", () => socket.write(sent));
      let received = "";
      socket.on("data", (chunk) => (received += chunk.toString()));
      socket.on("close", () => resolve(received));
      socket.on("error", reject);
    });
    expect(text).toMatch(/^HTTP\/1\.1 400/);
    expect(errorBody.safeParse(JSON.parse(text.slice(text.indexOf("\r\n\r\n")))).success).toBe(true);
  });

  test("a client that hangs up in the middle of its body does no harm", async () => {
    const lines = service.logged.length;
    await new Promise<void>((resolve) => {
      const socket = connect(Number(new URL(service.consumerUrl).port), "127.0.0.1", () => {
        socket.write(
          `POST /api/auth/guest HTTP/1.1\r\nHost: x\r\nX-Publishable-Key: ${shop.publishableKey}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
        );
        socket.end();
        socket.destroySoon();
      });
      socket.on("close", () => resolve());
    });
    expect((await service.ask("consumer", "GET", "/readyz")).status).toBe(200);
    expect(service.logged.slice(lines).join("")).not.toContain('"level":"error"');
  });

  test("random bodies on random routes never bring a 5xx", async () => {
    const writing = table.filter(([name, route]) => route.method !== "GET" && route.method !== "DELETE" && name !== "logout");
    const request = fc.record({
      route: fc.constantFrom(...writing.map(([, route]) => route)),
      json: fc.jsonValue(),
      id: fc.string({ unit: "binary", minLength: 1 }),
    });
    const send = async ({ route, json, id }: { readonly route: Route; readonly json: unknown; readonly id: string }): Promise<void> => {
      const path = route.path.replaceAll(/:\w+/g, encodeURIComponent(id.toWellFormed()));
      const answer = await service.ask(route.plane, route.method, path, { headers: credentials(route), json });
      if (answer.status >= 400) expectRefusal(answer);
    };
    // Ten at once, so that five thousand requests take seconds.
    const ten = fc.array(request, { minLength: 10, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(ten, async (requests) => void (await Promise.all(requests.map(send)))),
      { numRuns: 500 },
    );
  });

  test("nothing of all this was an error of the service", () => {
    expect(service.logged.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  });
});

test("limits count a consumer's calls and an address's guests, and every answer says what is left", async () => {
  const limited = await startTestService({ RATE_LIMITS: "on" });
  try {
    const organization = await limited.createOrganization();
    const headers = { "X-Publishable-Key": organization.publishableKey };
    const made = await limited.ask("consumer", "POST", "/auth/guest", { headers });
    expect(made.headers.get("x-ratelimit-limit")).toBe("300");
    const me = () => limited.ask("consumer", "GET", "/consumers/me", { headers: { ...headers, Authorization: `Bearer ${made.body.accessToken}` } });
    const answers = await Promise.all(Array.from({ length: 140 }, me));
    const refused = answers.filter((answer) => answer.status === 429);
    expect(refused.length).toBeGreaterThanOrEqual(20);
    for (const answer of refused) expectRefusal(answer);
    expect(refused[0]?.headers.get("x-ratelimit-remaining")).toBe("0");
    for (const path of ["/auth/session", "/nothing"]) {
      const counted = await limited.ask("consumer", "GET", path, { headers });
      expect(Number(counted.headers.get("x-ratelimit-remaining"))).toBeLessThan(Number(counted.headers.get("x-ratelimit-limit")));
    }
    const guess = (key: string) => limited.ask("consumer", "POST", "/auth/guest", { headers: { "X-Publishable-Key": key } });
    const left = Number((await guess("pk_live_guess0")).headers.get("x-ratelimit-remaining"));
    expect((await limited.ask("consumer", "GET", `/queues/queue_nowhere?pk=${organization.publishableKey}`)).headers.get("x-ratelimit-limit")).toBe("30000");
    expect(Number((await guess("pk_live_guess1")).headers.get("x-ratelimit-remaining"))).toBeLessThan(left);
  } finally {
    await limited.stop();
  }
});
