import type { CreatedOrganization, QueueConsumerState } from "@fanfare-io/fanfare-contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createStatusStreams } from "./consumer/status-streams.ts";
import { startTestService } from "../testing/start-test-service.ts";
import type { TestAnswer, TestService } from "../testing/start-test-service.ts";

let service: TestService;
let shop: CreatedOrganization;

beforeAll(async () => {
  service = await startTestService();
  shop = await service.createOrganization();
});
afterAll(() => service.stop());

const bySecret = (): Record<string, string> => ({ Authorization: `Bearer ${shop.secretKey}` });

async function makeQueue(settings: Record<string, unknown> = {}): Promise<string> {
  const json = { name: "Drop", sequence: { name: "All", queues: [{ name: "Line", admitRate: 0, ...settings }] } };
  return (await service.ask("admin", "POST", "/experiences", { headers: bySecret(), json })).body.sequences[0].queues[0].id;
}

const operate = (queueId: string, action: string, json?: unknown): Promise<TestAnswer> =>
  service.ask("admin", "POST", `/queues/${queueId}/${action}`, { headers: bySecret(), ...(json === undefined ? {} : { json }) });

/** Joins, and answers with the headers that poll. */
async function join(queueId: string): Promise<{ readonly poll: Record<string, string>; readonly own: Record<string, string> }> {
  const key = { "X-Publishable-Key": shop.publishableKey };
  const guest = await service.ask("consumer", "POST", "/auth/guest", { headers: key, json: {} });
  const own = { ...key, Authorization: `Bearer ${guest.body.accessToken}` };
  const { body } = await service.ask("consumer", "POST", `/queues/${queueId}/enter`, { headers: own });
  return { own, poll: { ...key, Authorization: `Poll ${body.pollToken}` } };
}

const listen = (queueId: string, headers: Record<string, string>, signal?: AbortSignal, base = service.consumerUrl): Promise<Response> =>
  fetch(`${base}/queues/${queueId}/status`, {
    headers: { ...headers, Accept: "text/event-stream, application/json" },
    ...(signal === undefined ? {} : { signal }),
  });

/** Reads events one by one; undefined once the stream has ended. */
function eventsOf(response: Response): () => Promise<string | undefined> {
  const reader = (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  return async () => {
    for (;;) {
      const end = text.indexOf("\n\n");
      if (end !== -1) {
        const event = text.slice(0, end);
        text = text.slice(end + 2);
        return event;
      }
      const { done, value } = await reader.read();
      if (done) return undefined;
      text += value;
    }
  };
}

const stateIn = (event: string | undefined): QueueConsumerState => JSON.parse(event?.replace(/^data: /, "") ?? "null") as QueueConsumerState;

test("whoever is at the front is told where they stand, then of each step and of the turn as they come, and the stream ends", async () => {
  const queueId = await makeQueue();
  const [first, second] = [await join(queueId), await join(queueId)];
  const answer = await listen(queueId, second.poll);
  expect([answer.status, answer.headers.get("content-type"), answer.headers.get("cache-control")]).toEqual([200, "text/event-stream", "no-store"]);
  const next = eventsOf(answer);
  expect(stateIn(await next())).toMatchObject({ status: "QUEUED", position: 2, stream: true });
  await service.ask("consumer", "POST", `/queues/${queueId}/leave`, { headers: first.own });
  expect(stateIn(await next())).toMatchObject({ status: "QUEUED", position: 1 });
  expect(await (await fetch(new URL("/metrics", service.adminUrl))).text()).toContain("fanfare_status_streams 1");
  await operate(queueId, "admit", { count: 1 });
  expect(stateIn(await next())).toMatchObject({ status: "ADMITTED" });
  expect(await next()).toBeUndefined();
});

test("whoever is far, asks for nothing but JSON, or holds a grant already gets JSON", async () => {
  const queueId = await makeQueue({ admitRate: 0.001 });
  for (let each = 0; each < 2; each++) await join(queueId);
  const far = await join(queueId);
  expect((await listen(queueId, far.poll)).headers.get("content-type")).toBe("application/json");
  const still = await makeQueue();
  const waiter = await join(still);
  expect((await service.ask("consumer", "GET", `/queues/${still}/status`, { headers: waiter.poll })).body).toMatchObject({ status: "QUEUED", stream: true });
  await operate(still, "admit", { count: 1 });
  expect(await (await listen(still, waiter.poll)).json()).toMatchObject({ status: "ADMITTED" });
});

test("whoever is not in line any more is asked to ask, since that is more than a stream knows", async () => {
  const queueId = await makeQueue();
  const waiter = await join(queueId);
  const next = eventsOf(await listen(queueId, waiter.poll));
  await next();
  await service.ask("consumer", "POST", `/queues/${queueId}/leave`, { headers: waiter.own });
  expect([await next(), await next()]).toEqual(["event: ask\ndata: 1", undefined]);
});

test("the third tab of one shopper asks as ever, and a tab that goes makes room", async () => {
  const queueId = await makeQueue();
  const waiter = await join(queueId);
  const closing = new AbortController();
  const [one, two] = [await listen(queueId, waiter.poll, closing.signal), await listen(queueId, waiter.poll, closing.signal)];
  const three = await listen(queueId, waiter.poll);
  expect([one, two, three].map((each) => each.headers.get("content-type"))).toEqual(["text/event-stream", "text/event-stream", "application/json"]);
  closing.abort();
  const again = async (): Promise<string | null> => {
    const answer = await listen(queueId, waiter.poll);
    await answer.body?.cancel();
    return answer.headers.get("content-type");
  };
  await expect.poll(again).toBe("text/event-stream");
});

test("a question for the head alone opens no stream", async () => {
  const queueId = await makeQueue();
  const { poll } = await join(queueId);
  const head = { method: "HEAD", headers: { ...poll, Accept: "text/event-stream" }, signal: AbortSignal.timeout(5_000) };
  // Two after one another on one connection: the second is heard when the first is over.
  for (let each = 0; each < 3; each++) expect((await fetch(`${service.consumerUrl}/queues/${queueId}/status`, head)).status).toBe(200);
  const answer = await listen(queueId, poll);
  expect(answer.headers.get("content-type")).toBe("text/event-stream");
  await answer.body?.cancel();
});

test("a node that stops ends its streams at once", async () => {
  const other = await startTestService();
  const tenant = await other.createOrganization();
  const json = { name: "Drop", sequence: { name: "All", queues: [{ name: "Line", admitRate: 0 }] } };
  const made = await other.ask("admin", "POST", "/experiences", { headers: { Authorization: `Bearer ${tenant.secretKey}` }, json });
  const queueId = made.body.sequences[0].queues[0].id;
  const key = { "X-Publishable-Key": tenant.publishableKey };
  const guest = await other.ask("consumer", "POST", "/auth/guest", { headers: key, json: {} });
  const headers = { ...key, Authorization: `Bearer ${guest.body.accessToken}` };
  await other.ask("consumer", "POST", `/queues/${queueId}/enter`, { headers });
  const next = eventsOf(await listen(queueId, headers, undefined, other.consumerUrl));
  await next();
  const [ended] = await Promise.all([next(), other.stop()]);
  expect(ended).toBeUndefined();
});

test("there is a bound; a stream lasts half a minute at most, says something every ten seconds, and counts its listener as there meanwhile", () => {
  let now = 0;
  const met: number[] = [];
  const queued = { status: "QUEUED", stream: true, version: 1, position: 1 } as unknown as QueueConsumerState;
  const live = { version: () => 1, meet: (_consumer: string, _now: number, seconds: number) => void met.push(seconds), standingOf: () => queued };
  const streams = createStatusStreams({ clock: { now: () => now }, follower: { known: () => live as never }, random: () => 0.5, most: 1 });
  const key = { organizationId: "org_1", queueId: "queue_1" };
  const events = streams.open(key, "a", queued);
  expect(streams.open(key, "b", queued)).toBeNull();
  const said: [number, string][] = [];
  events?.({ send: (text) => void said.push([now / 1000, text.split("\n")[0]?.slice(0, 8) ?? ""]), end: () => void said.push([now / 1000, "end"]) });
  for (; now < 40_000; now += 1_000) streams.round();
  expect(said).toEqual([
    [0, 'data: {"'],
    [10, 'data: {"'],
    [20, 'data: {"'],
    [27, "event: a"],
    [27, "end"],
  ]);
  expect([met, streams.count()]).toEqual([[30], 0]);
  expect(streams.open(key, "b", queued)).not.toBeNull();
});

test("far from the turn a stream lasts as long as the pause there, so that being told costs no more questions than asking; whoever may be next is asked for twice as often", () => {
  const lifeOf = (told: object): number => {
    let now = 0;
    const queued = { status: "QUEUED", stream: true, version: 1, position: 1, ...told } as unknown as QueueConsumerState;
    const live = { version: () => 1, meet: () => queued, standingOf: () => queued };
    const streams = createStatusStreams({ clock: { now: () => now }, follower: { known: () => live as never }, random: () => 1 });
    streams.open({ organizationId: "org_1", queueId: "queue_1" }, "a", queued)?.({ send: () => undefined, end: () => undefined });
    for (; streams.count() > 0; now += 1_000) streams.round();
    return now / 1_000 - 1;
  };
  const far = { estimatedWaitTimeInSeconds: 300, pollAfterSeconds: 40 };
  expect([far, { ...far, pollAfterSeconds: 5 }, { ...far, estimatedWaitTimeInSeconds: 80 }, { ...far, estimatedWaitTimeInSeconds: null }].map(lifeOf)).toEqual([
    60, 30, 30, 30,
  ]);
});

test("a node that stops opens no more: whoever was told to ask and comes back before its doors are closed would hold them open", () => {
  const queued = { status: "QUEUED", stream: true, version: 1, position: 1 } as unknown as QueueConsumerState;
  const live = { version: () => 1, meet: () => queued, standingOf: () => queued };
  const streams = createStatusStreams({ clock: { now: () => 0 }, follower: { known: () => live as never }, random: () => 0.5 });
  const key = { organizationId: "org_1", queueId: "queue_1" };
  const said: string[] = [];
  // One whose answer is on its way while the node is told to stop ends as well.
  const late = streams.open(key, "a", queued);
  streams.stop();
  late?.({ send: () => undefined, end: () => void said.push("end") });
  streams.round();
  expect([streams.open(key, "b", queued), said, streams.count()]).toEqual([null, ["end"], 0]);
});
