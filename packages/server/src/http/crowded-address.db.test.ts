import type { Challenge, ChallengeAnswer, CreatedOrganization } from "@fanfare-io/fanfare-contract";
import { solveChallenge } from "altcha-lib";
import { deriveKey } from "altcha-lib/algorithms/scrypt";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestService } from "../testing/start-test-service.ts";
import type { TestAnswer, TestService } from "../testing/start-test-service.ts";
import { limitsPerMinute } from "./middleware/limits.ts";

let service: TestService;
let shop: CreatedOrganization;
let other: CreatedOrganization;
beforeAll(async () => {
  service = await startTestService({ RATE_LIMITS: "on", TRUST_PROXY: "1" });
  [shop, other] = [await service.createOrganization(), await service.createOrganization()];
});
afterAll(() => service.stop());

const ask = (path: string, json?: unknown, { address = "203.0.113.9", tenant = shop } = {}): Promise<TestAnswer> =>
  service.ask("consumer", "POST", path, {
    headers: { "X-Publishable-Key": tenant.publishableKey, "X-Forwarded-For": address },
    ...(json === undefined ? {} : { json }),
  });
const guest = (challenge?: ChallengeAnswer, wish?: { address?: string; tenant?: CreatedOrganization }) =>
  ask("/auth/guest", challenge === undefined ? {} : { challenge }, wish);
async function work(tenant = shop): Promise<ChallengeAnswer> {
  const { body } = (await ask("/challenges", undefined, { tenant })) as { readonly body: Challenge };
  const solution = await solveChallenge({ challenge: body, deriveKey });
  if (solution === null) throw new Error("The challenge has no solution.");
  return { challenge: body, solution: { counter: solution.counter, derivedKey: solution.derivedKey } };
}

test("guests of a crowded address are asked for work each, nobody is refused for it, and other addresses are asked for nothing", async () => {
  // A window of the limits may end in between, so that the crowd is made until it is one.
  const crowd = async (): Promise<TestAnswer> => {
    for (;;) {
      const answers = await Promise.all(Array.from({ length: 60 }, () => guest()));
      const asked = answers.find((answer) => answer.status === 403);
      for (const answer of answers) expect([201, 403]).toContain(answer.status);
      if (asked !== undefined) return asked;
    }
  };
  const asked = await crowd();
  expect(asked).toMatchObject({ body: { error: "challenge_required", details: { reasons: ["address_busy"] } } });
  expect(asked.headers.get("x-ratelimit-limit")).toBe(String(limitsPerMinute.guest));
  const answer = await work();
  expect((await guest(answer)).status).toBe(201);
  expect((await guest(undefined, { address: "198.51.100.7" })).status).toBe(201);

  /** What a crowd's guest is answered: whoever is let in unasked came in a new minute. */
  const inCrowd = async (brought: ChallengeAnswer): Promise<TestAnswer> => {
    for (;;) {
      const got = await guest(brought);
      if (got.status !== 201) return got;
      await crowd();
    }
  };
  expect(await inCrowd(answer)).toMatchObject({ status: 403, body: { details: { refused: "used" } } });
  const foreign = await work(other);
  expect(await inCrowd(foreign)).toMatchObject({ status: 403, body: { details: { refused: "wrong" } } });
  const own = await work();
  const cheaper = { ...own, challenge: { ...own.challenge, parameters: { ...own.challenge.parameters, cost: 1 } } };
  expect(await inCrowd(cheaper)).toMatchObject({ status: 403, body: { details: { refused: "wrong" } } });
  expect((await guest({ ...own, solution: { ...own.solution, counter: -1 } })).status).toBe(400);
  expect((await guest(own)).status).toBe(201);
});

test("of many guests who bring the same answer at once one is let in", async () => {
  const address = "192.0.2.44";
  for (;;) {
    const crowd = await Promise.all(Array.from({ length: 60 }, () => guest(undefined, { address })));
    if (crowd.every((each) => each.status === 201)) continue;
    const answer = await work();
    const statuses = (await Promise.all(Array.from({ length: 10 }, () => guest(answer, { address })))).map((each) => each.status);
    // A new minute began, in which nobody is asked.
    if (statuses.every((status) => status === 201)) continue;
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    expect(statuses.filter((status) => status === 403)).toHaveLength(9);
    return;
  }
});

test("an organization that says how many guests a minute it takes has the others come back, and neither its own guests nor other organizations notice", async () => {
  const tenant = await service.createOrganization({ guestsPerMinute: 5 });
  const taken: TestAnswer[] = [];
  let refused: TestAnswer | undefined;
  // Each from an address of its own. A minute may end in between, so that more come.
  for (let count = 1; refused === undefined; count++) {
    const answer = await guest(undefined, { tenant, address: `198.51.100.${count}` });
    if (answer.status === 201) taken.push(answer);
    else refused = answer;
  }
  expect(taken.length).toBeGreaterThanOrEqual(5);
  expect(refused).toMatchObject({ status: 429, body: { error: "rate_limited" } });
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  const authorization = `Bearer ${taken[0]?.body.accessToken}`;
  const headers = { "X-Publishable-Key": tenant.publishableKey, Authorization: authorization };
  expect((await service.ask("consumer", "GET", "/consumers/me", { headers })).status).toBe(200);
  expect((await guest(undefined, { tenant: other, address: "198.51.100.1" })).status).toBe(201);
});

test("a flood of two thousand guests from one address who do no work becomes no more consumers than a minute's limit, and the shopper beside it waits for nothing", async () => {
  const address = "203.0.113.77";
  const began = Math.floor(Date.now() / 60_000);
  let made = 0;
  const refusals = new Set<unknown>();
  for (let wave = 0; wave < 10; wave++) {
    const answers = await Promise.all(Array.from({ length: 200 }, () => guest(undefined, { address })));
    made += answers.filter(({ status }) => status === 201).length;
    for (const { status, body } of answers) if (status !== 201) refusals.add(body.error);
    expect((await guest(undefined, { address: `198.51.100.${100 + wave}` })).status).toBe(201);
  }
  const minutes = Math.floor(Date.now() / 60_000) - began + 1;
  expect(made).toBeGreaterThan(0);
  expect(made).toBeLessThanOrEqual(limitsPerMinute.guest * minutes);
  // Told what to do, not turned away.
  expect([...refusals]).toEqual(["challenge_required"]);
});
