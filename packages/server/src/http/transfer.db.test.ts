import type { CreatedOrganization } from "@fanfare-io/fanfare-contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDevice } from "../testing/device.ts";
import type { TestDevice } from "../testing/device.ts";
import { startTestService } from "../testing/start-test-service.ts";
import type { TestAnswer, TestService } from "../testing/start-test-service.ts";

const www = "https://www.shop.example";
const checkout = "https://checkout.shop.example";
let service: TestService;
let shop: CreatedOrganization;
let other: CreatedOrganization;
beforeAll(async () => {
  service = await startTestService();
  shop = await service.createOrganization({ embeddingAllowedHosts: ["*.shop.example"] });
  other = await service.createOrganization({ embeddingAllowedHosts: ["*.shop.example"] });
});
afterAll(() => service.stop());

interface Wish {
  readonly accessToken?: string;
  readonly json?: unknown;
  readonly origin?: string | null;
  readonly tenant?: CreatedOrganization;
}
async function ask(
  device: TestDevice | null,
  method: string,
  path: string,
  { accessToken, json, origin = www, tenant = shop }: Wish = {},
): Promise<TestAnswer> {
  const proof = device === null ? {} : await device.proof(method, `${service.consumerUrl}${path}`, accessToken === undefined ? {} : { accessToken });
  return service.ask("consumer", method, path, {
    headers: {
      "X-Publishable-Key": tenant.publishableKey,
      ...proof,
      ...(origin === null ? {} : { Origin: origin }),
      ...(accessToken === undefined ? {} : { Authorization: `${device === null ? "Bearer" : "DPoP"} ${accessToken}` }),
    },
    ...(json === undefined ? {} : { json }),
  });
}
async function guest(device: TestDevice | null) {
  return (await ask(device, "POST", "/auth/guest")).body as { accessToken: string; refreshToken: string; session: { consumerId: string } };
}
const codeFor = async (device: TestDevice | null, accessToken: string, origin = checkout): Promise<TestAnswer> =>
  ask(device, "POST", "/auth/transfer", { accessToken, json: { origin } });
const redeem = (device: TestDevice | null, code: string, wish: Wish = {}) =>
  ask(device, "POST", "/auth/transfer/redeem", { origin: checkout, json: { code }, ...wish });

test("a session goes to the shop's other origin with its consumer, under that origin's key, and ends where it was", async () => {
  const [here, there] = [await createTestDevice(), await createTestDevice()];
  const made = await guest(here);
  const { body } = await codeFor(here, made.accessToken);
  expect(Date.parse(body.expiresAt) - Date.now()).toBeLessThanOrEqual(30_000);
  const moved = await redeem(there, body.code);
  expect(moved).toMatchObject({ status: 200, body: { tokenType: "DPoP", session: { consumerId: made.session.consumerId, bound: "device" } } });
  expect((await ask(there, "GET", "/auth/session", { accessToken: moved.body.accessToken, origin: checkout })).status).toBe(200);
  expect((await ask(here, "GET", "/auth/session", { accessToken: made.accessToken })).status).toBe(401);
  expect((await ask(here, "POST", "/auth/refresh", { json: { refreshToken: made.refreshToken } })).status).toBe(401);
  expect(await ask(here, "POST", "/auth/guest")).toMatchObject({ status: 409, body: { error: "key_retired" } });
  const again = await redeem(await createTestDevice(), body.code);
  expect(again).toMatchObject({ status: 422, body: { error: "invalid_transfer_code" } });
});

test("of many who redeem one code at once, one gets the session", async () => {
  const made = await guest(null);
  const { body } = await codeFor(null, made.accessToken);
  const devices = await Promise.all(Array.from({ length: 8 }, createTestDevice));
  const statuses = (await Promise.all(devices.map((device) => redeem(device, body.code)))).map((answer) => answer.status).toSorted((one, two) => one - two);
  expect(statuses).toEqual([200, 422, 422, 422, 422, 422, 422, 422]);
});

test("a code is worth nothing at another origin, for another organization, without a key where the session had one, with the key of another session, or changed", async () => {
  const here = await createTestDevice();
  const made = await guest(here);
  const { code } = (await codeFor(here, made.accessToken)).body;
  const there = await createTestDevice();
  for (const wish of [{ origin: www }, { origin: null }, { tenant: other }]) expect((await redeem(there, code, wish)).status).toBe(422);
  expect((await redeem(there, `${code.slice(0, -2)}xx`)).status).toBe(422);
  expect((await redeem(there, made.refreshToken)).status).toBe(422);
  expect(await redeem(null, code)).toMatchObject({ status: 401, body: { details: { reason: "missing" } } });
  const neighbour = await createTestDevice();
  await guest(neighbour);
  expect(await redeem(neighbour, code)).toMatchObject({ status: 409, body: { error: "key_in_use" } });
  expect((await ask(here, "GET", "/auth/session", { accessToken: made.accessToken })).status).toBe(200);
  expect((await redeem(there, code)).status).toBe(200);
});

test("a code is made for an origin of the shop only, and by the holder of the key only", async () => {
  const here = await createTestDevice();
  const { accessToken } = await guest(here);
  expect(await codeFor(here, accessToken, "https://evil.example")).toMatchObject({ status: 403, body: { error: "origin_not_allowed" } });
  expect((await codeFor(here, accessToken, "https://www.shop.example/path")).status).toBe(400);
  expect(await codeFor(await createTestDevice(), accessToken)).toMatchObject({ status: 401, body: { details: { reason: "key" } } });
});
