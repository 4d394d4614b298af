import type { CreatedOrganization, EntryBinding, ProtectionLevel } from "@fanfare-io/fanfare-contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDevice } from "../testing/device.ts";
import type { TestDevice } from "../testing/device.ts";
import { startTestService } from "../testing/start-test-service.ts";
import type { TestAnswer, TestService } from "../testing/start-test-service.ts";

/** What is to happen within a second may take longer on a machine that does other things as well. */
const patiently = { timeout: 30_000 };
const www = "https://www.shop.example";
const checkout = "https://checkout.shop.example";
let service: TestService;
let shop: CreatedOrganization;
beforeAll(async () => {
  service = await startTestService();
  shop = await service.createOrganization({ embeddingAllowedHosts: ["*.shop.example"] });
});
afterAll(() => service.stop());

const admin = (method: string, path: string, json?: unknown): Promise<TestAnswer> =>
  service.ask("admin", method, path, { headers: { Authorization: `Bearer ${shop.secretKey}` }, ...(json === undefined ? {} : { json }) });

interface Launch {
  readonly experienceId: string;
  readonly queueId: string;
}
async function launch(setting: { readonly entryBinding?: EntryBinding; readonly protectionLevel?: ProtectionLevel }): Promise<Launch> {
  const { status, body } = await admin("POST", "/experiences", {
    name: "Launch",
    ...setting,
    sequence: { name: "All", queues: [{ name: "Line", admitRate: 6000 }] },
  });
  expect([status, body.entryBinding]).toEqual([201, setting.entryBinding ?? (setting.protectionLevel === undefined ? "consumer" : "device")]);
  const queueId = body.sequences[0].queues[0].id as string;
  const there = async () => (await service.ask("consumer", "GET", `/queues/${queueId}`, { headers: { "X-Publishable-Key": shop.publishableKey } })).status;
  await expect.poll(there, patiently).toBe(200);
  return { experienceId: body.id, queueId };
}

interface Session {
  readonly consumerId: string;
  readonly device: TestDevice | null;
  readonly accessToken: string;
  readonly origin: string;
}
interface Wish {
  readonly accessToken?: string;
  readonly json?: unknown;
  readonly origin?: string;
}
async function askWith(device: TestDevice | null, method: string, path: string, { accessToken, json, origin = www }: Wish = {}): Promise<TestAnswer> {
  const proof = device === null ? {} : await device.proof(method, `${service.consumerUrl}${path}`, accessToken === undefined ? {} : { accessToken });
  return service.ask("consumer", method, path, {
    headers: {
      "X-Publishable-Key": shop.publishableKey,
      Origin: origin,
      ...proof,
      ...(accessToken === undefined ? {} : { Authorization: `${device === null ? "Bearer" : "DPoP"} ${accessToken}` }),
    },
    ...(json === undefined ? {} : { json }),
  });
}
const ask = (session: Session, method: string, path: string, json?: unknown): Promise<TestAnswer> =>
  askWith(session.device, method, path, { accessToken: session.accessToken, origin: session.origin, ...(json === undefined ? {} : { json }) });

async function arrive(device: TestDevice | null): Promise<Session> {
  const { body } = await askWith(device, "POST", "/auth/guest");
  return { consumerId: body.session.consumerId, device, accessToken: body.accessToken, origin: www };
}
/** Another device of the same consumer, as if the same address had been proved on it. */
async function arriveAs(owner: Session): Promise<Session> {
  const device = await createTestDevice();
  const { body } = await askWith(device, "POST", "/auth/guest");
  await service.db.run("update session set consumer_id = $3 where organization_id = $1 and consumer_id = $2", [
    shop.organization.id,
    body.session.consumerId,
    owner.consumerId,
  ]);
  const renewed = await askWith(device, "POST", "/auth/refresh", { json: { refreshToken: body.refreshToken } });
  expect(renewed.body.session.consumerId).toBe(owner.consumerId);
  return { consumerId: owner.consumerId, device, accessToken: renewed.body.accessToken, origin: www };
}
const statusOf = async (session: Session, { queueId }: Launch): Promise<string> => (await ask(session, "GET", `/queues/${queueId}/status`)).body.status;
async function win(session: Session, at: Launch): Promise<void> {
  expect((await ask(session, "POST", `/queues/${at.queueId}/enter`)).status).toBe(200);
  await expect.poll(() => statusOf(session, at), patiently).toBe("ADMITTED");
}
const present = (session: Session, { queueId }: Launch): Promise<TestAnswer> => ask(session, "POST", "/grants/presentation", { distributionId: queueId });
const elsewhere = { status: 403, body: { error: "other_device" } };

test("only the device that entered redeems where a launch says so; the others show place and turn", async () => {
  const at = await launch({ entryBinding: "device" });
  const first = await arrive(await createTestDevice());
  const second = await arriveAs(first);
  await win(first, at);
  expect(await statusOf(second, at)).toBe("ADMITTED");
  expect((await ask(second, "POST", `/queues/${at.queueId}/enter`)).body.status).toBe("ADMITTED");
  expect(await present(second, at)).toMatchObject(elsewhere);
  expect((await present(first, at)).status).toBe(200);
});

test("any device redeems where it does not, and enhanced protection binds unless the launch says otherwise", async () => {
  for (const setting of [{}, { protectionLevel: "enhanced", entryBinding: "consumer" }] as const) {
    const at = await launch(setting);
    const first = await arrive(await createTestDevice());
    const second = await arriveAs(first);
    await win(first, at);
    expect((await present(second, at)).status).toBe(200);
  }
  await launch({ protectionLevel: "enhanced" });
});

test("a transfer to another origin of the shop takes the place along", async () => {
  const at = await launch({ entryBinding: "device" });
  const first = await arrive(await createTestDevice());
  await win(first, at);
  const { body } = await ask(first, "POST", "/auth/transfer", { origin: checkout });
  const there = await createTestDevice();
  const moved = await askWith(there, "POST", "/auth/transfer/redeem", { json: { code: body.code }, origin: checkout });
  const session = { consumerId: first.consumerId, device: there, accessToken: moved.body.accessToken, origin: checkout };
  expect((await present(session, at)).status).toBe(200);
});

test("an operator lets somebody go on who has lost the device, once, and it is in the audit log", async () => {
  const at = await launch({ entryBinding: "device" });
  const first = await arrive(await createTestDevice());
  const second = await arriveAs(first);
  await win(first, at);
  const release = () => admin("POST", "/entry-bindings/release", { distributionId: at.queueId, consumerId: first.consumerId });
  expect((await release()).body.released).toBe(true);
  expect((await release()).body.released).toBe(false);
  expect((await present(second, at)).status).toBe(200);
  const noted = async () => (await admin("GET", "/security-events?kind=binding_released")).body.data.length;
  await expect.poll(noted, patiently).toBe(1);
});

test("a session without a key gets no place that is bound to one, and a place that was left may be had from another device", async () => {
  const at = await launch({ entryBinding: "device" });
  expect(await ask(await arrive(null), "POST", `/queues/${at.queueId}/enter`)).toMatchObject({ status: 403, body: { error: "bound_session_required" } });
  const first = await arrive(await createTestDevice());
  const second = await arriveAs(first);
  await win(first, at);
  await ask(first, "POST", `/queues/${at.queueId}/leave`);
  await win(second, at);
  expect((await present(second, at)).status).toBe(200);
  expect(await present(first, at)).toMatchObject(elsewhere);
});

test("whoever logs out on the device that entered loses the turn and not the launch: from another device they may give it up and come again", async () => {
  const at = await launch({ entryBinding: "device" });
  const first = await arrive(await createTestDevice());
  const second = await arriveAs(first);
  await win(first, at);
  expect((await ask(first, "POST", "/auth/logout")).status).toBe(204);
  expect(await statusOf(second, at)).toBe("ADMITTED");
  expect(await present(second, at)).toMatchObject(elsewhere);
  expect((await ask(second, "POST", `/queues/${at.queueId}/leave`)).status).toBe(200);
  await win(second, at);
  expect((await present(second, at)).status).toBe(200);
});

test("of devices of one consumer that enter at the same moment one has entered, and it alone redeems", async () => {
  const at = await launch({ entryBinding: "device" });
  const first = await arrive(await createTestDevice());
  const others = await Promise.all([arriveAs(first), arriveAs(first), arriveAs(first)]);
  const all = [first, ...others];
  await Promise.all(all.map((each) => ask(each, "POST", `/queues/${at.queueId}/enter`)));
  await expect.poll(() => statusOf(first, at), patiently).toBe("ADMITTED");
  const answers = await Promise.all(all.map((each) => present(each, at)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  for (const refused of answers.filter(({ status }) => status !== 200)) expect(refused).toMatchObject(elsewhere);
});

test("a place that was given before the launch began to bind belongs to the consumer still", async () => {
  const at = await launch({ entryBinding: "consumer" });
  const first = await arrive(await createTestDevice());
  const second = await arriveAs(first);
  await win(first, at);
  expect((await admin("PUT", `/experiences/${at.experienceId}`, { entryBinding: "device" })).body.entryBinding).toBe("device");
  expect((await present(second, at)).status).toBe(200);
});
