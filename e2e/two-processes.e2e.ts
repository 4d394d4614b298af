import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Presentation, SecurityEvent, TokenResponse } from "@fanfare-io/fanfare-contract";
import { createLaunch, startService } from "@fanfare-io/fanfare-testing";
import type { RunningService, TestLaunch } from "@fanfare-io/fanfare-testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createOwnDatabase } from "./database.ts";
import type { OwnDatabase } from "./database.ts";
import { createDevice } from "./device.ts";
import type { Device } from "./device.ts";

// Two processes behind one address, and everything that a copier has tried on one of them tried on both at once. ATTACK_ROUNDS makes it long.
const rounds = Number(process.env["ATTACK_ROUNDS"] ?? "20");
const atOnce = 8;
const address = "https://line.shop.example/api";
const patiently = { timeout: 30_000 };
let dataDir: string;
let database: OwnDatabase;
let nodes: readonly RunningService[];
let launch: TestLaunch;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "fanfare-two-processes-"));
  database = await createOwnDatabase();
  const node = (): Promise<RunningService> => startService({ dataDir, databaseUrl: database.url, env: { CONSUMER_PUBLIC_URLS: address } });
  nodes = [await node(), await node()];
  launch = await createLaunch(of(0).adminUrl, of(0).operatorKey, { admitRate: 60_000, admissionExpirationSeconds: 3_600 });
});
afterAll(async () => {
  await Promise.all(nodes.map((node) => node.stop()));
  await database.drop();
  await rm(dataDir, { recursive: true, force: true });
});

const of = (number: number): RunningService => nodes[number % nodes.length] as RunningService;

// oxlint-disable-next-line typescript/no-explicit-any -- answers are compared field by field
type Body = any;
interface Answer {
  readonly status: number;
  readonly body: Body;
}
interface Owner {
  readonly device: Device;
  readonly consumerId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

async function send(
  node: RunningService,
  plane: "consumer" | "admin",
  method: string,
  path: string,
  headers: Record<string, string>,
  json?: unknown,
): Promise<Answer> {
  const response = await fetch(`${plane === "consumer" ? node.consumerUrl : node.adminUrl}${path}`, {
    method,
    headers: { "x-publishable-key": launch.publishableKey, "content-type": "application/json", ...headers },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? null : JSON.parse(text) };
}
const asShop = (): Record<string, string> => ({ authorization: `Bearer ${launch.secretKey}` });
const validate = (node: RunningService, token: string): Promise<Answer> => send(node, "consumer", "POST", "/grants/validate", asShop(), { token });
const events = async (kind: string): Promise<readonly SecurityEvent[]> =>
  (await send(of(0), "admin", "GET", `/security-events?kind=${kind}&limit=100`, asShop())).body.data;

const proved = (method: string, path: string, { device, accessToken }: Pick<Owner, "device" | "accessToken">): Record<string, string> => ({
  authorization: `DPoP ${accessToken}`,
  ...device.proof(method, `${address}${path}`, accessToken),
});
const ask = (node: RunningService, owner: Owner, method: string, path: string, json?: unknown): Promise<Answer> =>
  send(node, "consumer", method, path, proved(method, path, owner), json);
const present = async (node: RunningService, owner: Owner): Promise<Presentation> => {
  const { status, body } = await ask(node, owner, "POST", "/grants/presentation", { distributionId: launch.queueId });
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
};

/** Somebody who came to one process and whose turn it is on both. */
async function admitted(number: number): Promise<Owner> {
  const device = createDevice();
  const { body } = await send(of(number), "consumer", "POST", "/auth/guest", device.proof("POST", `${address}/auth/guest`), {});
  const { accessToken, refreshToken, session } = body as TokenResponse;
  const owner = { device, consumerId: session.consumerId, accessToken, refreshToken };
  expect((await ask(of(number), owner, "POST", `/queues/${launch.queueId}/enter`)).status).toBe(200);
  for (const node of nodes)
    await expect.poll(async () => (await ask(node, owner, "GET", `/queues/${launch.queueId}/status`)).body.status, patiently).toBe("ADMITTED");
  return owner;
}

/** Every call that somebody with all tokens and another key can make, to both processes at the same moment. */
async function tryWithAnotherKey(owner: Owner): Promise<void> {
  const thief = { ...owner, device: createDevice() };
  const tries = nodes.flatMap((node) => [
    ask(node, thief, "POST", `/queues/${launch.queueId}/enter`),
    ask(node, thief, "POST", `/queues/${launch.queueId}/leave`),
    ask(node, thief, "POST", "/grants/presentation", { distributionId: launch.queueId }),
    ask(node, thief, "GET", "/consumers/me/export"),
    ask(node, thief, "DELETE", "/consumers/me"),
    ask(node, thief, "POST", "/auth/logout"),
    send(node, "consumer", "GET", "/consumers/me", { authorization: `Bearer ${owner.accessToken}` }),
    send(node, "consumer", "POST", "/auth/refresh", thief.device.proof("POST", `${address}/auth/refresh`), { refreshToken: owner.refreshToken }),
  ]);
  for (const { status, body } of await Promise.all(tries)) expect(status, JSON.stringify(body)).toBe(401);
}

/** One captured request of the owner's, sent to both processes as often as it goes. */
async function replay(owner: Owner): Promise<void> {
  const path = "/grants/presentation";
  const headers = proved("POST", path, owner);
  const again = Array.from({ length: 2 * atOnce }, (_, index) => send(of(index), "consumer", "POST", path, headers, { distributionId: launch.queueId }));
  const answers = await Promise.all(again);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(2 * atOnce - 1);
}

/** A presentation that a newer one of the other process voids, and the newer one at both at once. */
async function useTwice(owner: Owner, number: number): Promise<void> {
  const older = await present(of(number), owner);
  const newer = await present(of(number + 1), owner);
  for (const node of nodes) expect(await validate(node, older.token)).toMatchObject({ status: 409, body: { error: "grant_token_replaced" } });
  const answers = await Promise.all(Array.from({ length: atOnce }, (_, index) => validate(of(index), newer.token)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  const { redemptionId } = answers.find(({ status }) => status === 200)?.body ?? {};
  expect((await send(of(number), "consumer", "POST", "/grants/release", asShop(), { redemptionId })).status).toBe(200);
}

/** Whoever leaves at one process has left at the other: nothing that was handed out before is worth anything there. */
async function endAndTry(owner: Owner, number: number): Promise<void> {
  const { token } = await present(of(number), owner);
  const byOperator = number % 2 === 0;
  const ended = byOperator
    ? await send(of(number), "admin", "POST", `/consumers/${owner.consumerId}/revoke`, asShop())
    : await ask(of(number), owner, "POST", "/auth/logout");
  expect(ended.status).toBeLessThan(300);
  const other = of(number + 1);
  expect((await validate(other, token)).status).toBe(409);
  const proof = owner.device.proof("POST", `${address}/auth/refresh`);
  expect((await send(other, "consumer", "POST", "/auth/refresh", proof, { refreshToken: owner.refreshToken })).status).toBe(401);
  await expect.poll(async () => (await ask(other, owner, "GET", "/consumers/me")).status, patiently).toBe(401);
}

test(
  "two processes let through once what is meant once, and nothing of a copier's, however often both are tried; the owner goes on undisturbed",
  { timeout: 60_000 + rounds * 10_000 },
  async () => {
    for (let round = 0; round < rounds; round++) {
      const owner = await admitted(round);
      await Promise.all([tryWithAnotherKey(owner), replay(owner)]);
      expect((await ask(of(round + 1), owner, "GET", `/queues/${launch.queueId}/status`)).body.status).toBe("ADMITTED");
      await useTwice(owner, round);
      await endAndTry(owner, round);
    }
    await expect.poll(async () => (await events("wrong_key")).length, patiently).toBeGreaterThan(0);
    await expect.poll(async () => (await events("proof_replayed")).length, patiently).toBeGreaterThan(0);
  },
);
