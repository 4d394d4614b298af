import type { CreatedOrganization } from "@fanfare-io/fanfare-contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "../data/database.ts";
import { startTestService } from "../testing/start-test-service.ts";
import type { TestAnswer, TestService } from "../testing/start-test-service.ts";

let service: TestService;
let shop: CreatedOrganization;
let stalled: Promise<void> | null = null;

/** A database whose joins take as long as the test likes, while it does everything else at once. */
const stalling = (db: Database): Database => ({
  ...db,
  run: async (statement, parameters) => {
    if (statement.includes("insert into queue_entry")) await stalled;
    return db.run(statement, parameters);
  },
});

beforeAll(async () => {
  service = await startTestService({}, { through: stalling });
  shop = await service.createOrganization();
  const queues = [{ id: "queue_line", name: "Line", admitRate: 0 }];
  const headers = { Authorization: `Bearer ${shop.secretKey}` };
  await service.ask("admin", "POST", "/experiences", { headers, json: { name: "Drop", sequence: { name: "All", queues } } });
});
afterAll(() => service.stop());

type Asker = (method: string, path: string, json?: unknown) => Promise<TestAnswer>;

/** Becomes a guest, asking again where a slow machine has the service turn newcomers away already. */
async function arrive(): Promise<Asker> {
  const key = { "X-Publishable-Key": shop.publishableKey };
  let guest = await service.ask("consumer", "POST", "/auth/guest", { headers: key, json: {} });
  while (guest.status === 503) guest = await service.ask("consumer", "POST", "/auth/guest", { headers: key, json: {} });
  const headers = { ...key, Authorization: `Bearer ${guest.body.accessToken}` };
  return (method, path, json) => service.ask("consumer", method, path, { headers, ...(json === undefined ? {} : { json }) });
}
const enter = (asker: Asker): Promise<TestAnswer> => asker("POST", "/queues/queue_line/enter", {});

test("while joins do not get through, newcomers are refused early, who has a place is served, sales are finished, and nothing needs a restart (I11)", async () => {
  const buyer = await arrive();
  const waiter = await arrive();
  for (const asker of [buyer, waiter]) expect((await enter(asker)).body.status).toBe("QUEUED");
  const secret = { Authorization: `Bearer ${shop.secretKey}` };
  await service.ask("admin", "POST", "/queues/queue_line/admit", { headers: secret, json: { count: 1 } });
  const crowd: Asker[] = [];
  while (crowd.length < 600) crowd.push(...(await Promise.all(Array.from({ length: 50 }, arrive))));

  let release: () => void = () => undefined;
  stalled = new Promise((resolve) => (release = resolve));
  let refusals = 0;
  let firstRefusal: () => void = () => undefined;
  const refused = new Promise<void>((resolve) => (firstRefusal = resolve));
  const entering = crowd.map(async (asker) => {
    const answer = await enter(asker);
    if (answer.status === 503) {
      refusals++;
      firstRefusal();
    }
    return answer;
  });
  await refused;

  expect((await waiter("GET", "/queues/queue_line/status")).body).toMatchObject({ status: "QUEUED", position: 1 });
  expect((await enter(waiter)).body).toMatchObject({ status: "QUEUED", position: 1 });
  const presentation = await buyer("POST", "/grants/presentation", { distributionId: "queue_line" });
  const hold = await service.ask("consumer", "POST", "/grants/validate", { headers: secret, json: { token: presentation.body.token } });
  const order = { redemptionId: hold.body.redemptionId, orderId: "order-1" };
  expect((await service.ask("consumer", "POST", "/grants/complete", { headers: secret, json: order })).status).toBe(200);
  expect((await service.ask("consumer", "GET", "/healthz")).status).toBe(200);

  release();
  stalled = null;
  const answers = await Promise.all(entering);
  expect(refusals).toBeGreaterThan(0);
  for (const answer of answers.filter(({ status }) => status !== 200)) {
    expect(answer).toMatchObject({ status: 503, body: { error: "service_overloaded" } });
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThanOrEqual(2);
  }
  const turnedAway = crowd.filter((_, index) => answers[index]?.status === 503);
  const again = await Promise.all(turnedAway.slice(0, 20).map(enter));
  expect(again.map((answer) => answer.body.status)).toEqual(again.map(() => "QUEUED"));
});
