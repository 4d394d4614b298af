import { randomUUID } from "node:crypto";
import type { CreatedOrganization, SecurityEvent } from "@fanfare-io/fanfare-contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDevice } from "../testing/device.ts";
import type { ProofWish, TestDevice } from "../testing/device.ts";
import { doWork } from "../testing/do-work.ts";
import { littleWork } from "../testing/little-work.ts";
import { startTestService } from "../testing/start-test-service.ts";
import type { TestAnswer, TestService } from "../testing/start-test-service.ts";

/** What is to happen within a second may take longer on a machine that does other things as well. */
const patiently = { timeout: 30_000 };
/** What browsers call, whichever node answers behind it. */
const address = "https://line.shop.example/api";
const variables = { CONSUMER_PUBLIC_URLS: address };
let here: TestService;
let there: TestService;
let shop: CreatedOrganization;
let queueId: string;

const isServer = process.env["DB"] === "postgres";

beforeAll(async () => {
  if (!isServer) return;
  here = await startTestService(variables, { challengeCosts: littleWork });
  there = await startTestService(variables, { beside: here, challengeCosts: littleWork });
  shop = await here.createOrganization();
  const made = await admin("POST", "/experiences", { name: "Launch", sequence: { name: "All", queues: [{ name: "Line", admitRate: 6_000 }] } });
  queueId = made.body.sequences[0].queues[0].id;
});
afterAll(async () => {
  await there?.stop();
  await here?.stop();
});

const admin = (method: string, path: string, json?: unknown): Promise<TestAnswer> =>
  here.ask("admin", method, path, { headers: { Authorization: `Bearer ${shop.secretKey}` }, ...(json === undefined ? {} : { json }) });
const events = async (kind: string): Promise<readonly SecurityEvent[]> => (await admin("GET", `/security-events?kind=${kind}`)).body.data;

interface Shopper {
  readonly device: TestDevice;
  readonly consumerId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}
async function send(node: TestService, method: string, path: string, headers: Readonly<Record<string, string>>, json?: unknown): Promise<TestAnswer> {
  return node.ask("consumer", method, path, {
    headers: { "X-Publishable-Key": shop.publishableKey, ...headers },
    ...(json === undefined ? {} : { json }),
  });
}
async function arrive(node: TestService): Promise<Shopper> {
  const device = await createTestDevice();
  const { body } = await send(node, "POST", "/auth/guest", await device.proof("POST", `${address}/auth/guest`));
  return { device, consumerId: body.session.consumerId, accessToken: body.accessToken, refreshToken: body.refreshToken };
}
const proved = async ({ device, accessToken }: Shopper, method: string, path: string, wish: ProofWish = {}): Promise<Record<string, string>> => ({
  Authorization: `DPoP ${accessToken}`,
  ...(await device.proof(method, `${address}${path}`, { accessToken, ...wish })),
});
const ask = async (node: TestService, shopper: Shopper, method: string, path: string, json?: unknown): Promise<TestAnswer> =>
  send(node, method, path, await proved(shopper, method, path), json);
async function admitted(shopper: Shopper): Promise<void> {
  expect((await ask(here, shopper, "POST", `/queues/${queueId}/enter`)).status).toBe(200);
  await expect.poll(async () => (await ask(there, shopper, "GET", `/queues/${queueId}/status`)).body.status, patiently).toBe("ADMITTED");
}

describe.runIf(isServer)("of two nodes", () => {
  test("each takes the other's nonce, whatever the device's clock says, and neither an old one or one of its own making", async () => {
    const shopper = await arrive(here);
    const path = "/auth/session";
    const asked = async (nonce: string): Promise<TestAnswer> => send(there, "GET", path, await proved(shopper, "GET", path, { nonce, iat: 1 }));
    const nonce = (await ask(here, shopper, "GET", path)).headers.get("dpop-nonce") ?? "";
    expect((await asked(nonce)).status).toBe(200);
    const [minute = "", seal = ""] = nonce.split(".");
    for (const wrong of [`${minute}.${seal.slice(1)}`, `${minute}1.${seal}`, seal, minute, ""])
      expect(await asked(wrong), wrong).toMatchObject({ status: 401, body: { error: "use_dpop_nonce" } });
  });

  test("one takes a proof where it is meant once, however many come to both at the same moment, and it is written down", async () => {
    const shopper = await arrive(here);
    const path = `/queues/${queueId}/leave`;
    const headers = await proved(shopper, "POST", path);
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => send(index % 2 === 0 ? here : there, "POST", path, headers)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const refused of answers.filter(({ status }) => status !== 200)) expect(refused).toMatchObject({ status: 401, body: { error: "use_dpop_nonce" } });
    await expect.poll(async () => (await events("proof_replayed")).some(({ consumerId }) => consumerId === shopper.consumerId), patiently).toBe(true);
  });

  test("one takes an answer to a challenge", async () => {
    await admin("POST", "/experiences", {
      id: "exp_all_work",
      name: "Work",
      protectionLevel: "enhanced",
      sequence: { name: "All", queues: [{ id: "queue_work", name: "Line", admitRate: 0 }] },
    });
    const crowd = await Promise.all(Array.from({ length: 4 }, () => arrive(here)));
    const challenge = await doWork(here, shop.publishableKey, "enter", "high");
    const path = "/queues/queue_work/enter";
    await expect.poll(async () => (await send(there, "GET", "/queues/queue_work", {})).status, patiently).toBe(200);
    const enter = async (shopper: Shopper, index: number): Promise<TestAnswer> =>
      send(index % 2 === 0 ? here : there, "POST", path, { ...(await proved(shopper, "POST", path)), "User-Agent": "HeadlessChrome" }, { challenge });
    const answers = await Promise.all(crowd.map(enter));
    expect(answers.filter(({ body }) => body.error !== "challenge_required")).toHaveLength(1);
    for (const { body } of answers.filter((answer) => answer.body.error === "challenge_required")) expect(body.details.refused).toBe("used");
  });

  test("one ends a session, and the other honours neither its tokens nor what it presented, within a second", async () => {
    const [shopper, other] = [await arrive(here), await arrive(there)];
    await admitted(shopper);
    const { token } = (await ask(there, shopper, "POST", "/grants/presentation", { distributionId: queueId })).body;
    expect((await ask(there, shopper, "GET", "/consumers/me")).status).toBe(200);
    expect((await ask(here, shopper, "POST", "/auth/logout")).status).toBe(204);
    const merchant = { Authorization: `Bearer ${shop.secretKey}` };
    expect((await there.ask("consumer", "POST", "/grants/validate", { headers: merchant, json: { token } })).status).toBe(409);
    const refreshing = await shopper.device.proof("POST", `${address}/auth/refresh`);
    expect((await send(there, "POST", "/auth/refresh", refreshing, { refreshToken: shopper.refreshToken })).status).toBe(401);
    await expect.poll(async () => (await ask(there, shopper, "GET", "/consumers/me")).status, { timeout: 1_000 + patiently.timeout, interval: 50 }).toBe(401);
    expect((await ask(there, other, "GET", "/consumers/me")).status).toBe(200);
  });

  test("both find one guest for one key, and one takes what the other has retired for retired", async () => {
    const device = await createTestDevice();
    const guest = async (node: TestService): Promise<TestAnswer> => send(node, "POST", "/auth/guest", await device.proof("POST", `${address}/auth/guest`));
    const answers = await Promise.all(Array.from({ length: 10 }, (_, index) => guest(index % 2 === 0 ? here : there)));
    expect(new Set(answers.map(({ body }) => body.session.consumerId)).size).toBe(1);
    const { accessToken, refreshToken, session } = answers[0]?.body ?? {};
    await ask(here, { device, accessToken, refreshToken, consumerId: session.consumerId }, "POST", "/auth/logout");
    expect(await guest(there)).toMatchObject({ status: 409, body: { error: "key_retired" } });
  });

  test("an operator's revocation of a consumer holds on both", async () => {
    const shopper = await arrive(here);
    await admitted(shopper);
    const { token } = (await ask(here, shopper, "POST", "/grants/presentation", { distributionId: queueId })).body;
    expect((await admin("POST", `/consumers/${shopper.consumerId}/revoke`)).status).toBe(200);
    const merchant = { Authorization: `Bearer ${shop.secretKey}` };
    expect(await there.ask("consumer", "POST", "/grants/validate", { headers: merchant, json: { token } })).toMatchObject({ status: 409 });
    await expect.poll(async () => (await ask(there, shopper, "GET", "/consumers/me")).status, patiently).toBe(401);
  });

  test("a key of the shop that one rotates out opens nothing on the other within a second, and the new one does", async () => {
    const next = (await admin("POST", "/api-keys", { kind: "secret" })).body;
    const completeWith = (key: string): Promise<TestAnswer> =>
      there.ask("consumer", "POST", "/grants/complete", {
        headers: { Authorization: `Bearer ${key}` },
        json: { redemptionId: "redemption_none", orderId: randomUUID() },
      });
    expect(await completeWith(next.key)).toMatchObject({ status: 409, body: { error: "grant_not_held" } });
    expect((await admin("DELETE", `/api-keys/${next.id}`)).status).toBe(200);
    await expect.poll(async () => (await completeWith(next.key)).body.error, patiently).toBe("invalid_secret_key");
    expect(await completeWith(shop.secretKey)).toMatchObject({ status: 409, body: { error: "grant_not_held" } });
  });
});
