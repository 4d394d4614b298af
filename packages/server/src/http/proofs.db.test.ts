import { routes } from "@fanfare-io/fanfare-contract";
import type { CreatedOrganization, Route, RouteName, SecurityEvent } from "@fanfare-io/fanfare-contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDevice } from "../testing/device.ts";
import type { TestDevice } from "../testing/device.ts";
import { startTestService } from "../testing/start-test-service.ts";
import type { TestAnswer, TestService } from "../testing/start-test-service.ts";

/** What is to happen within a second may take longer on a machine that does other things as well. */
const patiently = { timeout: 30_000 };
let service: TestService;
let shop: CreatedOrganization;
let device: TestDevice;
let thief: TestDevice;
let accessToken: string;
let consumerId: string;
let queueId: string;
let experienceId: string;

beforeAll(async () => {
  service = await startTestService();
  shop = await service.createOrganization();
  const made = await service.ask("admin", "POST", "/experiences", {
    headers: { Authorization: `Bearer ${shop.secretKey}` },
    json: { name: "Launch", sequence: { name: "All", queues: [{ name: "Line", admitRate: 6_000 }] } },
  });
  experienceId = made.body.id;
  queueId = made.body.sequences[0].queues[0].id;
  [device, thief] = await Promise.all([createTestDevice(), createTestDevice()]);
  const guest = await ask("POST", "/auth/guest", await device.proof("POST", `${service.consumerUrl}/auth/guest`));
  ({ accessToken } = guest.body);
  ({ consumerId } = guest.body.session);
});
afterAll(() => service.stop());

const ask = (method: string, path: string, headers: Record<string, string>, json?: unknown): Promise<TestAnswer> =>
  service.ask("consumer", method, path, { headers: { "X-Publishable-Key": shop.publishableKey, ...headers }, ...(json === undefined ? {} : { json }) });

/** Every route that a consumer's access token opens. */
const guarded = (Object.entries(routes) as [RouteName, Route][]).filter(
  ([, { plane, auth }]) => plane === "consumer" && ["consumer", "consumer_optional", "poll"].includes(auth),
);
const pathOf = (route: Route): string => route.path.replace(":experienceId", experienceId).replace(":queueId", queueId).replace(/:\w+/g, "dist_none");
const events = async (kind: string): Promise<readonly SecurityEvent[]> => {
  const answer = await service.ask("admin", "GET", `/security-events?kind=${kind}&first=100`, { headers: { Authorization: `Bearer ${shop.secretKey}` } });
  return answer.body.data;
};

describe.each(guarded)("%s", (name, route) => {
  const { method } = route;
  const using = (proof: Record<string, string>) => ask(method, pathOf(route), { Authorization: `DPoP ${accessToken}`, ...proof });
  const prove = (by: TestDevice, wish: { method?: string; path?: string; token?: string; nonce?: string } = {}) =>
    by.proof(wish.method ?? method, `${service.consumerUrl}${wish.path ?? pathOf(route)}`, {
      accessToken: wish.token ?? accessToken,
      ...(wish.nonce === undefined ? {} : { nonce: wish.nonce }),
    });

  test("is refused to a token of a bound session without its key, in every way that a copy could be used", async () => {
    const refusals = [
      ["missing", {}],
      ["key", await prove(thief)],
      ["method", await prove(device, { method: method === "GET" ? "POST" : "GET" })],
      ["url", await prove(device, { path: "/elsewhere" })],
      ["token", await prove(device, { token: `${accessToken}x` })],
    ] as const;
    for (const [reason, proof] of refusals)
      expect(await using(proof), reason).toMatchObject({ status: 401, body: { error: "invalid_dpop_proof", details: { reason } } });
    expect(await using(await prove(device, { nonce: "old.nonce" }))).toMatchObject({ status: 401, body: { error: "use_dpop_nonce" } });
    // Ending what this token does not open is no error, and ends nothing, as the owner's next call shows.
    expect((await ask(method, pathOf(route), { Authorization: `Bearer ${accessToken}` })).status).toBe(name === "logout" ? 204 : 401);
  });
});

test("a wrong key is written down once a minute with its number, without any token, and the session goes on", async () => {
  const path = "/auth/session";
  const mine = async () =>
    ask("GET", path, { Authorization: `DPoP ${accessToken}`, ...(await device.proof("GET", `${service.consumerUrl}${path}`, { accessToken })) });
  expect((await mine()).status).toBe(200);
  await expect.poll(() => events("wrong_key"), patiently).toMatchObject([{ consumerId, times: guarded.length, network: "127.0.0.0/24" }]);
  expect(JSON.stringify(await events("wrong_key"))).not.toContain(accessToken.slice(3, 20));
});

test("what is done once is not done again by the same proof, on whatever node it comes, and a fresh proof does it", async () => {
  const path = `/queues/${queueId}/leave`;
  const proof = await device.proof("POST", `${service.consumerUrl}${path}`, { accessToken });
  const authorization = { Authorization: `DPoP ${accessToken}` };
  expect((await ask("POST", path, { ...authorization, ...proof })).status).toBe(200);
  const replayed = await ask("POST", path, { ...authorization, ...proof });
  expect(replayed).toMatchObject({ status: 401, body: { error: "use_dpop_nonce" } });
  const nonce = replayed.headers.get("dpop-nonce") ?? "";
  const anew = await device.proof("POST", `${service.consumerUrl}${path}`, { accessToken, nonce });
  expect((await ask("POST", path, { ...authorization, ...anew })).status).toBe(200);
  await expect.poll(() => events("proof_replayed"), patiently).toMatchObject([{ consumerId, times: 1 }]);
});

test("another organization reads nothing of it", async () => {
  const other = await service.createOrganization();
  const answer = await service.ask("admin", "GET", "/security-events", { headers: { Authorization: `Bearer ${other.secretKey}` } });
  expect(answer.body.data).toEqual([]);
});
