import { createHash } from "node:crypto";
import type { CreatedOrganization } from "@fanfare-io/fanfare-contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestService } from "../testing/start-test-service.ts";
import type { TestAnswer, TestService } from "../testing/start-test-service.ts";

let service: TestService;
let shop: CreatedOrganization;
let consumer: { readonly "X-Publishable-Key": string; readonly Authorization: string };

beforeAll(async () => {
  service = await startTestService();
  shop = await service.createOrganization();
  const queues = [{ id: "queue_early", name: "Line", admitRate: 0, ordering: "shuffle_early", openAt: "2099-01-01T00:00:00.000Z" }];
  await operate("POST", "/experiences", { id: "exp_early", name: "Drop", sequence: { name: "All", queues } });
  const key = { "X-Publishable-Key": shop.publishableKey };
  const guest = await service.ask("consumer", "POST", "/auth/guest", { headers: key, json: {} });
  consumer = { ...key, Authorization: `Bearer ${guest.body.accessToken}` };
});
afterAll(() => service.stop());

const operate = (method: string, path: string, json: unknown = {}): Promise<TestAnswer> =>
  service.ask("admin", method, path, { headers: { Authorization: `Bearer ${shop.secretKey}` }, json });
const ask = (method: string, path: string): Promise<TestAnswer> => service.ask("consumer", method, path, { headers: consumer });

test("a queue that draws early arrivals is entered before it opens, commits to its seed, and shows it when it has opened", async () => {
  const early = await ask("POST", "/queues/queue_early/enter");
  expect(early.body).toMatchObject({ status: "QUEUED", ticket: null, position: null, arrival: 1, placesDrawnAt: "2099-01-01T00:00:00.000Z" });
  const routed = await ask("POST", "/experiences/exp_early/route");
  expect(routed.body.offers[0].distribution).toMatchObject({ state: "active", openAt: "2099-01-01T00:00:00.000Z" });
  const before = await ask("GET", "/queues/queue_early");
  expect(before.body).toMatchObject({ state: "upcoming", ordering: "shuffle_early", waiting: 1, earlyOrder: { seed: null, arrivals: null } });

  const refused = await operate("PUT", "/queues/queue_early", { ordering: "fifo" });
  expect(refused).toMatchObject({ status: 400, body: { issues: [{ path: ["ordering"] }] } });

  await operate("POST", "/queues/queue_early/open");
  await expect.poll(async () => (await ask("GET", "/queues/queue_early/status")).body).toMatchObject({ ticket: 1, position: 1, arrival: 1 });
  await expect.poll(async () => (await ask("GET", "/queues/queue_early")).body).toMatchObject({ state: "open", earlyOrder: { arrivals: 1 } });
  const after = await ask("GET", "/queues/queue_early");
  const { seed, commitment } = after.body.earlyOrder;
  expect(createHash("sha256").update(Buffer.from(seed, "hex")).digest("hex")).toBe(before.body.earlyOrder.commitment);
  expect(commitment).toBe(before.body.earlyOrder.commitment);
});

test("an ordering changes while nobody has entered", async () => {
  const queue = { id: "queue_new", name: "Line", admitRate: 0, openAt: "2099-01-01T00:00:00.000Z", sequenceId: (await sequenceId()) as string };
  expect((await operate("POST", "/queues", queue)).body).toMatchObject({ ordering: "fifo" });
  expect((await operate("PUT", "/queues/queue_new", { ordering: "shuffle_early" })).body).toMatchObject({ ordering: "shuffle_early" });
});

const sequenceId = async (): Promise<unknown> =>
  (await service.ask("admin", "GET", "/experiences/exp_early", { headers: { Authorization: `Bearer ${shop.secretKey}` } })).body.sequences[0].id;
