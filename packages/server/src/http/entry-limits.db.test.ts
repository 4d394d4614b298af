import { afterAll, expect, test } from "vitest";
import { openTestShop } from "../testing/open-test-shop.ts";
import { startTestService } from "../testing/start-test-service.ts";
import type { TestAnswer, TestService } from "../testing/start-test-service.ts";

/** What is to happen within a second may take longer on a machine that does other things as well. */
const patiently = { timeout: 30_000 };
const { service, shop, admin } = await openTestShop();
afterAll(() => service.stop());

interface Launch {
  readonly experienceId: string;
  /** What can be entered, as the start of its path: two queues and a draw. */
  readonly places: readonly [string, string, string];
}

const see = (on: TestService, place: string): Promise<TestAnswer> =>
  on.ask("consumer", "GET", place, { headers: { "X-Publishable-Key": shop.publishableKey } });

async function launch(maxEntriesPerConsumer: number | null | undefined): Promise<Launch> {
  const at = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString();
  const queues = [
    { name: "One", admitRate: 0 },
    { name: "Two", admitRate: 0 },
  ];
  const draws = [{ name: "Draw", winnerCount: 1, openAt: at(-60), closeAt: at(600), drawAt: at(700) }];
  const limit = maxEntriesPerConsumer === undefined ? {} : { maxEntriesPerConsumer };
  const { status, body } = await admin("POST", "/experiences", { name: "Launch", ...limit, sequence: { name: "All", queues, draws } });
  expect([status, body.maxEntriesPerConsumer]).toEqual([201, maxEntriesPerConsumer ?? null]);
  const [sequence] = body.sequences;
  const [one, two] = sequence.queues;
  const places = [`/queues/${one.id}`, `/queues/${two.id}`, `/draws/${sequence.draws[0].id}`] as const;
  for (const place of places) await expect.poll(async () => (await see(service, place)).status, patiently).toBe(200);
  return { experienceId: body.id, places };
}

interface Shopper {
  readonly consumerId: string;
  enter(place: string, on?: TestService): Promise<TestAnswer>;
  leave(place: string): Promise<TestAnswer>;
}

async function arrive(): Promise<Shopper> {
  const key = { "X-Publishable-Key": shop.publishableKey };
  const { body } = await service.ask("consumer", "POST", "/auth/guest", { headers: key });
  const headers = { ...key, Authorization: `Bearer ${body.accessToken}` };
  return {
    consumerId: body.session.consumerId,
    async enter(place, on = service) {
      let answer: TestAnswer | undefined;
      const ask = async (): Promise<number> => (answer = await on.ask("consumer", "POST", `${place}/enter`, { headers })).status;
      // A machine that does other things as well may be told to come back.
      await expect.poll(ask, { ...patiently, interval: 200 }).not.toBe(503);
      return answer as TestAnswer;
    },
    leave: (place) => service.ask("consumer", "POST", `${place}/leave`, { headers }),
  };
}

const refused = (maxEntriesPerConsumer: number) => ({ status: 409, body: { error: "entry_limit_reached", details: { maxEntriesPerConsumer } } });

/** As if a guest had been linked long ago: what it had is its own still, under its id. */
async function linkLongAgo(guest: Shopper, consumer: Shopper): Promise<void> {
  await service.db.run("insert into consumer_alias (organization_id, alias_id, consumer_id, linked_at) values ($1, $2, $3, $4)", [
    shop.organization.id,
    guest.consumerId,
    consumer.consumerId,
    new Date(Date.now() - 3_600_000),
  ]);
}

test("of everything in a launch that one person asks for at once they get as many as it allows, and the others say why", async () => {
  const { places } = await launch(1);
  const people = await Promise.all(Array.from({ length: 12 }, arrive));
  const answers = await Promise.all(people.map((one) => Promise.all(places.map((place) => one.enter(place)))));
  expect(answers.map((each) => each.map(({ status }) => status).toSorted((a, b) => a - b))).toEqual(people.map(() => [200, 409, 409]));
  for (const answer of answers.flat()) if (answer.status === 409) expect(answer).toMatchObject(refused(1));
});

// Two nodes need a database that takes more than one.
test.skipIf(process.env["DB"] !== "postgres")(
  "it is decided over all nodes",
  async () => {
    const other = await startTestService({}, { beside: service });
    try {
      const { places } = await launch(1);
      for (const place of places) await expect.poll(async () => (await see(other, place)).status, patiently).toBe(200);
      const people = await Promise.all(Array.from({ length: 40 }, arrive));
      const answers = await Promise.all(people.map((one) => Promise.all(places.map((place, index) => one.enter(place, index === 0 ? other : service)))));
      expect(answers.map((each) => each.map(({ status }) => status).toSorted((a, b) => a - b))).toEqual(people.map(() => [200, 409, 409]));
    } finally {
      await other.stop();
    }
  },
  60_000,
);

test("a place that somebody has is theirs however often they enter, and one that they leave makes room for another", async () => {
  const { places } = await launch(2);
  const [one, two, draw] = places;
  const ann = await arrive();
  for (const place of [one, draw, one, draw]) expect((await ann.enter(place)).status).toBe(200);
  expect(await ann.enter(two)).toMatchObject(refused(2));
  expect((await ann.enter(one)).body).toMatchObject({ status: "QUEUED", position: 1 });
  await ann.leave(draw);
  expect((await ann.enter(two)).body.status).toBe("QUEUED");
  expect(await ann.enter(draw)).toMatchObject(refused(2));
  await ann.leave(one);
  expect((await ann.enter(draw)).body.status).toBe("ENTERED");
});

test("those who join together with somebody who may not are placed all the same", async () => {
  const { places } = await launch(1);
  const [one, two] = places;
  const people = await Promise.all(Array.from({ length: 20 }, arrive));
  const elsewhere = people.filter((_, index) => index % 3 === 0);
  await Promise.all(elsewhere.map((person) => person.enter(one)));
  const answers = await Promise.all(people.map((person) => person.enter(two)));
  expect(answers.map(({ status }) => status)).toEqual(people.map((person) => (elsewhere.includes(person) ? 409 : 200)));
  const positions = answers.filter(({ status }) => status === 200).map(({ body }) => body.position);
  expect(positions.toSorted((a, b) => a - b)).toEqual(positions.map((_, index) => index + 1));
});

test("what somebody bought counts, also under an id that they had as a guest", async () => {
  const { places } = await launch(1);
  const [one, two, draw] = places;
  const [guest, ann] = [await arrive(), await arrive()];
  await guest.enter(one);
  await service.db.run("update queue_entry set state = 'completed' where organization_id = $1 and consumer_id = $2", [shop.organization.id, guest.consumerId]);
  await linkLongAgo(guest, ann);
  for (const place of [two, draw]) expect(await ann.enter(place)).toMatchObject(refused(1));
});

test("where more comes together than a launch allows nothing is taken away, and nothing more is given", async () => {
  const { experienceId, places } = await launch(undefined);
  const [one, two, draw] = places;
  const ann = await arrive();
  for (const place of [one, two]) await ann.enter(place);
  expect((await admin("PUT", `/experiences/${experienceId}`, { maxEntriesPerConsumer: 1 })).body.maxEntriesPerConsumer).toBe(1);
  const entersDraw = async () => {
    const { status } = await ann.enter(draw);
    if (status === 200) await ann.leave(draw);
    return status;
  };
  await expect.poll(entersDraw, patiently).toBe(409);
  for (const place of [one, two]) expect((await ann.enter(place)).body).toMatchObject({ status: "QUEUED", position: 1 });
  expect((await admin("PUT", `/experiences/${experienceId}`, { maxEntriesPerConsumer: null })).body.maxEntriesPerConsumer).toBe(null);
  await expect.poll(entersDraw, patiently).toBe(200);
});

test("a limit is a whole number from one up", async () => {
  for (const maxEntriesPerConsumer of [0, -1, 1.5, "2"]) {
    const { status } = await admin("POST", "/experiences", { name: "Launch", maxEntriesPerConsumer });
    expect(status).toBe(400);
  }
});
