import { expect, test } from "vitest";
import { createSystemClock } from "../platform/system-clock.ts";
import { startTestService } from "../testing/start-test-service.ts";
import type { TestService } from "../testing/start-test-service.ts";

const system = createSystemClock(() => undefined);
const wrongBy = (milliseconds: number) => ({ ...system, now: () => system.now() + milliseconds });

test("two nodes whose clocks are ten minutes apart keep one time: a queue is as yet to come on both, and what one signs the other takes", async () => {
  const early = await startTestService({}, { clock: wrongBy(300_000) });
  // The embedded database has one process, and that machine's clock.
  if (early.db.profile !== "postgres") return early.stop();
  const late = await startTestService({}, { clock: wrongBy(-300_000), beside: early });
  try {
    const shop = await early.createOrganization();
    const operator = { headers: { Authorization: `Bearer ${shop.secretKey}` } };
    const openAt = (inMs: number): string => new Date(system.now() + inMs).toISOString();
    const queues = [
      { id: "queue_open", name: "Open", admitRate: 6_000 },
      { id: "queue_soon", name: "Soon", admitRate: 0, openAt: openAt(120_000) },
    ];
    await early.ask("admin", "POST", "/experiences", { ...operator, json: { name: "Drop", sequence: { name: "All", queues } } });
    const stateOn = async (node: TestService): Promise<unknown> => (await node.ask("admin", "GET", "/queues/queue_soon/metrics", operator)).body;
    for (const node of [early, late]) expect(await stateOn(node)).toMatchObject({ state: "upcoming" });
    // Nobody waits two minutes: the opening comes nearer instead.
    await early.ask("admin", "PUT", "/queues/queue_soon", { ...operator, json: { openAt: openAt(1_000) } });

    const key = { "X-Publishable-Key": shop.publishableKey };
    const guest = await early.ask("consumer", "POST", "/auth/guest", { headers: key, json: {} });
    const consumer = { headers: { ...key, Authorization: `Bearer ${guest.body.accessToken}` } };
    expect((await late.ask("consumer", "POST", "/queues/queue_open/enter", consumer)).status).toBe(200);
    const status = async (): Promise<unknown> => (await early.ask("consumer", "GET", "/queues/queue_open/status", consumer)).body.status;
    await expect.poll(status).toBe("ADMITTED");
    const presented = await early.ask("consumer", "POST", "/grants/presentation", { ...consumer, json: { distributionId: "queue_open" } });
    const held = await late.ask("consumer", "POST", "/grants/validate", { ...operator, json: { token: presented.body.token } });
    expect(held.status).toBe(200);
    const order = { redemptionId: held.body.redemptionId, orderId: "order-1" };
    expect((await early.ask("consumer", "POST", "/grants/complete", { ...operator, json: order })).status).toBe(200);

    for (const node of [early, late]) await expect.poll(() => stateOn(node)).toMatchObject({ state: "open" });
  } finally {
    await late.stop();
    await early.stop();
  }
});
