import { randomUUID } from "node:crypto";
import type { ConsumerExport, CreatedOrganization, SecurityEvent } from "@fanfare-io/fanfare-contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDevice } from "../testing/device.ts";
import type { TestDevice } from "../testing/device.ts";
import { startTestService } from "../testing/start-test-service.ts";
import type { TestAnswer, TestService } from "../testing/start-test-service.ts";

/** What is to happen within a second may take longer on a machine that does other things as well. */
const patiently = { timeout: 30_000 };
let service: TestService;
let shop: CreatedOrganization;
let other: CreatedOrganization;
let queueId: string;
let experienceId: string;

beforeAll(async () => {
  service = await startTestService();
  [shop, other] = [await service.createOrganization(), await service.createOrganization()];
  const made = await admin("POST", "/experiences", { name: "Launch", sequence: { name: "All", queues: [{ name: "Line", admitRate: 600_000, capacity: 2 }] } });
  experienceId = made.body.id;
  queueId = made.body.sequences[0].queues[0].id;
});
afterAll(() => service.stop());

const admin = (method: string, path: string, json?: unknown, secretKey = shop.secretKey): Promise<TestAnswer> =>
  service.ask("admin", method, path, { headers: { Authorization: `Bearer ${secretKey}` }, ...(json === undefined ? {} : { json }) });
const merchant = (path: string, json: unknown): Promise<TestAnswer> =>
  service.ask("consumer", "POST", path, { headers: { Authorization: `Bearer ${shop.secretKey}` }, json });

interface Shopper {
  readonly consumerId: string;
  readonly refreshToken: string;
  readonly device: TestDevice;
  ask(method: string, path: string, json?: unknown): Promise<TestAnswer>;
}

async function arrive(): Promise<Shopper> {
  const device = await createTestDevice();
  const call = async (method: string, path: string, json: unknown, accessToken?: string) =>
    service.ask("consumer", method, path, {
      headers: {
        "X-Publishable-Key": shop.publishableKey,
        ...(await device.proof(method, `${service.consumerUrl}${path}`, accessToken === undefined ? {} : { accessToken })),
        ...(accessToken === undefined ? {} : { Authorization: `DPoP ${accessToken}` }),
      },
      ...(json === undefined ? {} : { json }),
    });
  const { body } = await call("POST", "/auth/guest", undefined);
  const { consumerId } = body.session;
  return { consumerId, refreshToken: body.refreshToken, device, ask: (method, path, json) => call(method, path, json, body.accessToken) };
}
const enter = (shopper: Shopper) => shopper.ask("POST", `/queues/${queueId}/enter`);
const standing = async (shopper: Shopper) => (await shopper.ask("GET", `/queues/${queueId}/status`)).body;
const present = async (shopper: Shopper): Promise<string> => (await shopper.ask("POST", "/grants/presentation", { distributionId: queueId })).body.token;
async function admitted(shopper: Shopper): Promise<void> {
  await enter(shopper);
  await expect.poll(() => standing(shopper), patiently).toMatchObject({ status: "ADMITTED" });
}
const active = async () => (await admin("GET", `/queues/${queueId}/metrics`)).body.activeGrants;
async function emptied(...shoppers: Shopper[]): Promise<void> {
  for (const shopper of shoppers) await shopper.ask("POST", `/queues/${queueId}/leave`);
  await expect.poll(active, patiently).toBe(0);
}

/** Every table that names consumers: whoever adds one has to decide what export and erasure do with it. */
async function tablesOfConsumers(): Promise<readonly string[]> {
  const rows = await service.db.run<{ table_name: string }>(
    "select table_name from information_schema.columns where table_schema = current_schema() and column_name = 'consumer_id' order by 1",
    [],
  );
  return rows.map((row) => row.table_name);
}
async function tracesOf(consumerId: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const table of await tablesOfConsumers())
    if ((await service.db.run(`select 1 from ${table} where consumer_id = $1`, [consumerId])).length > 0) found.push(table);
  return found;
}

describe("a consumer", () => {
  test("gets everything that is held about it, and nobody else's", async () => {
    const [shopper, stranger] = [await arrive(), await arrive()];
    await Promise.all([shopper, stranger].map((each) => each.ask("POST", `/experiences/${experienceId}/enter`)));
    await admitted(shopper);
    const { body } = (await shopper.ask("GET", "/consumers/me/export")) as { readonly body: ConsumerExport };
    expect(body).toMatchObject({
      consumer: { id: shopper.consumerId, type: "guest", email: null },
      sessions: [{ bound: true, endedAt: null }],
      participations: [{ mechanism: "queue", distributionId: queueId, experienceId, status: "admitted" }],
      grants: [{ distributionId: queueId, status: "active", orderId: null }],
      visits: [{ experienceId }],
    });
    expect(JSON.stringify(body)).not.toContain(stranger.consumerId);
    const byOperator = async () => (await admin("GET", `/consumers/${shopper.consumerId}/export`)).body;
    expect(await byOperator()).toMatchObject({ consumer: body.consumer });
    await expect.poll(async () => (await byOperator()).securityEvents.map((event: SecurityEvent) => event.reason), patiently).toContain("consumer");
    await emptied(shopper);
  });

  test("who asks to be forgotten leaves no trace in any table, loses its place, and its key is retired", async () => {
    const [shopper, next] = [await arrive(), await arrive()];
    await shopper.ask("POST", `/experiences/${experienceId}/enter`);
    await shopper.ask("GET", "/consumers/me/export");
    await admitted(shopper);
    expect(await tablesOfConsumers()).toEqual([
      "admission_grant",
      "consumer_alias",
      "consumer_identity",
      "consumer_link",
      "draw_entry",
      "entry_check",
      "entry_key",
      "experience_visit",
      "queue_entry",
      "security_event",
      "session",
    ]);
    expect((await tracesOf(shopper.consumerId)).length).toBeGreaterThanOrEqual(4);
    const token = await present(shopper);
    expect((await shopper.ask("DELETE", "/consumers/me")).status).toBe(204);
    expect(await tracesOf(shopper.consumerId)).toEqual([]);
    expect(await service.db.run("select 1 from consumer where id = $1", [shopper.consumerId])).toEqual([]);
    expect((await shopper.ask("GET", "/consumers/me")).status).toBe(401);
    expect((await merchant("/grants/validate", { token })).status).toBeGreaterThanOrEqual(409);
    const again = await service.ask("consumer", "POST", "/auth/guest", {
      headers: { "X-Publishable-Key": shop.publishableKey, ...(await shopper.device.proof("POST", `${service.consumerUrl}/auth/guest`)) },
    });
    expect(again).toMatchObject({ status: 409, body: { error: "key_retired" } });
    const refresh = await shopper.ask("POST", "/auth/refresh", { refreshToken: shopper.refreshToken });
    expect(refresh.status).toBe(401);
    // The slot went on to the next, and tickets are still what they were.
    await admitted(next);
    await emptied(next);
    const noted = async () => (await admin("GET", "/security-events?kind=consumer_erased")).body.data[0];
    await expect.poll(noted, patiently).toMatchObject({ consumerId: null, network: null });
  });

  test("who is forgotten while the shop takes the payment does not cost the shop its order", async () => {
    const shopper = await arrive();
    await admitted(shopper);
    const held = await merchant("/grants/validate", { token: await present(shopper) });
    expect((await admin("DELETE", `/consumers/${shopper.consumerId}`)).status).toBe(204);
    expect(await tracesOf(shopper.consumerId)).toEqual([]);
    const sold = await merchant("/grants/complete", { redemptionId: held.body.redemptionId, orderId: "order-1" });
    expect(sold).toMatchObject({ status: 200, body: { orderId: "order-1" } });
    expect(sold.body.consumerId).not.toBe(shopper.consumerId);
    await expect.poll(active, patiently).toBe(0);
  });

  test.each([
    ["logs out", "POST", "/auth/logout"],
    ["ends all of its sessions", "DELETE", "/auth/sessions"],
  ])("who %s takes back what was presented and not used, and keeps the grant", async (_what, method, path) => {
    const shopper = await arrive();
    await admitted(shopper);
    const { grantId } = await standing(shopper);
    const token = await present(shopper);
    expect((await shopper.ask(method, path)).status).toBe(204);
    expect((await merchant("/grants/validate", { token })).status).toBe(409);
    expect(await active()).toBe(1);
    await admin("POST", "/grants/revoke", { distributionId: queueId, grantId });
    expect(await active()).toBe(0);
  });

  test("is nobody to another organization, whatever it asks", async () => {
    const shopper = await arrive();
    const routes = [
      ["GET", `/consumers/${shopper.consumerId}/export`],
      ["DELETE", `/consumers/${shopper.consumerId}`],
      ["POST", `/consumers/${shopper.consumerId}/revoke`],
      ["GET", "/consumers/nobody/export"],
      ["POST", `/sessions/${randomUUID()}/revoke`],
    ] as const;
    for (const [method, path] of routes) expect((await admin(method, path, undefined, other.secretKey)).status, path).toBe(404);
    expect((await shopper.ask("GET", "/consumers/me")).status).toBe(200);
  });
});

describe("an operator", () => {
  test("takes a grant back: it can be neither presented nor held nor completed, the slot is free, and the page is told why", async () => {
    const shopper = await arrive();
    await admitted(shopper);
    const { grantId } = await standing(shopper);
    const held = await merchant("/grants/validate", { token: await present(shopper) });
    const late = await present(shopper);
    const revoke = (secretKey?: string) => admin("POST", "/grants/revoke", { distributionId: queueId, grantId, reason: "BOT_DETECTED" }, secretKey);
    expect((await revoke(other.secretKey)).status).toBe(404);
    expect(await revoke()).toMatchObject({ status: 200, body: { grantId, status: "revoked" } });
    expect((await revoke()).status).toBe(200);
    expect(await merchant("/grants/complete", { redemptionId: held.body.redemptionId, orderId: "late" })).toMatchObject({
      status: 409,
      body: { error: "grant_revoked" },
    });
    expect(await merchant("/grants/validate", { token: late })).toMatchObject({ status: 409, body: { error: "grant_revoked" } });
    expect((await shopper.ask("POST", "/grants/presentation", { distributionId: queueId })).status).toBe(409);
    expect(await standing(shopper)).toEqual({ status: "DENIED", denyReason: "BOT_DETECTED" });
    expect(await active()).toBe(0);
  });

  test("ends a session: its token and what it presented are void at once, and the consumer keeps the grant", async () => {
    const shopper = await arrive();
    await admitted(shopper);
    const token = await present(shopper);
    const [session] = await service.db.run<{ id: string }>("select id from session where consumer_id = $1", [shopper.consumerId]);
    expect((await admin("POST", `/sessions/${session?.id}/revoke`)).status).toBe(204);
    expect((await shopper.ask("GET", "/auth/session")).status).toBe(401);
    expect((await merchant("/grants/validate", { token })).status).toBe(409);
    expect(await active()).toBe(1);
    await admin("POST", `/consumers/${shopper.consumerId}/revoke`);
    expect(await active()).toBe(0);
  });

  test("ends all that a consumer has here, waiting or let in, and reads in the log that it was done", async () => {
    const shoppers = [await arrive(), await arrive(), await arrive()];
    await admitted(shoppers[0] as Shopper);
    await admitted(shoppers[1] as Shopper);
    await enter(shoppers[2] as Shopper);
    const [first, , last] = shoppers as [Shopper, Shopper, Shopper];
    expect((await admin("POST", `/consumers/${last.consumerId}/revoke`, { reason: "BOT_DETECTED" })).body).toMatchObject({ sessions: 1, places: 1, grants: 0 });
    expect((await admin("POST", `/consumers/${first.consumerId}/revoke`)).body).toMatchObject({ sessions: 1, places: 1, grants: 1 });
    expect((await first.ask("GET", "/consumers/me")).status).toBe(401);
    await expect.poll(async () => (await admin("GET", "/security-events?kind=consumer_revoked")).body.data.length, patiently).toBe(3);
    const named = await admin("GET", `/security-events?consumerId=${last.consumerId}`);
    expect(named.body.data).toMatchObject([{ kind: "consumer_revoked", reason: "BOT_DETECTED", times: 1 }]);
    await emptied(shoppers[1] as Shopper);
  });
});
