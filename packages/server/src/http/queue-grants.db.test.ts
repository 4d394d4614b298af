import type { CreatedOrganization } from "@fanfare-io/fanfare-contract";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startTestService } from "../testing/start-test-service.ts";
import type { TestAnswer, TestService } from "../testing/start-test-service.ts";

let service: TestService;
let shop: CreatedOrganization;
let stranger: CreatedOrganization;
let [queueId, otherQueueId] = ["", ""];

beforeAll(async () => {
  service = await startTestService();
  [shop, stranger] = [await service.createOrganization(), await service.createOrganization()];
});
afterAll(() => service.stop());
beforeEach(async () => {
  const queues = ["Line", "Other"].map((name) => ({ name, admitRate: 0, capacity: 1 }));
  const { body } = await service.ask("admin", "POST", "/experiences", { ...secret(), json: { name: "Drop", sequence: { name: "All", queues } } });
  [queueId, otherQueueId] = body.sequences[0].queues.map((queue: { id: string }) => queue.id);
});

const secret = (by = shop) => ({ headers: { Authorization: `Bearer ${by.secretKey}` } });
const merchant = (action: string, json: unknown, queue = queueId, by = shop): Promise<TestAnswer> =>
  service.ask("consumer", "POST", `/queues/${queue}/${action}`, { ...secret(by), json });

interface Shopper {
  readonly consumerId: string;
  ask(method: string, path: string, json?: unknown): Promise<TestAnswer>;
  status(): Promise<unknown>;
  token(): Promise<string>;
}

async function join(): Promise<Shopper> {
  const key = { "X-Publishable-Key": shop.publishableKey };
  const guest = await service.ask("consumer", "POST", "/auth/guest", { headers: key, json: {} });
  const headers = { ...key, Authorization: `Bearer ${guest.body.accessToken}` };
  const ask = (method: string, path: string, json?: unknown) => service.ask("consumer", method, path, { headers, ...(json === undefined ? {} : { json }) });
  await ask("POST", `/queues/${queueId}/enter`);
  return {
    consumerId: guest.body.session.consumerId,
    ask,
    status: async () => (await ask("GET", `/queues/${queueId}/status`)).body,
    token: async () => (await ask("POST", "/grants/presentation", { distributionId: queueId })).body.token,
  };
}

test("the shop lets in, validates and completes under the queue's own address, and nothing of another queue", async () => {
  const shopper = await join();
  expect((await merchant("admit", { count: 1 })).body).toEqual({ admitted: 1, limitedBy: null });
  const token = await shopper.token();
  expect(await merchant("validate", { token }, otherQueueId)).toMatchObject({ status: 422, body: { error: "invalid_grant_token" } });
  const { body: hold } = await merchant("validate", { token });
  expect(hold).toMatchObject({ consumerId: shopper.consumerId, distributionId: queueId });
  const sale = { redemptionId: hold.redemptionId, orderId: "order_1" };
  expect(await merchant("complete", sale, otherQueueId)).toMatchObject({ status: 409, body: { error: "grant_not_held" } });
  const receipt = await merchant("complete", sale);
  expect(receipt).toMatchObject({ status: 200, body: { orderId: "order_1", distributionId: queueId } });
  expect((await service.ask("consumer", "POST", "/grants/complete", { ...secret(), json: sale })).body).toEqual(receipt.body);
  expect(await shopper.status()).toEqual({ status: "COMPLETED" });
});

test("the shop denies somebody: the place or the grant ends at once, its slot is free, and they are told why", async () => {
  const [first, second, third] = [await join(), await join(), await join()];
  await merchant("admit", { count: 1 });
  const token = await first.token();
  expect((await merchant("deny", { consumerId: second.consumerId, reason: "ORDER_LIMIT_EXCEEDED" })).body).toEqual({
    status: "DENIED",
    denyReason: "ORDER_LIMIT_EXCEEDED",
  });
  expect(await second.status()).toEqual({ status: "DENIED", denyReason: "ORDER_LIMIT_EXCEEDED" });
  expect(await third.status()).toMatchObject({ position: 1 });
  for (const _twice of [1, 2])
    expect((await merchant("deny", { consumerId: first.consumerId, reason: "BOT_DETECTED" })).body).toEqual({ status: "DENIED", denyReason: "BOT_DETECTED" });
  expect((await merchant("validate", { token })).status).toBeGreaterThanOrEqual(400);
  expect((await merchant("admit", { count: 1 })).body).toEqual({ admitted: 1, limitedBy: null });
  expect(await third.status()).toMatchObject({ status: "ADMITTED" });
});

test("nobody is denied who is not in this queue, nor by another shop (I7)", async () => {
  const shopper = await join();
  const { consumerId } = shopper;
  const reason = "QUEUE_CLOSED";
  expect((await merchant("deny", { consumerId, reason }, otherQueueId)).status).toBe(404);
  expect((await merchant("deny", { consumerId, reason }, queueId, stranger)).status).toBe(404);
  expect((await merchant("deny", { consumerId, reason: "SOLD_OUT" })).status).toBe(400);
  expect(await shopper.status()).toMatchObject({ status: "QUEUED", position: 1 });
});
