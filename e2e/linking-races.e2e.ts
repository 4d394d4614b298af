import { createHash, randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { EnterQueueAnswer, ExternalCode, QueueConsumerState, TokenResponse } from "@fanfare-io/fanfare-contract";
import { ApiRefusal, call, createLaunch, readTruth, startService } from "@fanfare-io/fanfare-testing";
import type { RunningService, TestLaunch } from "@fanfare-io/fanfare-testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createOwnDatabase } from "./database.ts";
import type { OwnDatabase } from "./database.ts";
import { createDevice } from "./device.ts";

let dataDir: string;
let database: OwnDatabase;
let nodes: RunningService[];
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "fanfare-linking-"));
  database = await createOwnDatabase();
  const node = () => startService({ dataDir, databaseUrl: database.url });
  nodes = [await node(), ...(await Promise.all([node(), node()]))];
});
afterAll(async () => {
  await Promise.all(nodes.map((node) => node.stop()));
  await database.drop();
  await rm(dataDir, { recursive: true, force: true });
});

const nodeOf = (number: number): RunningService => nodes[number % nodes.length] as RunningService;
const launchOf = (queue: Parameters<typeof createLaunch>[2]): Promise<TestLaunch> => {
  const [first] = nodes as [RunningService];
  return createLaunch(first.adminUrl, first.operatorKey, queue, { experienceId: `exp_${randomUUID().slice(0, 8)}` });
};

/** A browser with a key, which asks whichever node it is told to. */
function open(launch: TestLaunch) {
  const device = createDevice();
  return {
    async ask<Body>(node: number, method: string, path: string, body?: unknown, accessToken?: string): Promise<Body> {
      const url = `${nodeOf(node).consumerUrl}${path}`;
      for (;;) {
        const headers = { "x-publishable-key": launch.publishableKey, ...device.proof(method, url.split("?", 1)[0] ?? url, accessToken) };
        try {
          return await call<Body>(method, url, { ...headers, ...(accessToken === undefined ? {} : { authorization: `DPoP ${accessToken}` }) }, body);
        } catch (error) {
          // A machine that does other things as well may be told to come back.
          if (!(error instanceof ApiRefusal) || error.status !== 503) throw error;
          await pause(200);
        }
      }
    },
  };
}
type Browser = ReturnType<typeof open>;

const codeVerifier = "v".repeat(43);
const codeChallenge = createHash("sha256").update(codeVerifier).digest("base64url");
async function authorize(launch: TestLaunch, subject: string): Promise<string> {
  const who = { provider: "shop", issuer: "https://shop.example", subject, codeChallenge };
  const headers = { authorization: `Bearer ${launch.secretKey}` };
  return (await call<ExternalCode>("POST", `${nodeOf(0).consumerUrl}/auth/external/authorize`, headers, who)).exchangeCode;
}
const exchange = (browser: Browser, node: number, exchangeCode: string, accessToken?: string): Promise<TokenResponse> =>
  browser.ask<TokenResponse>(node, "POST", "/auth/external/exchange", { exchangeCode, codeVerifier }, accessToken);

/** What became of calls: their answers, and the codes of refusals. Anything of the service's own fault fails the test. */
async function settle<Body>(calls: readonly Promise<Body>[]): Promise<{ readonly answers: readonly Body[]; readonly refused: readonly string[] }> {
  const settled = await Promise.allSettled(calls);
  const answers = settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const refused = settled.flatMap((one) => {
    if (one.status === "fulfilled") return [];
    if (!(one.reason instanceof ApiRefusal) || one.reason.status >= 500) throw one.reason;
    return [one.reason.body?.error ?? ""];
  });
  return { answers, refused };
}

test("one code that two tabs and three strangers use at once on three nodes is one device's, and its tabs have one session", async () => {
  const launch = await launchOf({ id: `queue_${randomUUID().slice(0, 8)}` });
  for (let round = 0; round < 10; round++) {
    const code = await authorize(launch, randomUUID());
    const browser = open(launch);
    const guest = await browser.ask<TokenResponse>(0, "POST", "/auth/guest");
    const tabs = [0, 1, 2].map((node) => exchange(browser, node, code, guest.accessToken));
    const strangers = [0, 1, 2].map((node) => exchange(open(launch), node, code));
    const [ours, theirs] = await Promise.all([settle(tabs), settle(strangers)]);
    const winners = [...ours.answers, ...theirs.answers];
    expect(winners.length).toBe(ours.answers.length > 0 ? 3 : 1);
    expect(new Set(winners.map(({ session }) => `${session.consumerId} ${session.type}`)).size).toBe(1);
    expect([...ours.refused, ...theirs.refused].every((error) => error === "invalid_exchange_code")).toBe(true);
  }
});

test("guests on three nodes who turn out to be one person at the same moment have one place, the best of theirs, and nobody's position rises", async () => {
  const launch = await launchOf({ id: `queue_${randomUUID().slice(0, 8)}`, admitRate: 1 });
  const [first] = nodes as [RunningService];
  await call("POST", `${first.adminUrl}/queues/${launch.queueId}/pause`, { authorization: `Bearer ${launch.secretKey}` });
  for (let round = 0; round < 5; round++) {
    const subject = randomUUID();
    await exchange(open(launch), 0, await authorize(launch, subject));
    const browsers = Array.from({ length: 6 }, () => open(launch));
    const guests = await Promise.all(browsers.map((browser, node) => browser.ask<TokenResponse>(node, "POST", "/auth/guest")));
    const enter = (number: number) =>
      browsers[number]?.ask<EnterQueueAnswer>(number, "POST", `/queues/${launch.queueId}/enter`, {}, guests[number]?.accessToken) as Promise<EnterQueueAnswer>;
    const places: EnterQueueAnswer[] = [];
    for (const number of browsers.keys()) places.push(await enter(number));
    const codes = await Promise.all(browsers.map(() => authorize(launch, subject)));
    const linked = await Promise.all(browsers.map((browser, number) => exchange(browser, number + 1, codes[number] ?? "", guests[number]?.accessToken)));
    expect(new Set(linked.map(({ session }) => session.consumerId)).size).toBe(1);
    const best = Math.min(...places.map((place) => (place.status === "QUEUED" ? (place.ticket ?? Infinity) : Infinity)));
    const states = await Promise.all(
      browsers.map((browser, number) =>
        browser.ask<QueueConsumerState>(number + 2, "GET", `/queues/${launch.queueId}/status?version=1000000`, undefined, linked[number]?.accessToken),
      ),
    );
    for (const [number, state] of states.entries()) {
      expect(state).toMatchObject({ status: "QUEUED", ticket: best });
      const before = places[number];
      if (state.status === "QUEUED" && before?.status === "QUEUED") expect(state.position).toBeLessThanOrEqual(before.position ?? 0);
    }
  }
});

test("people who are let in, present their grants, renew their sessions and join while they turn out to be somebody all have exactly one place, or one grant", async () => {
  const launch = await launchOf({ id: `queue_${randomUUID().slice(0, 8)}`, admitRate: 60_000, capacity: 1_000 });
  const queue = `/queues/${launch.queueId}`;
  const people = Array.from({ length: 15 }, (_, number) => ({ number, browser: open(launch), subject: randomUUID() }));
  const outcomes = await Promise.all(
    people.map(async ({ number, browser, subject }) => {
      await exchange(open(launch), number, await authorize(launch, subject));
      const guest = await browser.ask<TokenResponse>(number, "POST", "/auth/guest");
      const code = await authorize(launch, subject);
      const entering = browser.ask<EnterQueueAnswer>(number + 1, "POST", `${queue}/enter`, {}, guest.accessToken);
      const { answers } = await settle<TokenResponse>([
        exchange(browser, number, code, guest.accessToken),
        browser.ask<TokenResponse>(number + 2, "POST", "/auth/refresh", { refreshToken: guest.refreshToken }),
        entering.then(() => guest),
        browser.ask(number, "GET", `${queue}/status`, undefined, guest.accessToken).then(() => guest),
      ]);
      expect(answers).toHaveLength(4);
      const renewed = await browser.ask<TokenResponse>(number, "POST", "/auth/refresh", { refreshToken: answers[0]?.refreshToken });
      expect(renewed.session).toMatchObject({ type: "authenticated", consumerId: answers[0]?.session.consumerId });
      return { browser, number, renewed };
    }),
  );
  for (const { browser, number, renewed } of outcomes) {
    const status = () => browser.ask<QueueConsumerState>(number + 1, "GET", `${queue}/status`, undefined, renewed.accessToken);
    await expect.poll(async () => (await status()).status).toBe("ADMITTED");
    const presented = await browser.ask<{ token: string }>(number + 2, "POST", "/grants/presentation", { distributionId: launch.queueId }, renewed.accessToken);
    expect(presented.token).toBeTruthy();
  }
  const truth = await readTruth({ databaseUrl: database.url }, launch.organizationId, launch.queueId);
  const live = truth.grants.filter(({ state }) => state === "active");
  expect(live).toHaveLength(people.length);
  expect(truth.active).toBe(people.length);
});
