import type { CreatedOrganization } from "@fanfare-io/fanfare-contract";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startTestService } from "../testing/start-test-service.ts";
import type { TestAnswer, TestService } from "../testing/start-test-service.ts";

let service: TestService;
let shop: CreatedOrganization;
let queueId: string;
let made = 0;

beforeAll(async () => {
  service = await startTestService();
  shop = await service.createOrganization();
});
afterAll(() => service.stop());
beforeEach(async () => {
  queueId = `queue_stock_${++made}`;
  const queues = [{ id: queueId, name: "Line", admitRate: 60_000 }];
  await operate("POST", "/experiences", { name: "Drop", sequence: { name: "All", queues } });
});

const secret = (by = shop) => ({ headers: { Authorization: `Bearer ${by.secretKey}` } });
const operate = (method: string, path: string, json: unknown): Promise<TestAnswer> => service.ask("admin", method, path, { ...secret(), json });
const report = (remaining: number | null, by = shop): Promise<TestAnswer> =>
  service.ask("consumer", "POST", `/queues/${queueId}/stock`, { ...secret(by), json: { remaining } });
const metrics = async (): Promise<Record<string, unknown>> => (await service.ask("admin", "GET", `/queues/${queueId}/metrics`, secret())).body;

interface Shopper {
  status(): Promise<Record<string, unknown>>;
  enter(): Promise<Record<string, unknown>>;
  leave(): Promise<unknown>;
  buy(orderId: string): Promise<TestAnswer>;
}

async function join(): Promise<Shopper> {
  const key = { "X-Publishable-Key": shop.publishableKey };
  const guest = await service.ask("consumer", "POST", "/auth/guest", { headers: key, json: {} });
  const headers = { ...key, Authorization: `Bearer ${guest.body.accessToken}` };
  const ask = async (method: string, path: string): Promise<Record<string, unknown>> => (await service.ask("consumer", method, path, { headers })).body;
  const shopper: Shopper = {
    status: () => ask("GET", `/queues/${queueId}/status`),
    enter: () => ask("POST", `/queues/${queueId}/enter`),
    leave: () => ask("POST", `/queues/${queueId}/leave`),
    async buy(orderId) {
      const { body } = await service.ask("consumer", "POST", "/grants/presentation", { headers, json: { distributionId: queueId } });
      const hold = await service.ask("consumer", "POST", "/grants/validate", { ...secret(), json: { token: body.token } });
      return service.ask("consumer", "POST", "/grants/complete", { ...secret(), json: { redemptionId: hold.body.redemptionId, orderId } });
    },
  };
  await shopper.enter();
  return shopper;
}
const statusesOf = async (shoppers: readonly Shopper[]): Promise<unknown[]> => Promise.all(shoppers.map(async (each) => (await each.status())["status"]));

test("no more are let in than there is to sell, the last ones are said to be the last, and who waits in vain is told", async () => {
  expect((await report(2)).body).toEqual({ queueId, remaining: 2, activeGrants: 0 });
  const shoppers = [await join(), await join(), await join(), await join()] as const;
  await expect.poll(() => statusesOf(shoppers)).toEqual(["ADMITTED", "ADMITTED", "QUEUED", "QUEUED"]);
  await expect.poll(() => shoppers[2].status()).toMatchObject({ status: "QUEUED", position: 1, lastOnes: true, estimate: null });
  expect((await operate("POST", `/queues/${queueId}/admit`, { count: 1 })).body).toEqual({ admitted: 0, limitedBy: "stock" });

  expect((await shoppers[0].buy("order-1")).status).toBe(200);
  expect(await metrics()).toMatchObject({ stock: 1, activeGrants: 1, state: "open" });
  await shoppers[1].leave();
  await expect.poll(() => statusesOf(shoppers)).toEqual(["COMPLETED", "LEFT", "ADMITTED", "QUEUED"]);

  expect((await shoppers[2].buy("order-2")).status).toBe(200);
  await expect.poll(() => shoppers[3].status()).toEqual({ status: "DENIED", denyReason: "SOLD_OUT" });
  expect(await metrics()).toMatchObject({ stock: 0, activeGrants: 0, state: "exhausted" });
  const newcomer = await join();
  expect(await newcomer.enter()).toMatchObject({ status: "DENIED", denyReason: "SOLD_OUT" });
});

test("an end is taken back when the shop finds more: the place is the one that it was", async () => {
  await report(0);
  const waiter = await join();
  expect(await waiter.status()).toMatchObject({ status: "NOT_QUEUED" });
  await report(null);
  await service.ask("admin", "POST", `/queues/${queueId}/pause`, secret());
  await waiter.enter();
  await join();
  await report(0);
  expect(await waiter.status()).toEqual({ status: "DENIED", denyReason: "SOLD_OUT" });
  await report(5);
  expect(await waiter.enter()).toMatchObject({ status: "QUEUED", ticket: 1, position: 1 });
});

test("the same order asked twice takes one from the stock, and a report goes by what the shop says", async () => {
  await report(3);
  const shopper = await join();
  await expect.poll(() => statusesOf([shopper])).toEqual(["ADMITTED"]);
  const receipt = await shopper.buy("order-1");
  const again = { redemptionId: receipt.body.redemptionId, orderId: "order-1" };
  expect((await service.ask("consumer", "POST", "/grants/complete", { ...secret(), json: again })).status).toBe(200);
  expect(await metrics()).toMatchObject({ stock: 2 });
  expect((await report(7)).body).toMatchObject({ remaining: 7 });
});

test("nobody reports for another organization, and nonsense is refused (I7)", async () => {
  const stranger = await service.createOrganization();
  expect((await report(1, stranger)).status).toBe(404);
  expect((await report(-1)).status).toBe(400);
  expect(await metrics()).toMatchObject({ stock: null });
});
