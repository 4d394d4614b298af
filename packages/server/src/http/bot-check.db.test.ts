import type { CreatedOrganization, EntryCheck, ProtectionLevel } from "@fanfare-io/fanfare-contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mergeStatements, readParts } from "../data/merging.ts";
import type { Planned } from "../domain/linking.ts";
import { doWork } from "../testing/do-work.ts";
import { arriveFrom } from "../testing/shopper.ts";
import type { TestShopper } from "../testing/shopper.ts";
import { littleWork } from "../testing/little-work.ts";
import { startTestService } from "../testing/start-test-service.ts";
import type { TestAnswer, TestService } from "../testing/start-test-service.ts";

/** What is to happen within a second may take longer on a machine that does other things as well. */
const patiently = { timeout: 30_000 };
const [farm, home] = ["203.0.113.7", "198.51.100.20"];
let service: TestService;
let shop: CreatedOrganization;
beforeAll(async () => {
  service = await startTestService({ TRUST_PROXY: "1" }, { challengeCosts: littleWork });
  shop = await service.createOrganization();
});
afterAll(() => service.stop());

const admin = (method: string, path: string, json?: unknown): Promise<TestAnswer> =>
  service.ask("admin", method, path, { headers: { Authorization: `Bearer ${shop.secretKey}` }, ...(json === undefined ? {} : { json }) });

async function launch(protectionLevel: ProtectionLevel = "enhanced"): Promise<string> {
  const made = await admin("POST", "/experiences", { name: "Launch", protectionLevel, sequence: { name: "All", queues: [{ name: "Line", admitRate: 0 }] } });
  return made.body.sequences[0].queues[0].id as string;
}

const arrive = (address: string): Promise<TestShopper> => arriveFrom(service, shop.publishableKey, address);
const work = () => doWork(service, shop.publishableKey, "enter");
const enter = (shopper: TestShopper, queueId: string, json: unknown = {}) => shopper.ask("POST", `/queues/${queueId}/enter`, json);
const status = async (shopper: TestShopper, queueId: string) => (await shopper.ask("GET", `/queues/${queueId}/status`)).body;
const asked = { status: "QUEUED", check: { gate: "bot_check", reasons: ["address_shared"] } };

/** A crowd of eight from one address who entered before it was one, somebody from elsewhere behind them, and the ninth, who had to work. */
async function crowd(queueId: string) {
  const early: TestShopper[] = [];
  for (let index = 0; index < 8; index++) {
    const shopper = await arrive(farm);
    expect((await enter(shopper, queueId)).body).toMatchObject({ status: "QUEUED", position: index + 1 });
    early.push(shopper);
  }
  const honest = await arrive(home);
  expect((await enter(honest, queueId)).body.position).toBe(9);
  const late = await arrive(farm);
  expect(await enter(late, queueId)).toMatchObject({ status: 403, body: { details: { purpose: "enter", reasons: ["address_shared"] } } });
  expect((await enter(late, queueId, { challenge: await work() })).body.status).toBe("QUEUED");
  for (const shopper of early) await expect.poll(() => status(shopper, queueId), patiently).toMatchObject(asked);
  return { early, honest, late };
}

test("who came before their address was crowded is asked in the middle of the wait: the place is held and nobody counts it, and nobody is let in from it", async () => {
  const queueId = await launch();
  const { early, honest, late } = await crowd(queueId);
  expect(await status(honest, queueId)).toMatchObject({ position: 1 });
  expect(await status(late, queueId)).toMatchObject({ position: 2 });
  const [first, second] = early as [TestShopper, TestShopper];
  const question = (await status(first, queueId)).check;
  expect(Date.parse(question.heldUntil) - Date.now()).toBeGreaterThan(590_000);
  expect((await status(first, queueId)).check).toEqual(question);
  // Entering again says what is asked, as it does before a place is given, and a wrong answer is said to be one.
  expect(await enter(first, queueId)).toMatchObject({ status: 403, body: { error: "challenge_required", details: { reasons: ["address_shared"] } } });
  const guestWork = await doWork(service, shop.publishableKey, "guest");
  expect(await enter(first, queueId, { challenge: guestWork })).toMatchObject({ status: 403, body: { details: { refused: "wrong" } } });
  await admin("POST", `/queues/${queueId}/admit`, { count: 1 });
  await expect.poll(async () => (await status(honest, queueId)).status, patiently).toBe("ADMITTED");

  const before = await status(late, queueId);
  const challenge = await work();
  const answered = await enter(first, queueId, { challenge });
  expect(answered.body).toMatchObject({ status: "QUEUED", position: 1 });
  expect(answered.body.check).toBeUndefined();
  expect(await enter(second, queueId, { challenge })).toMatchObject({ status: 403, body: { details: { refused: "used" } } });
  expect((await status(late, queueId)).position).toBeLessThanOrEqual(before.position);
  await admin("POST", `/queues/${queueId}/admit`, { count: 1 });
  await expect.poll(async () => (await status(first, queueId)).status, patiently).toBe("ADMITTED");
  expect(await status(second, queueId)).toMatchObject(asked);
});

test("an operator sees whom it asked and why, and lets somebody off, for good", async () => {
  const queueId = await launch();
  const { early, honest, late } = await crowd(queueId);
  const [first] = early as [TestShopper];
  const listed = (await admin("GET", `/entry-checks?distributionId=${queueId}&first=50`)).body.data as EntryCheck[];
  const stateOf = ({ consumerId }: TestShopper) => listed.find((check) => check.consumerId === consumerId);
  expect([...early.map((shopper) => stateOf(shopper)?.state), stateOf(honest)?.state, stateOf(late)?.state]).toEqual([
    ...early.map(() => "asked"),
    "clear",
    "worked",
  ]);
  expect(stateOf(first)).toMatchObject({ reasons: ["address_shared"], crowd: { address: 9, network: 9, signals: null } });
  expect((await admin("GET", `/entry-checks?distributionId=${queueId}&state=asked&first=50`)).body.data).toHaveLength(8);
  const released = await admin("POST", "/entry-checks/release", { distributionId: queueId, consumerId: first.consumerId });
  expect(released).toMatchObject({ status: 200, body: { state: "released", reasons: ["address_shared"] } });
  const standing = await status(first, queueId);
  expect([standing.status, standing.check]).toEqual(["QUEUED", undefined]);
  await first.ask("POST", `/queues/${queueId}/leave`, {});
  expect((await enter(first, queueId)).body.status).toBe("QUEUED");
  expect(await admin("POST", "/entry-checks/release", { distributionId: "queue_none", consumerId: first.consumerId })).toMatchObject({ status: 404 });
  const other = await service.createOrganization();
  const foreign = { headers: { Authorization: `Bearer ${other.secretKey}` } };
  expect((await service.ask("admin", "GET", `/entry-checks?distributionId=${queueId}`, foreign)).body.data).toEqual([]);
  expect(
    await service.ask("admin", "POST", "/entry-checks/release", { ...foreign, json: { distributionId: queueId, consumerId: early[1]?.consumerId } }),
  ).toMatchObject({ status: 404 });
  expect(await status(early[1] as TestShopper, queueId)).toMatchObject(asked);
});

test("time counts from when the question was shown; whoever lets it run out is told, and may come again at the tail for the work", async () => {
  const queueId = await launch();
  const { early } = await crowd(queueId);
  const [first] = early as [TestShopper];
  const held = () =>
    service.db.run<{ held: number }>("select count(held_until)::int as held from entry_check where distribution_id = $1 and state = 'asked'", [queueId]);
  await expect.poll(async () => (await held())[0]?.held, patiently).toBe(8);
  await service.db.run("update entry_check set held_until = now() - interval '1 second' where distribution_id = $1 and consumer_id = $2", [
    queueId,
    first.consumerId,
  ]);
  await expect.poll(async () => (await status(first, queueId)).status, patiently).toBe("EXPIRED");
  expect((await admin("GET", `/entry-checks?distributionId=${queueId}&state=missed`)).body.data).toMatchObject([{ consumerId: first.consumerId }]);
  expect(await enter(first, queueId)).toMatchObject({ status: 403, body: { details: { reasons: ["address_shared"] } } });
  expect((await enter(first, queueId, { challenge: await work() })).body.status).toBe("QUEUED");
});

test("a guest who turns out to be somebody takes along what was asked of the place that goes over", async () => {
  const queueId = await launch();
  const { early, honest } = await crowd(queueId);
  const pair = { organizationId: shop.organization.id, guestId: (early[0] as TestShopper).consumerId, consumerId: honest.consumerId };
  const { fingerprint } = await readParts(service.db, pair);
  const planned = { mechanism: "queue", distributionId: queueId, better: "guest", other: "close" } as Planned;
  await service.db.batch(mergeStatements(pair, fingerprint, [planned], new Date()));
  await expect.poll(() => status(honest, queueId), patiently).toMatchObject({ ...asked, ticket: 1 });
  expect((await admin("GET", `/entry-checks?consumerId=${honest.consumerId}`)).body.data).toMatchObject([{ state: "asked" }]);
  expect((await admin("GET", `/entry-checks?consumerId=${pair.guestId}`)).body.data).toEqual([]);
  const answered = await enter(honest, queueId, { challenge: await work() });
  expect([answered.status, answered.body.ticket, answered.body.check]).toEqual([200, 1, undefined]);
});

test("a node that starts anew knows who is asked, who is back, and what everybody behind them was told", async () => {
  if (service.db.profile !== "postgres") return;
  const queueId = await launch();
  const { early, late } = await crowd(queueId);
  await enter(early[0] as TestShopper, queueId, { challenge: await work() });
  const told = await status(late, queueId);
  const beside = await startTestService({ TRUST_PROXY: "1" }, { beside: service, challengeCosts: littleWork });
  try {
    const anew = (shopper: TestShopper) =>
      beside.db.run<{ ticket: number }>("select ticket from queue_entry where queue_id = $1 and consumer_id = $2", [queueId, shopper.consumerId]);
    expect((await anew(late))[0]?.ticket).toBe(told.ticket);
    const metrics = await beside.ask("admin", "GET", `/queues/${queueId}/metrics`, { headers: { Authorization: `Bearer ${shop.secretKey}` } });
    expect(metrics.body).toMatchObject({ waiting: 2, present: 3 });
  } finally {
    await beside.stop();
  }
});
