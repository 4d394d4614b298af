import type { CreatedOrganization } from "@fanfare-io/fanfare-contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestService } from "../testing/start-test-service.ts";
import type { TestAnswer, TestService } from "../testing/start-test-service.ts";

let service: TestService;
let shop: CreatedOrganization;
let other: CreatedOrganization;
beforeAll(async () => {
  service = await startTestService();
  shop = await service.createOrganization();
  other = await service.createOrganization();
});
afterAll(() => service.stop());

const admin = { headers: () => ({ Authorization: `Bearer ${shop.secretKey}` }) };
const shopAsks = (path: string, json: unknown, owner = shop) =>
  service.ask("consumer", "POST", path, { headers: { Authorization: `Bearer ${owner.secretKey}` }, json });

interface Shopper {
  ask(method: string, path: string, json?: unknown): Promise<TestAnswer>;
  poll(queueId: string, pollToken: string): Promise<TestAnswer>;
}
async function arrive(): Promise<Shopper> {
  const key = { "X-Publishable-Key": shop.publishableKey };
  const { body } = await service.ask("consumer", "POST", "/auth/guest", { headers: key });
  return {
    ask: (method, path, json) =>
      service.ask("consumer", method, path, { headers: { ...key, Authorization: `Bearer ${body.accessToken}` }, ...(json === undefined ? {} : { json }) }),
    poll: (queueId, pollToken) => service.ask("consumer", "GET", `/queues/${queueId}/status`, { headers: { ...key, Authorization: `Poll ${pollToken}` } }),
  };
}
async function launch(id: string, queue: object): Promise<void> {
  const json = { id: `exp_${id}`, name: "Launch", sequence: { name: "Everyone", queues: [{ id: `queue_${id}`, name: "Line", admitRate: 6000, ...queue }] } };
  expect((await service.ask("admin", "POST", "/experiences", { headers: admin.headers(), json })).status).toBe(201);
  const there = async () => (await service.ask("consumer", "GET", `/queues/queue_${id}`, { headers: { "X-Publishable-Key": shop.publishableKey } })).status;
  await expect.poll(there).toBe(200);
}

test("one shopper goes from arrival to an order, and the next one follows", async () => {
  await launch("walk", { capacity: 1 });
  const [ann, bob] = [await arrive(), await arrive()];
  const routed = await ann.ask("POST", "/experiences/exp_walk/route");
  expect(routed.body).toMatchObject({ outcome: "routed", offers: [{ gates: [], distribution: { id: "queue_walk", type: "queue", state: "active" } }] });
  const visit = await ann.ask("POST", "/experiences/exp_walk/enter");
  expect(visit.body).toMatchObject({ experience: { id: "exp_walk" } });
  // Coming again is the same visit.
  expect((await ann.ask("POST", "/experiences/exp_walk/enter")).body).toEqual(visit.body);
  const entered = await ann.ask("POST", "/queues/queue_walk/enter");
  expect(entered.status).toBe(200);
  const { pollToken } = entered.body;
  await expect.poll(async () => (await ann.poll("queue_walk", pollToken)).body.status).toBe("ADMITTED");
  const behind = await bob.ask("POST", "/queues/queue_walk/enter");
  expect(behind.body).toMatchObject({ status: "QUEUED", position: 1, waitingAhead: 0 });
  expect((await bob.ask("GET", "/consumers/me")).body.active.participations).toMatchObject([{ distributionId: "queue_walk", status: "participating" }]);

  const presented = await ann.ask("POST", "/grants/presentation", { distributionId: "queue_walk", nonce: "n1" });
  expect(presented.status).toBe(200);
  expect(await shopAsks("/grants/validate", { token: presented.body.token, nonce: "n1" }, other)).toMatchObject({ status: 422 });
  const held = await shopAsks("/grants/validate", { token: presented.body.token, nonce: "n1" });
  expect(held).toMatchObject({ status: 200, body: { distributionId: "queue_walk", mechanism: "queue" } });
  expect((await shopAsks("/grants/validate", { token: presented.body.token, nonce: "n1" })).body.error).toBe("grant_token_used");
  const { redemptionId } = held.body;
  expect((await shopAsks("/grants/complete", { redemptionId, orderId: "o1" }, other)).status).toBeGreaterThanOrEqual(400);
  const receipt = await shopAsks("/grants/complete", { redemptionId, orderId: "o1", orderAmount: "139.99" });
  expect(receipt).toMatchObject({ status: 200, body: { orderId: "o1", orderAmount: "139.99" } });
  expect((await shopAsks("/grants/complete", { redemptionId, orderId: "o1", orderAmount: "139.99" })).body).toEqual(receipt.body);
  expect((await shopAsks("/grants/complete", { redemptionId, orderId: "o2" })).body.error).toBe("grant_completed");
  await expect.poll(async () => (await bob.poll("queue_walk", behind.body.pollToken)).body.status).toBe("ADMITTED");
  expect((await ann.poll("queue_walk", pollToken)).body.status).toBe("COMPLETED");
});

test("leaving an experience gives every place in it up", async () => {
  await launch("leave", { admitRate: 0 });
  const ann = await arrive();
  const { body } = await ann.ask("POST", "/queues/queue_leave/enter");
  expect(body.status).toBe("QUEUED");
  expect((await ann.ask("DELETE", "/experiences/exp_leave/leave")).status).toBe(204);
  expect((await ann.poll("queue_leave", body.pollToken)).body.status).toBe("LEFT");
});

test("a poll token opens its queue's status and nothing else", async () => {
  await launch("poll", { admitRate: 0 });
  await launch("poll_other", { admitRate: 0 });
  const ann = await arrive();
  const { pollToken } = (await ann.ask("POST", "/queues/queue_poll/enter")).body;
  expect((await ann.poll("queue_poll", pollToken)).body.status).toBe("QUEUED");
  expect(await ann.poll("queue_poll_other", pollToken)).toMatchObject({ status: 401, body: { error: "invalid_poll_token" } });
  const headers = { "X-Publishable-Key": shop.publishableKey, Authorization: `Poll ${pollToken}` };
  expect(await service.ask("consumer", "GET", "/consumers/me", { headers })).toMatchObject({ status: 401, body: { error: "invalid_access_token" } });
  const foreign = { "X-Publishable-Key": other.publishableKey, Authorization: `Poll ${pollToken}` };
  expect((await service.ask("consumer", "GET", "/queues/queue_poll/status", { headers: foreign })).status).toBe(401);
});

test("everyone's view of a line is the same bytes, cacheable, and checked by its tag", async () => {
  await launch("public", { admitRate: 0 });
  const get = (headers: Record<string, string> = {}, query = `?pk=${shop.publishableKey}`) =>
    fetch(`${service.consumerUrl}/queues/queue_public${query}`, { headers });
  const first = await get({ Origin: "https://anywhere.example" });
  expect(first.status).toBe(200);
  expect(first.headers.get("access-control-allow-origin")).toBe("*");
  expect(first.headers.get("cache-control")).toContain("public");
  expect(first.headers.get("vary")).toBe("X-Publishable-Key");
  expect(first.headers.get("x-request-id")).toBeNull();
  expect(first.headers.get("x-ratelimit-limit")).toBeNull();
  const etag = first.headers.get("etag") ?? "";
  expect(etag).toMatch(/^"/);
  await expect
    .poll(async () => {
      const current = (await get()).headers.get("etag") ?? "";
      return (await get({ "If-None-Match": current })).status;
    })
    .toBe(304);
  expect((await get({}, `?pk=${other.publishableKey}`)).status).toBe(404);
});

test("a shopper is given more time as often as the queue allows, and no slot is taken for it (I4)", async () => {
  await launch("more", { capacity: 1, admissionExpirationSeconds: 20, grantExtensions: 2, grantExtensionSeconds: 300 });
  const [ann, bob] = [await arrive(), await arrive()];
  const asks = { distributionId: "queue_more" };
  const { pollToken } = (await ann.ask("POST", "/queues/queue_more/enter")).body;
  expect(await ann.ask("POST", "/grants/extend", asks)).toMatchObject({ status: 409 });
  await expect.poll(async () => (await ann.poll("queue_more", pollToken)).body.status).toBe("ADMITTED");
  const presented = (await ann.ask("POST", "/grants/presentation", asks)).body;
  expect(presented.extension).toEqual({ left: 2, seconds: 300 });
  const once = (await ann.ask("POST", "/grants/extend", asks)).body;
  expect(once).toMatchObject({ grantId: presented.grantId, extension: { left: 1, seconds: 300 } });
  expect(Date.parse(once.expiresAt) - Date.parse(presented.expiresAt)).toBe(300_000);
  expect((await ann.poll("queue_more", pollToken)).body.expiresAt).toBe(once.expiresAt);
  expect((await ann.ask("POST", "/grants/extend", asks)).body).not.toHaveProperty("extension");
  expect(await ann.ask("POST", "/grants/extend", asks)).toMatchObject({ status: 409, body: { error: "grant_not_extendable" } });
  expect((await ann.ask("POST", "/grants/presentation", asks)).body).not.toHaveProperty("extension");
  // Still one slot, and still the next in line behind it; a stranger's grant is nobody's to extend.
  expect((await bob.ask("POST", "/queues/queue_more/enter")).body).toMatchObject({ status: "QUEUED", position: 1 });
  expect(await bob.ask("POST", "/grants/extend", asks)).toMatchObject({ status: 409, body: { error: "grant_not_active" } });
  const metrics = await service.ask("admin", "GET", "/queues/queue_more/metrics", { headers: admin.headers() });
  expect(metrics.body).toMatchObject({ activeGrants: 1, granted: 1, waiting: 1 });
});

test("a queue that allows no more time says so", async () => {
  await launch("strict", { capacity: 1 });
  const ann = await arrive();
  const { pollToken } = (await ann.ask("POST", "/queues/queue_strict/enter")).body;
  await expect.poll(async () => (await ann.poll("queue_strict", pollToken)).body.status).toBe("ADMITTED");
  expect(await ann.ask("POST", "/grants/extend", { distributionId: "queue_strict" })).toMatchObject({ status: 409, body: { error: "grant_not_extendable" } });
});
