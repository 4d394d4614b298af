import type { CreatedOrganization } from "@fanfare-io/fanfare-contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDevice } from "../testing/device.ts";
import type { ProofWish, TestDevice } from "../testing/device.ts";
import { startTestService } from "../testing/start-test-service.ts";
import type { TestAnswer, TestService } from "../testing/start-test-service.ts";

let service: TestService;
let shop: CreatedOrganization;
let other: CreatedOrganization;
let thief: TestDevice;
beforeAll(async () => {
  service = await startTestService();
  shop = await service.createOrganization({ sessionDurationSeconds: 600 });
  other = await service.createOrganization();
  thief = await createTestDevice();
});
afterAll(() => service.stop());

interface Wish extends ProofWish {
  readonly json?: unknown;
  readonly headers?: Record<string, string>;
}

const key = () => ({ "X-Publishable-Key": shop.publishableKey });
async function call(device: TestDevice | null, method: string, path: string, { json, headers, ...wish }: Wish = {}): Promise<TestAnswer> {
  const proof = device === null ? {} : await device.proof(method, `${service.consumerUrl}${path}`, wish);
  const authorization = wish.accessToken === undefined ? {} : { Authorization: `DPoP ${wish.accessToken}` };
  return service.ask("consumer", method, path, {
    headers: { ...key(), ...authorization, ...proof, ...headers },
    ...(json === undefined ? {} : { json }),
  });
}
const guest = (device: TestDevice, wish?: Wish) => call(device, "POST", "/auth/guest", wish);
const refresh = (device: TestDevice | null, made: TestAnswer) => call(device, "POST", "/auth/refresh", { json: { refreshToken: made.body.refreshToken } });
const session = (device: TestDevice | null, made: TestAnswer) => call(device, "GET", "/auth/session", { accessToken: made.body.accessToken });
const refusal = (reason: string) => ({ status: 401, body: { error: "invalid_dpop_proof", details: { reason } } });

describe("a guest who proves a key", () => {
  test("gets a session that is bound to it, and uses it by proving", async () => {
    const device = await createTestDevice();
    const made = await guest(device);
    expect(made).toMatchObject({ status: 201, body: { tokenType: "DPoP", session: { type: "guest", bound: "device" } } });
    expect(made.headers.get("dpop-nonce")).toMatch(/\S{10}/);
    expect(await session(device, made)).toMatchObject({ status: 200, body: { session: made.body.session } });
  });

  test("is one consumer for one key, asked for sixteen times at once and again later, and another with another organization", async () => {
    const device = await createTestDevice();
    const answers = await Promise.all(Array.from({ length: 16 }, () => guest(device)));
    expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1);
    const ids = new Set(answers.map((answer) => answer.body.session.consumerId));
    expect(ids.size).toBe(1);
    await service.db.run("update session set created_at = now() - interval '2 minutes' where consumer_id = any($1)", [[...ids]]);
    const later = await guest(device);
    expect([later.status, ids.has(later.body.session.consumerId)]).toEqual([200, true]);
    const elsewhere = await guest(device, { headers: { "X-Publishable-Key": other.publishableKey } });
    expect([elsewhere.status, ids.has(elsewhere.body.session.consumerId)]).toEqual([201, false]);
  });

  test("gets nobody by that key any more once the session is over", async () => {
    const device = await createTestDevice();
    const made = await guest(device);
    await service.db.run("update session set idle_expires_at = now() - interval '1 second' where consumer_id = $1", [made.body.session.consumerId]);
    expect(await guest(device)).toMatchObject({ status: 409, body: { error: "key_retired" } });
    const left = await createTestDevice();
    const gone = await guest(left);
    expect((await call(left, "POST", "/auth/logout", { accessToken: gone.body.accessToken })).status).toBe(204);
    expect(await guest(left)).toMatchObject({ status: 409, body: { error: "key_retired" } });
  });

  test("keeps it beyond the idle limit while waiting in a line", async () => {
    const device = await createTestDevice();
    const made = await guest(device);
    const { consumerId } = made.body.session;
    await service.db.run("update session set idle_expires_at = now() - interval '1 second' where consumer_id = $1", [consumerId]);
    await service.db.run(
      "insert into queue_entry (queue_id, organization_id, ticket, consumer_id, state, ahead_at_entry, entered_at) values ('queue_bound', $1, 1, $2, 'waiting', 0, now())",
      [shop.organization.id, consumerId],
    );
    expect(await guest(device)).toMatchObject({ status: 200, body: { session: { consumerId } } });
    expect((await refresh(device, made)).status).toBe(200);
  });

  test("who has become somebody is told so", async () => {
    const device = await createTestDevice();
    const made = await guest(device);
    await service.db.run("update consumer set type = 'identified', email = 'ann@shop.example' where id = $1", [made.body.session.consumerId]);
    expect(await guest(device)).toMatchObject({ status: 409, body: { error: "session_upgraded" } });
  });
});

describe("the tokens of a bound session, copied,", () => {
  test("are refused as Bearer, without a proof, and with a proof of another key; the session stands", async () => {
    const device = await createTestDevice();
    const made = await guest(device);
    const { accessToken } = made.body;
    const asBearer = { headers: { Authorization: `Bearer ${accessToken}` } };
    expect(await call(null, "GET", "/auth/session", asBearer)).toMatchObject({ status: 401, body: { error: "invalid_access_token" } });
    expect(await call(device, "GET", "/auth/session", asBearer)).toMatchObject({ status: 401, body: { error: "invalid_access_token" } });
    expect(await session(null, made)).toMatchObject(refusal("missing"));
    expect(await session(thief, made)).toMatchObject(refusal("key"));
    expect(await refresh(null, made)).toMatchObject(refusal("missing"));
    expect(await refresh(thief, made)).toMatchObject(refusal("key"));
    expect(await call(thief, "POST", "/auth/logout", { accessToken })).toMatchObject(refusal("key"));
    for (const who of [null, thief]) {
      const json = { refreshToken: made.body.refreshToken };
      expect((await call(who, "POST", "/auth/logout", { json })).status).toBe(401);
    }
    expect((await session(device, made)).status).toBe(200);
    expect((await refresh(device, made)).status).toBe(200);
    expect(service.logged.join("")).toContain("another key");
  });

  test("of an unbound one are refused where a proof is claimed", async () => {
    const made = await call(null, "POST", "/auth/guest");
    expect(made.body.tokenType).toBe("Bearer");
    expect(await session(thief, made)).toMatchObject({ status: 401, body: { error: "invalid_access_token" } });
  });

  test("leave no trace in the log", () => {
    expect(service.logged.join("")).not.toMatch(/(?:at_|rt_|eyJ)[\w-]{20}/);
  });
});

describe("renewing a bound session", () => {
  test("keeps its refresh token, moves its idle limit, and never makes it unbound", async () => {
    const device = await createTestDevice();
    const made = await guest(device);
    const before = await service.db.run<{ idle_expires_at: Date }>(
      "update session set idle_expires_at = now() + interval '1 minute' where consumer_id = $1 returning idle_expires_at",
      [made.body.session.consumerId],
    );
    const answers = await Promise.all(Array.from({ length: 8 }, () => refresh(device, made)));
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 200, body: { refreshToken: made.body.refreshToken, tokenType: "DPoP", session: { bound: "device" } } });
      expect(Date.parse(answer.body.session.expiresAt)).toBeGreaterThan((before[0]?.idle_expires_at.getTime() ?? 0) + 500_000);
    }
    // Long after its parent's grace: the first token is still the one.
    await service.db.run("update session set refreshed_at = now() - interval '1 hour' where consumer_id = $1", [made.body.session.consumerId]);
    expect((await refresh(device, made)).status).toBe(200);
  });

  test("is over after logout by refresh token and proof", async () => {
    const device = await createTestDevice();
    const made = await guest(device);
    const json = { refreshToken: made.body.refreshToken };
    expect((await call(device, "POST", "/auth/logout", { json })).status).toBe(204);
    expect((await call(device, "POST", "/auth/logout", { json })).status).toBe(204);
    expect(await refresh(device, made)).toMatchObject({ status: 401, body: { details: { reason: "revoked" } } });
    expect(await session(device, made)).toMatchObject({ status: 401, body: { error: "invalid_access_token" } });
  });
});

describe("a device whose clock is wrong", () => {
  test("is asked to prove with the service's nonce, and is let in with it", async () => {
    const device = await createTestDevice();
    const iat = Math.floor(Date.now() / 1000) + 86_400;
    const asked = await guest(device, { iat });
    expect(asked).toMatchObject({ status: 401, body: { error: "use_dpop_nonce" } });
    expect(asked.headers.get("www-authenticate")).toMatch(/^DPoP .*error="use_dpop_nonce"/);
    const nonce = asked.headers.get("dpop-nonce") ?? "";
    const made = await guest(device, { iat, nonce });
    expect(made.status).toBe(201);
    expect((await call(device, "GET", "/auth/session", { iat, nonce, accessToken: made.body.accessToken })).status).toBe(200);
  });
});

test("a page of an allowed origin may read the nonce, and the shared body of a queue carries none", async () => {
  const answer = await service.ask("consumer", "POST", "/auth/guest", { headers: { ...key(), Origin: "http://localhost" } });
  expect(answer.headers.get("access-control-expose-headers")).toContain("DPoP-Nonce");
  expect((await service.ask("admin", "GET", "/organizations/current")).headers.get("dpop-nonce")).toBeNull();
});

test("only the configured addresses count, whatever the request calls itself", async () => {
  const behind = await startTestService({ CONSUMER_PUBLIC_URLS: "https://queue.shop.example" });
  try {
    const { publishableKey } = await behind.createOrganization();
    const device = await createTestDevice();
    const ask = async (url: string) =>
      behind.ask("consumer", "POST", "/auth/guest", {
        headers: { "X-Publishable-Key": publishableKey, "X-Forwarded-Host": "evil.example", ...(await device.proof("POST", `${url}/auth/guest`)) },
      });
    expect((await ask("https://queue.shop.example/api")).status).toBe(201);
    for (const url of ["http://evil.example/api", behind.consumerUrl]) expect(await ask(url)).toMatchObject(refusal("url"));
    expect(behind.logged.join("")).toContain("CONSUMER_PUBLIC_URLS");
  } finally {
    await behind.stop();
  }
});
