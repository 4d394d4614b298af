import type { CreatedOrganization } from "@fanfare-io/fanfare-contract";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startTestService } from "../testing/start-test-service.ts";
import type { TestAnswer, TestService } from "../testing/start-test-service.ts";

let service: TestService;
let shop: CreatedOrganization;
let stranger: CreatedOrganization;
let queueId: string;

beforeAll(async () => {
  service = await startTestService();
  shop = await service.createOrganization();
  stranger = await service.createOrganization();
});
afterAll(() => service.stop());

const operate = (action: string, json?: unknown, by = shop): Promise<TestAnswer> =>
  service.ask("admin", action === "metrics" ? "GET" : "POST", `/queues/${queueId}/${action}`, {
    headers: { Authorization: `Bearer ${by.secretKey}` },
    ...(json === undefined ? {} : { json }),
  });

async function makeQueue(settings: Record<string, unknown> = {}): Promise<void> {
  const answer = await service.ask("admin", "POST", "/experiences", {
    headers: { Authorization: `Bearer ${shop.secretKey}` },
    json: { name: "Drop", sequence: { name: "All", queues: [{ name: "Line", admitRate: 0, ...settings }] } },
  });
  queueId = answer.body.sequences[0].queues[0].id;
}

async function join(): Promise<{ readonly answer: TestAnswer; status(): Promise<string> }> {
  const key = { "X-Publishable-Key": shop.publishableKey };
  const guest = await service.ask("consumer", "POST", "/auth/guest", { headers: key, json: {} });
  const headers = { ...key, Authorization: `Bearer ${guest.body.accessToken}` };
  const answer = await service.ask("consumer", "POST", `/queues/${queueId}/enter`, { headers });
  return { answer, status: async () => (await service.ask("consumer", "GET", `/queues/${queueId}/status`, { headers })).body.status };
}

describe("an operator", () => {
  beforeEach(() => makeQueue());

  test("opens a queue before its time, and opens one again that was closed", async () => {
    await makeQueue({ openAt: "2099-01-01T00:00:00.000Z" });
    expect((await join()).answer.status).toBe(423);
    expect((await operate("open")).status).toBe(200);
    expect((await join()).answer.body).toMatchObject({ status: "QUEUED", position: 1 });
    expect((await operate("close")).body.closeAt).not.toBeNull();
    expect((await join()).answer.body).toMatchObject({ status: "DENIED", denyReason: "QUEUE_CLOSED" });
    expect((await operate("open")).body).toMatchObject({ closeAt: null });
    expect((await join()).answer.body).toMatchObject({ status: "QUEUED", position: 2 });
  });

  test("closes a queue that has not opened yet: it is over, not yet to come", async () => {
    await makeQueue({ openAt: "2099-01-01T00:00:00.000Z" });
    await operate("close");
    expect((await operate("metrics")).body).toMatchObject({ state: "ended" });
  });

  test("pauses and resumes; the same word twice is no error", async () => {
    for (const paused of [true, true]) expect((await operate("pause")).body).toMatchObject({ paused });
    expect((await operate("metrics")).body).toMatchObject({ state: "paused", estimate: null });
    for (const paused of [false, false]) expect((await operate("resume")).body).toMatchObject({ paused });
  });

  test("kills a queue for good: who waits is told at once, and it never opens again", async () => {
    const waiter = await join();
    expect((await operate("kill")).body).toMatchObject({ killed: true });
    expect(await waiter.status()).toBe("DENIED");
    for (const action of ["open", "resume"]) expect(await operate(action)).toMatchObject({ status: 409, body: { error: "queue_killed" } });
    expect(await operate("admit", { count: 1 })).toMatchObject({ status: 409, body: { error: "queue_killed" } });
    const change = (json: unknown) => service.ask("admin", "PUT", `/queues/${queueId}`, { headers: { Authorization: `Bearer ${shop.secretKey}` }, json });
    expect(await change({ killed: false })).toMatchObject({ status: 409, body: { error: "queue_killed" } });
    expect(await change({ message: "We are sorry." })).toMatchObject({ status: 200, body: { killed: true, message: "We are sorry." } });
    expect(await waiter.status()).toBe("DENIED");
  });

  test("changes its mind in every way that is allowed: rate to nothing and back, closed and open again, paused over the opening; a line with one slot moves on (I4)", async () => {
    await makeQueue({ openAt: "2099-01-01T00:00:00.000Z", admitRate: 60_000, capacity: 1 });
    const change = (json: unknown) => service.ask("admin", "PUT", `/queues/${queueId}`, { headers: { Authorization: `Bearer ${shop.secretKey}` }, json });
    await operate("pause");
    await operate("open");
    const [first, second] = [await join(), await join()];
    await expect.poll(first.status).toBe("ADMITTED");
    expect((await change({ openAt: "2099-01-01T00:00:00.000Z" })).body).toMatchObject({ openAt: "2099-01-01T00:00:00.000Z" });
    expect((await operate("metrics")).body).toMatchObject({ state: "upcoming", activeGrants: 1, waiting: 1 });
    await operate("pause");
    await change({ openAt: null });
    expect((await operate("metrics")).body).toMatchObject({ state: "paused" });
    await operate("resume");
    await change({ admitRate: 0 });
    await operate("close");
    await operate("open");
    expect((await operate("metrics")).body).toMatchObject({ state: "open", admitRatePerMinute: 0, activeGrants: 1, waiting: 1 });
    await change({ admitRate: 60_000, capacity: 2 });
    await expect.poll(second.status).toBe("ADMITTED");
    await change({ capacity: 1 });
    const third = await join();
    expect((await operate("admit", { count: 1 })).body).toEqual({ admitted: 0, limitedBy: "capacity" });
    expect(await third.status()).toBe("QUEUED");
    expect(await change({ capacity: 0 })).toMatchObject({ status: 400 });
    expect(await change({ openAt: "2099-01-02T00:00:00.000Z", closeAt: "2099-01-01T00:00:00.000Z" })).toMatchObject({ status: 400 });
  });

  test("has everybody queue and nobody go in, also before the time, until told otherwise", async () => {
    await makeQueue({ openAt: "2099-01-01T00:00:00.000Z", admitRate: 6_000 });
    expect((await operate("queue-all")).body).toMatchObject({ paused: true });
    const waiter = await join();
    expect(waiter.answer.body).toMatchObject({ status: "QUEUED", position: 1, admitRatePerMinute: 0 });
    await operate("resume");
    await expect.poll(waiter.status).toBe("ADMITTED");
  });

  test("lets everybody through as they come, never over a cap, and goes back to the rate", async () => {
    await makeQueue({ capacity: 2 });
    expect((await operate("pass-through")).body).toMatchObject({ passThrough: true, admitRate: 0 });
    const waiters = [await join(), await join(), await join()];
    const states = async (): Promise<string[]> => Promise.all(waiters.map((waiter) => waiter.status()));
    await expect.poll(states).toEqual(["ADMITTED", "ADMITTED", "QUEUED"]);
    expect((await operate("resume")).body).toMatchObject({ passThrough: false });
    expect((await operate("metrics")).body).toMatchObject({ admitRatePerMinute: 0, activeGrants: 2 });
  });

  test("archives a queue: who waits and who was let in is told the truth, and nobody comes in any more", async () => {
    const [inside, waiter, gone] = [await join(), await join(), await join()];
    await operate("admit", { count: 1 });
    const headers = { Authorization: `Bearer ${shop.secretKey}` };
    expect((await service.ask("admin", "DELETE", `/queues/${queueId}`, { headers })).body).toMatchObject({ archived: true });
    await expect.poll(waiter.status).toBe("DENIED");
    expect([await inside.status(), await gone.status()]).toEqual(["EXPIRED", "DENIED"]);
    expect((await join()).answer.body).toMatchObject({ status: "DENIED", denyReason: "QUEUE_CLOSED" });
    expect((await operate("metrics")).status).toBe(404);
    const [counters] = await service.db.run<{ active: number }>("select active from distribution_counters where distribution_id = $1", [queueId]);
    expect(counters?.active).toBe(0);
  });

  test("lets people in by hand, in order, beyond the rate, also from a paused line", async () => {
    const waiters = [await join(), await join(), await join()];
    await operate("pause");
    expect((await operate("admit", { count: 2 })).body).toEqual({ admitted: 2, limitedBy: null });
    expect(await Promise.all(waiters.map((waiter) => waiter.status()))).toEqual(["ADMITTED", "ADMITTED", "QUEUED"]);
    expect((await operate("admit", { count: 5 })).body).toEqual({ admitted: 1, limitedBy: "line" });
  });

  test("never lets more in by hand than the caps allow, however many ask at once (I4)", async () => {
    await makeQueue({ capacity: 3, maxAdmissions: 3 });
    for (let each = 0; each < 6; each++) await join();
    const answers = await Promise.all([1, 2, 2, 2].map((count) => operate("admit", { count })));
    expect(answers.reduce((sum, answer) => sum + answer.body.admitted, 0)).toBe(3);
    expect((await operate("metrics")).body).toMatchObject({ activeGrants: 3, granted: 3, waiting: 3, state: "exhausted" });
    expect((await operate("admit", { count: 1 })).body).toEqual({ admitted: 0, limitedBy: "capacity" });
  });

  test("reads how a queue is doing", async () => {
    await makeQueue({ admitRate: 0.001, capacity: 10 });
    for (let each = 0; each < 3; each++) await join();
    await operate("admit", { count: 1 });
    const { body } = await operate("metrics");
    expect(body).toMatchObject({ queueId, state: "open", joined: 3, admitRatePerMinute: 0.001, observedRatePerMinute: null });
    expect(body.waiting + body.granted).toBe(3);
    expect(body.present).toBe(body.waiting);
    expect(body.estimate.low).toBeGreaterThan(0);
  });

  test("of another organization steers nothing and reads nothing (I7)", async () => {
    for (const action of ["open", "pause", "resume", "close", "kill", "queue-all", "pass-through", "metrics"])
      expect((await operate(action, undefined, stranger)).status).toBe(404);
    expect((await operate("admit", { count: 1 }, stranger)).status).toBe(404);
    expect((await operate("metrics")).body).toMatchObject({ state: "open" });
  });
});

test("a control acts on another node, which nobody tells of it", async () => {
  await makeQueue();
  const key = { "X-Publishable-Key": shop.publishableKey };
  await service.ask("consumer", "GET", `/queues/${queueId}`, { headers: key });
  // What another node does is a change of the row that this one was not told of.
  await service.db.run("update queue set paused = true where id = $1", [queueId]);
  const state = async (): Promise<string> => (await service.ask("consumer", "GET", `/queues/${queueId}`, { headers: key })).body.state;
  await expect.poll(state, { interval: 50 }).toBe("paused");
});
