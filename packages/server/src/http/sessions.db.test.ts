import { randomBytes } from "node:crypto";
import type { CreatedOrganization } from "@fanfare-io/fanfare-contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestService } from "../testing/start-test-service.ts";
import type { TestAnswer, TestService } from "../testing/start-test-service.ts";

let service: TestService;
let shop: CreatedOrganization;
let other: CreatedOrganization;
beforeAll(async () => {
  service = await startTestService();
  shop = await service.createOrganization({ sessionDurationSeconds: 600, embeddingAllowedHosts: ["shop.example"] });
  other = await service.createOrganization();
});
afterAll(() => service.stop());

const secret = () => randomBytes(16).toString("base64url");
const post = (path: string, json?: unknown, headers: Record<string, string> = {}) =>
  service.ask("consumer", "POST", path, { headers: { "X-Publishable-Key": shop.publishableKey, ...headers }, ...(json === undefined ? {} : { json }) });
const bearer = (answer: TestAnswer) => ({ Authorization: `Bearer ${answer.body.accessToken}` });
const session = (answer: TestAnswer, key = shop.publishableKey) =>
  service.ask("consumer", "GET", "/auth/session", { headers: { "X-Publishable-Key": key, ...bearer(answer) } });

describe("a guest", () => {
  test("is made by an empty request, with a session as the guide shows it", async () => {
    const made = await post("/auth/guest");
    expect(made.status).toBe(201);
    const { session: shown, tokenType, expiresInSeconds } = made.body;
    expect(shown).toMatchObject({ type: "guest", guestId: shown.consumerId, bound: false });
    expect(tokenType).toBe("Bearer");
    expect(expiresInSeconds).toBeGreaterThanOrEqual(570);
    expect(Date.parse(shown.expiresAt) - Date.now()).toBeGreaterThan(590_000);
    expect((await session(made)).body).toEqual({ session: shown });
    const me = await service.ask("consumer", "GET", "/consumers/me", { headers: { "X-Publishable-Key": shop.publishableKey, ...bearer(made) } });
    expect(me.body).toMatchObject({ id: shown.consumerId, type: "guest", email: null, active: { participations: [] } });
  });

  test("is one consumer for one install secret, asked for sixteen times at once, and retired after logout", async () => {
    const installSecret = secret();
    const answers = await Promise.all(Array.from({ length: 16 }, () => post("/auth/guest", { installSecret })));
    expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1);
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(15);
    expect(new Set(answers.map((answer) => answer.body.session.consumerId)).size).toBe(1);
    await post("/auth/logout", undefined, bearer(answers[0] as TestAnswer));
    expect(await post("/auth/guest", { installSecret })).toMatchObject({ status: 409, body: { error: "key_retired" } });
  });

  test("may ask for a shorter session than the organization's, and gets no longer one", async () => {
    const short = await post("/auth/guest", { sessionDuration: 60 });
    expect(short.body.expiresInSeconds).toBeLessThanOrEqual(60);
    const long = await post("/auth/guest", { sessionDuration: 86_400 });
    expect(Date.parse(long.body.session.expiresAt) - Date.now()).toBeLessThanOrEqual(600_000);
  });
});

describe("refreshing", () => {
  test("gives new tokens; the parent gets the same child again, and an older one ends the family everywhere", async () => {
    const first = await post("/auth/guest");
    const second = await post("/auth/refresh", { refreshToken: first.body.refreshToken });
    expect(second.status).toBe(200);
    expect(second.body.session.consumerId).toBe(first.body.session.consumerId);
    const again = await post("/auth/refresh", { refreshToken: first.body.refreshToken });
    expect(again.body.refreshToken).toBe(second.body.refreshToken);
    const third = await post("/auth/refresh", { refreshToken: second.body.refreshToken });
    expect(third.status).toBe(200);
    const reused = await post("/auth/refresh", { refreshToken: first.body.refreshToken });
    expect(reused).toMatchObject({ status: 401, body: { error: "invalid_refresh_token", details: { reason: "reused" } } });
    expect(await post("/auth/refresh", { refreshToken: third.body.refreshToken })).toMatchObject({ status: 401, body: { details: { reason: "reused" } } });
    expect((await session(third)).status).toBe(401);
  });

  test("from eight tabs at once logs none of them out", async () => {
    const made = await post("/auth/guest");
    const answers = await Promise.all(Array.from({ length: 8 }, () => post("/auth/refresh", { refreshToken: made.body.refreshToken })));
    expect(answers.map((answer) => answer.status)).toEqual(Array<number>(8).fill(200));
    expect(new Set(answers.map((answer) => answer.body.refreshToken)).size).toBe(1);
  });

  test("with what is no token, or another organization's, says which", async () => {
    expect(await post("/auth/refresh", { refreshToken: "rt_nonsense" })).toMatchObject({ status: 401, body: { details: { reason: "malformed" } } });
    const made = await post("/auth/guest");
    const elsewhere = await post("/auth/refresh", { refreshToken: made.body.refreshToken }, { "X-Publishable-Key": other.publishableKey });
    expect(elsewhere).toMatchObject({ status: 401, body: { details: { reason: "unknown" } } });
    expect((await post("/auth/refresh", { refreshToken: made.body.refreshToken })).status).toBe(200);
  });

  test("after the idle limit is refused, unless the consumer waits in a line", async () => {
    const idle = async () => {
      const made = await post("/auth/guest");
      await service.db.run("update session set idle_expires_at = now() - interval '1 second' where consumer_id = $1", [made.body.session.consumerId]);
      return made;
    };
    const gone = await idle();
    expect(await post("/auth/refresh", { refreshToken: gone.body.refreshToken })).toMatchObject({ status: 401, body: { details: { reason: "expired" } } });
    const waiting = await idle();
    await service.db.run(
      "insert into queue_entry (queue_id, organization_id, ticket, consumer_id, state, ahead_at_entry, entered_at) values ('queue_night', $1, 1, $2, 'waiting', 0, now())",
      [shop.organization.id, waiting.body.session.consumerId],
    );
    expect((await post("/auth/refresh", { refreshToken: waiting.body.refreshToken })).status).toBe(200);
  });
});

test("logging out is for good, by either token, and again is no error", async () => {
  const made = await post("/auth/guest");
  expect(await post("/auth/logout", undefined, bearer(made))).toMatchObject({ status: 204, body: undefined });
  expect((await session(made)).body.error).toBe("invalid_access_token");
  expect(await post("/auth/refresh", { refreshToken: made.body.refreshToken })).toMatchObject({ status: 401, body: { details: { reason: "revoked" } } });
  expect((await post("/auth/logout", undefined, bearer(made))).status).toBe(204);
  expect((await post("/auth/logout")).status).toBe(204);
  const second = await post("/auth/guest");
  expect((await post("/auth/logout", { refreshToken: second.body.refreshToken })).status).toBe(204);
  expect((await session(second)).status).toBe(401);
});

describe("credentials", () => {
  test("of another organization open nothing here", async () => {
    const made = await post("/auth/guest");
    expect(await session(made, other.publishableKey)).toMatchObject({ status: 401, body: { error: "invalid_access_token" } });
  });

  test.each([
    [{}, "missing_publishable_key"],
    [{ "X-Publishable-Key": "pk_live_unknown" }, "invalid_publishable_key"],
    [{ "X-Publishable-Key": "x".repeat(5000) }, "invalid_publishable_key"],
  ])("%j is refused as %s", async (headers, code) => {
    expect(await service.ask("consumer", "POST", "/auth/guest", { headers })).toMatchObject({ status: 401, body: { error: code } });
  });

  test("that are secret are refused in the publishable key's place, with the fix", async () => {
    const answer = await post("/auth/guest", undefined, { "X-Publishable-Key": shop.secretKey });
    expect(answer).toMatchObject({ status: 401, body: { error: "secret_key_exposed" } });
  });

  test.each([
    [{}, "missing_access_token"],
    [{ Authorization: "Bearer" }, "invalid_access_token"],
    [{ Authorization: "Bearer at_AAAA" }, "invalid_access_token"],
    [{ Authorization: "Basic YTpi" }, "invalid_access_token"],
    [{ Authorization: "DPoP at_AAAA" }, "invalid_access_token"],
    [{ Authorization: "Poll pt_AAAA" }, "invalid_access_token"],
  ])("%j in the access token's place is refused as %s", async (headers, code) => {
    const answer = await service.ask("consumer", "GET", "/consumers/me", { headers: { "X-Publishable-Key": shop.publishableKey, ...headers } });
    expect(answer).toMatchObject({ status: 401, body: { error: code } });
    expect(answer.headers.get("www-authenticate")).toContain("Bearer");
  });

  test("stop working when they are revoked", async () => {
    const admin = { Authorization: `Bearer ${shop.secretKey}` };
    const { body: made } = await service.ask("admin", "POST", "/api-keys", { headers: admin, json: { kind: "publishable" } });
    const guest = () => post("/auth/guest", undefined, { "X-Publishable-Key": made.key });
    expect((await guest()).status).toBe(201);
    await service.ask("admin", "DELETE", `/api-keys/${made.id}`, { headers: admin });
    await expect.poll(async () => (await guest()).body.error, { interval: 100 }).toBe("invalid_publishable_key");
  });

  test("never reach the log", async () => {
    const made = await post("/auth/guest");
    const log = service.logged.join("");
    for (const secretText of [made.body.accessToken, made.body.refreshToken, shop.secretKey, service.operatorKey]) expect(log).not.toContain(secretText);
  });
});

describe("a page", () => {
  const fromPage = (origin: string) => post("/auth/guest", undefined, { Origin: origin });

  test("of an allowed host may read the answer", async () => {
    const answer = await fromPage("https://shop.example");
    expect(answer.status).toBe(201);
    expect(answer.headers.get("access-control-allow-origin")).toBe("https://shop.example");
    expect(answer.headers.get("access-control-expose-headers")).toContain("X-Request-Id");
    expect(answer.headers.get("vary")).toContain("Origin");
  });

  test("of any other is refused, and may read why", async () => {
    const answer = await fromPage("https://elsewhere.example");
    expect(answer).toMatchObject({ status: 403, body: { error: "origin_not_allowed" } });
    expect(answer.headers.get("access-control-allow-origin")).toBe("https://elsewhere.example");
  });

  test("gets its preflight without naming an organization, and without credentials", async () => {
    const answer = await service.ask("consumer", "OPTIONS", "/auth/guest", { headers: { Origin: "https://any.example" } });
    expect(answer.status).toBe(204);
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    expect(answer.headers.get("access-control-allow-headers")).toContain("X-Publishable-Key");
    expect(answer.headers.get("access-control-allow-credentials")).toBeNull();
  });

  test("never reads what a secret key does", async () => {
    const headers = { Authorization: `Bearer ${shop.secretKey}`, Origin: "https://shop.example" };
    const answer = await service.ask("consumer", "POST", "/grants/validate", { headers, json: { token: "x" } });
    expect(answer.status).toBe(422);
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
  });
});
