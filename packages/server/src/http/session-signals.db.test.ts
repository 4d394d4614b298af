import type { ConsumerExport, CreatedOrganization, SessionSignals } from "@fanfare-io/fanfare-contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { retain } from "../jobs/retain.ts";
import { createSystemClock } from "../platform/system-clock.ts";
import { createTestDevice } from "../testing/device.ts";
import { startTestService } from "../testing/start-test-service.ts";
import type { TestAnswer, TestService } from "../testing/start-test-service.ts";

let service: TestService;
let shop: CreatedOrganization;
beforeAll(async () => {
  service = await startTestService({ TRUST_PROXY: "1" });
  shop = await service.createOrganization();
});
afterAll(() => service.stop());

const phone: SessionSignals = { timeZone: "Europe/Berlin", language: "de-DE", screen: "small", cores: "some", touch: true, platform: "ios" };
const other: SessionSignals = { ...phone, platform: "android" };

interface Device {
  readonly made: TestAnswer;
  readonly consumerId: string;
  become(sessionSignals: SessionSignals): Promise<TestAnswer>;
  enter(queueId: string): Promise<TestAnswer>;
  refresh(consent: object): Promise<TestAnswer>;
  export(): Promise<ConsumerExport>;
}

async function arrive(address: string, json: object, publishableKey = shop.publishableKey): Promise<Device> {
  const device = await createTestDevice();
  const ask = async (path: string, body: object | undefined, accessToken?: string, method = "POST"): Promise<TestAnswer> =>
    service.ask("consumer", method, path, {
      headers: {
        "User-Agent": "Mozilla/5.0",
        "Accept-Language": "de",
        "X-Publishable-Key": publishableKey,
        "X-Forwarded-For": address,
        ...(await device.proof(method, `${service.consumerUrl}${path}`, accessToken === undefined ? {} : { accessToken })),
        ...(accessToken === undefined ? {} : { Authorization: `DPoP ${accessToken}` }),
      },
      ...(body === undefined ? {} : { json: body }),
    });
  const made = await ask("/auth/guest", json);
  return {
    made,
    consumerId: made.body.session?.consumerId,
    become: (sessionSignals) => ask("/auth/guest", { sessionSignals }),
    enter: (queueId) => ask(`/queues/${queueId}/enter`, {}, made.body.accessToken),
    refresh: (consent) => ask("/auth/refresh", { refreshToken: made.body.refreshToken, ...consent }),
    export: async () => (await ask("/consumers/me/export", undefined, made.body.accessToken, "GET")).body,
  };
}

async function launch(): Promise<string> {
  const headers = { Authorization: `Bearer ${shop.secretKey}` };
  const json = { name: "Launch", protectionLevel: "enhanced", sequence: { name: "All", queues: [{ name: "Line", admitRate: 0 }] } };
  return (await service.ask("admin", "POST", "/experiences", { headers, json })).body.sequences[0].queues[0].id as string;
}

interface Kept {
  readonly signals: string | null;
  readonly driven: boolean;
}
async function kept({ consumerId }: Device): Promise<Kept> {
  const statement = "select encode(signals_key, 'hex') as signals, signals_driven as driven from session where consumer_id = $1";
  return (await service.db.run<Kept>(statement, [consumerId]))[0] as Kept;
}
const alikes = ({ consumerId }: Device) =>
  service.db.run<{ alike: boolean }>("select alike_key is not null as alike from entry_check where consumer_id = $1", [consumerId]);

test("what was taken is said to who gave it, and kept as a hash that is the same for devices alike and another with another shop", async () => {
  const [one, same, different] = [
    await arrive("198.51.100.1", { sessionSignals: phone }),
    await arrive("198.51.100.2", { sessionSignals: { platform: "ios", ...phone, webdriver: false } }),
    await arrive("198.51.100.3", { sessionSignals: other }),
  ];
  expect(one.made).toMatchObject({ status: 201, body: { session: { type: "guest", sessionSignals: phone } } });
  const key = (await kept(one)).signals;
  expect(key).toMatch(/^[0-9a-f]{32}$/);
  expect((await kept(same)).signals).toBe(key);
  expect((await kept(different)).signals).not.toBe(key);
  const elsewhere = await arrive("198.51.100.4", { sessionSignals: phone }, (await service.createOrganization()).publishableKey);
  expect((await kept(elsewhere)).signals).not.toBe(key);
  const [row] = await service.db.run("select * from session where consumer_id = $1", [one.consumerId]);
  expect(JSON.stringify(row)).not.toMatch(/Berlin|de-DE|ios|small/);
  // A lost answer is said again; other signals for the same session are not taken.
  expect(await one.become(phone)).toMatchObject({ status: 200, body: { session: { sessionSignals: phone } } });
  expect((await one.become(other)).body.session.sessionSignals).toBeUndefined();
  expect((await kept(one)).signals).toBe(key);
});

test("without signals nothing is kept, and nothing is said", async () => {
  const guest = await arrive("198.51.100.1", {});
  expect(guest.made.body.session.sessionSignals).toBeUndefined();
  expect(await kept(guest)).toEqual({ signals: null, driven: false });
});

test.each([
  { canvas: "data:" },
  { fonts: [] },
  { timeZone: "x".repeat(65) },
  { timeZone: "<script>" },
  { screen: 1170 },
  { cores: 8 },
  { language: ["de", "en"] },
  [],
])("what is not one of the documented classes is refused: %j", async (sessionSignals) => {
  expect((await arrive("198.51.100.1", { sessionSignals })).made).toMatchObject({ status: 400 });
});

test("the ninth of those who look alike in one network has to work, and somebody who looks otherwise has not", async () => {
  const queueId = await launch();
  for (let host = 1; host <= 8; host++) {
    expect((await (await arrive(`203.0.113.${host}`, { sessionSignals: phone })).enter(queueId)).body.status).toBe("QUEUED");
  }
  expect((await (await arrive("203.0.113.9", { sessionSignals: other })).enter(queueId)).body.status).toBe("QUEUED");
  expect((await (await arrive("203.0.113.10", {})).enter(queueId)).body.status).toBe("QUEUED");
  expect((await (await arrive("192.0.2.1", { sessionSignals: phone })).enter(queueId)).body.status).toBe("QUEUED");
  const ninth = await arrive("203.0.113.11", { sessionSignals: phone });
  expect(await ninth.enter(queueId)).toMatchObject({ status: 403, body: { error: "challenge_required", details: { reasons: ["signals_shared"] } } });
});

test("a browser that says that a program drives it has to work, and nobody is refused for it", async () => {
  const queueId = await launch();
  const driven = await arrive("198.51.100.1", { sessionSignals: { ...phone, webdriver: true } });
  expect(await driven.enter(queueId)).toMatchObject({ status: 403, body: { error: "challenge_required", details: { reasons: ["headless"] } } });
});

test("a renewal that no longer says that consent stands erases what was kept and made of it; session and place go on, and nothing comes back", async () => {
  const queueId = await launch();
  const guest = await arrive("198.51.100.9", { sessionSignals: phone });
  const bystander = await arrive("198.51.100.9", { sessionSignals: phone });
  for (const each of [guest, bystander]) expect((await each.enter(queueId)).body.status).toBe("QUEUED");
  expect((await guest.refresh({ sessionSignals: true })).status).toBe(200);
  expect((await kept(guest)).signals).not.toBeNull();
  expect(await alikes(guest)).toEqual([{ alike: true }]);

  expect(await guest.refresh({})).toMatchObject({ status: 200, body: { session: { consumerId: guest.consumerId } } });
  expect(await kept(guest)).toEqual({ signals: null, driven: false });
  expect(await alikes(guest)).toEqual([{ alike: false }]);
  expect((await guest.enter(queueId)).body.status).toBe("QUEUED");
  expect((await guest.refresh({ sessionSignals: true })).status).toBe(200);
  expect((await kept(guest)).signals).toBeNull();
  expect((await kept(bystander)).signals).not.toBeNull();
  expect(await guest.refresh({ sessionSignals: false })).toMatchObject({ status: 400 });
});

test("signals outlive their session by thirty days, also where a shop keeps the rest longer", async () => {
  const queueId = await launch();
  const [over, recent, revoked] = [
    await arrive("198.51.100.31", { sessionSignals: { ...phone, webdriver: true } }),
    await arrive("198.51.100.32", { sessionSignals: phone }),
    await arrive("198.51.100.33", { sessionSignals: phone }),
  ];
  await revoked.enter(queueId);
  await service.db.run("update organization set retention_days = 365 where id = $1", [shop.organization.id]);
  const age = (device: Device, column: string, days: number) =>
    service.db.run(`update session set ${column} = now() - make_interval(days => $2) where consumer_id = $1`, [device.consumerId, days]);
  await age(over, "idle_expires_at", 31);
  await age(recent, "idle_expires_at", 29);
  await age(revoked, "revoked_at", 31);
  // The service's own time, like the database's above: a clock of a test's own would stand a day further behind each day.
  await retain(
    service.db,
    createSystemClock((error) => expect.unreachable(String(error))),
  );
  expect([await kept(over), await kept(revoked)]).toEqual(Array.from({ length: 2 }, () => ({ signals: null, driven: false })));
  expect(await alikes(revoked)).toEqual([{ alike: false }]);
  expect((await kept(recent)).signals).not.toBeNull();
});

test("an export says what is kept of signals, of where somebody came from and of their key, as long as it is kept", async () => {
  const queueId = await launch();
  const [guest, silent] = [await arrive("198.51.100.41", { sessionSignals: { ...phone, webdriver: false } }), await arrive("198.51.100.42", {})];
  for (const each of [guest, silent]) await each.enter(queueId);
  const text = (name: string): string => `translate(encode(${name}, 'base64'), '+/=' || chr(10), '-_')`;
  const [row] = await service.db.run<Record<string, string>>(
    `select ${["s.signals_key", "s.key_thumbprint", "c.address_key", "c.network_key", "c.alike_key"].map((name) => `${text(name)} as ${name.slice(2)}`).join(", ")}
       from session s join entry_check c using (organization_id, consumer_id) where s.consumer_id = $1`,
    [guest.consumerId],
  );
  expect(await guest.export()).toMatchObject({
    sessions: [{ bound: true, keyThumbprint: row?.["key_thumbprint"], signals: { hash: row?.["signals_key"], webdriver: false } }],
    entryChecks: [
      { distributionId: queueId, state: "clear", addressHash: row?.["address_key"], networkHash: row?.["network_key"], signalsHash: row?.["alike_key"] },
    ],
    boundEntries: [{ distributionId: queueId, keyThumbprint: row?.["key_thumbprint"] }],
  });
  expect(await silent.export()).toMatchObject({ sessions: [{ signals: null }], entryChecks: [{ signalsHash: null }] });
  await guest.refresh({});
  expect(await guest.export()).toMatchObject({ sessions: [{ signals: null }], entryChecks: [{ signalsHash: null }] });
});
