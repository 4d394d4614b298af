import { createHash, randomUUID } from "node:crypto";
import type { CreatedOrganization, ExternalClaims, TokenResponse } from "@fanfare-io/fanfare-contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDevice } from "../testing/device.ts";
import type { TestDevice } from "../testing/device.ts";
import { startTestService } from "../testing/start-test-service.ts";
import type { TestAnswer, TestService } from "../testing/start-test-service.ts";

let service: TestService;
let shop: CreatedOrganization;
let other: CreatedOrganization;
let queueId: string;

beforeAll(async () => {
  service = await startTestService();
  [shop, other] = [await service.createOrganization(), await service.createOrganization()];
  const made = await admin("POST", "/experiences", { name: "Launch", sequence: { name: "All", queues: [{ name: "Line", admitRate: 60 }] } });
  queueId = made.body.sequences[0].queues[0].id;
  await admin("POST", `/queues/${queueId}/pause`);
});
afterAll(() => service.stop());

const admin = (method: string, path: string, json?: unknown, secretKey = shop.secretKey): Promise<TestAnswer> =>
  service.ask("admin", method, path, { headers: { Authorization: `Bearer ${secretKey}` }, ...(json === undefined ? {} : { json }) });

/** A browser with its key; `tokens` are those that it has. */
interface Browser {
  readonly device: TestDevice | null;
  tokens: TokenResponse | null;
  ask(method: string, path: string, json?: unknown, accessToken?: string | null, more?: Readonly<Record<string, string>>): Promise<TestAnswer>;
  guest(): Promise<Browser>;
}
async function open(bound = true): Promise<Browser> {
  const device = bound ? await createTestDevice() : null;
  const browser: Browser = {
    device,
    tokens: null,
    async ask(method, path, json, accessToken = browser.tokens?.accessToken ?? null, more = {}) {
      const [url] = path.split("?");
      return service.ask("consumer", method, path, {
        headers: {
          "X-Publishable-Key": shop.publishableKey,
          ...more,
          ...(await device?.proof(method, `${service.consumerUrl}${url}`, accessToken === null ? {} : { accessToken })),
          ...(accessToken === null ? {} : { Authorization: `${device === null ? "Bearer" : "DPoP"} ${accessToken}` }),
        },
        ...(json === undefined ? {} : { json }),
      });
    },
    async guest() {
      browser.tokens = (await browser.ask("POST", "/auth/guest", undefined, null)).body;
      return browser;
    },
  };
  return browser;
}
const verifier = "a".repeat(43);
const codeChallenge = createHash("sha256").update(verifier).digest("base64url");
async function authorize(subject: string, claims: ExternalClaims = {}, challenge: string | null = codeChallenge): Promise<string> {
  const request = { provider: "shopify", issuer: "https://shop.example", subject, claims, ...(challenge === null ? {} : { codeChallenge: challenge }) };
  const answer = await service.ask("consumer", "POST", "/auth/external/authorize", {
    headers: { Authorization: `Bearer ${shop.secretKey}` },
    json: request,
  });
  expect(answer.status).toBe(200);
  return answer.body.exchangeCode;
}
const exchange = (browser: Browser, exchangeCode: string, codeVerifier: string | null = verifier): Promise<TestAnswer> =>
  browser.ask("POST", "/auth/external/exchange", { exchangeCode, ...(codeVerifier === null ? {} : { codeVerifier }) });
async function signIn(browser: Browser, subject: string, claims: ExternalClaims = {}): Promise<TestAnswer> {
  const answer = await exchange(browser, await authorize(subject, claims));
  expect(answer).toMatchObject({ status: 200 });
  browser.tokens = answer.body;
  return answer;
}
const enter = (browser: Browser) => browser.ask("POST", `/queues/${queueId}/enter`);
const status = (browser: Browser) => browser.ask("GET", `/queues/${queueId}/status`);
const idOf = (browser: Browser): string => browser.tokens?.session.consumerId ?? "";

test("a code says once, within a minute, to one device, who the shop has signed in; at rest it is a hash", async () => {
  const [browser, thief] = [await (await open()).guest(), await (await open()).guest()];
  const guestId = idOf(browser);
  const subject = randomUUID();
  const code = await authorize(subject, { email: "Ann@Example.com", emailVerified: true, fullName: "Ann" });
  expect(await service.db.run("select 1 from external_code where encode(code_hash, 'escape') like '%' || $1 || '%'", [code.slice(3, 12)])).toEqual([]);
  const first = await exchange(browser, code);
  expect(first).toMatchObject({
    status: 200,
    body: { tokenType: "DPoP", session: { type: "authenticated", consumerId: guestId, guestId, email: "ann@example.com", linked: { kind: "upgraded" } } },
  });
  expect(await exchange(browser, code)).toMatchObject({ status: 200, body: { session: first.body.session } });
  expect(await exchange(thief, code)).toMatchObject({ status: 400, body: { error: "invalid_exchange_code", details: { reason: "unknown" } } });
  const late = await authorize(subject);
  await service.db.run("update external_code set expires_at = now() - interval '1 second' where used_at is null", []);
  expect((await exchange(thief, late)).status).toBe(400);
  const rush = await Promise.all(Array.from({ length: 6 }, async () => (await open()).guest()));
  const shared = await authorize(subject);
  const statuses = (await Promise.all(rush.map((each) => exchange(each, shared)))).map((answer) => answer.status);
  expect(statuses.toSorted((one, two) => one - two)).toEqual([200, 400, 400, 400, 400, 400]);
});

test("a code that somebody planted takes no place from a guest: whoever takes part in something needs the verifier of the page that asked", async () => {
  const victim = await (await open()).guest();
  await enter(victim);
  const planted = await authorize(randomUUID(), {}, null);
  expect(await exchange(victim, planted, null)).toMatchObject({ status: 400, body: { details: { reason: "verifier_required" } } });
  const byKeyAlone = await victim.ask("POST", "/auth/external/exchange", { exchangeCode: planted }, null);
  expect(byKeyAlone).toMatchObject({ status: 400, body: { details: { reason: "verifier_required" } } });
  const asked = await authorize(randomUUID());
  expect(await exchange(victim, asked, null)).toMatchObject({ status: 400, body: { details: { reason: "verifier_required" } } });
  expect(await exchange(victim, asked, "b".repeat(43))).toMatchObject({ status: 400, body: { details: { reason: "verifier" } } });
  expect((await status(victim)).body).toMatchObject({ status: "QUEUED" });
  expect(await exchange(victim, asked)).toMatchObject({
    status: 200,
    body: { session: { linked: { kind: "upgraded", kept: [{ distributionId: queueId }] } } },
  });
  const idle = await (await open()).guest();
  expect((await exchange(idle, await authorize(randomUUID(), {}, null), null)).status).toBe(200);
});

test("an address that the shop does not say is verified leads into nobody's account", async () => {
  const email = `${randomUUID()}@example.com`;
  const owner = await open();
  await signIn(owner, randomUUID(), { email, emailVerified: true });
  const stranger = await open();
  await signIn(stranger, randomUUID(), { email });
  expect(idOf(stranger)).not.toBe(idOf(owner));
  const friend = await open();
  await signIn(friend, randomUUID(), { email, emailVerified: true });
  expect(idOf(friend)).toBe(idOf(owner));
});

test("a guest who turns out to be somebody keeps the place; whatever still asks under its old tokens is answered as that consumer", async () => {
  const subject = randomUUID();
  const laptop = await open();
  await signIn(laptop, subject);
  const phone = await (await open()).guest();
  const before = phone.tokens;
  const { body: joined } = await enter(phone);
  const { body } = await signIn(phone, subject);
  expect(body.session).toMatchObject({
    consumerId: idOf(laptop),
    guestId: before?.session.consumerId,
    linked: { kind: "merged", fromConsumerId: before?.session.consumerId, moved: [{ mechanism: "queue", distributionId: queueId }] },
  });
  for (const asked of [status(phone), status(laptop), phone.ask("GET", `/queues/${queueId}/status`, undefined, before?.accessToken)])
    expect((await asked).body).toMatchObject({ status: "QUEUED", ticket: joined.ticket, position: joined.position });
  const poll = await service.ask("consumer", "GET", `/queues/${queueId}/status`, {
    headers: { "X-Publishable-Key": shop.publishableKey, Authorization: `Poll ${joined.pollToken}` },
  });
  expect(poll.body).toMatchObject({ status: "QUEUED", ticket: joined.ticket });
  const late = await phone.ask("POST", "/auth/refresh", { refreshToken: before?.refreshToken }, null);
  expect(late).toMatchObject({ status: 200, body: { session: { type: "authenticated", consumerId: idOf(laptop) } } });
  expect((await phone.ask("POST", "/auth/guest", undefined, null)).body).toMatchObject({ error: "session_upgraded" });
  expect((await laptop.ask("GET", "/consumers/me")).body).toMatchObject({
    type: "identified",
    active: { participations: [{ mechanism: "queue", distributionId: queueId, status: "participating" }] },
  });
  expect((await enter(phone)).body).toMatchObject({ ticket: joined.ticket });
});

test("where an organization keeps them apart, the guest is told so and goes on as it was", async () => {
  const subject = randomUUID();
  await signIn(await open(), subject);
  await admin("PUT", "/organizations/current", { onIdentityConflict: "reject" });
  const guest = await (await open()).guest();
  await enter(guest);
  expect(await exchange(guest, await authorize(subject))).toMatchObject({ status: 409, body: { error: "identity_conflict" } });
  expect((await status(guest)).body).toMatchObject({ status: "QUEUED" });
  expect((await guest.ask("GET", "/auth/session")).body.session).toMatchObject({ type: "guest" });
  await admin("PUT", "/organizations/current", { onIdentityConflict: "merge" });
});

test("a consumer sees its sessions, ends one, the others, or all of them, and keeps its place", async () => {
  const subject = randomUUID();
  const browsers = [await open(), await open(), await open(), await open(false)];
  for (const browser of browsers) await signIn(browser, subject);
  const [here, there, third, fourth] = browsers as [Browser, Browser, Browser, Browser];
  await enter(here);
  const listed = (await here.ask("GET", "/auth/sessions")).body.sessions;
  expect(listed).toHaveLength(4);
  expect(listed.filter((session: { current: boolean }) => session.current)).toHaveLength(1);
  expect(listed.filter((session: { bound: boolean }) => !session.bound)).toHaveLength(1);
  const theirs = (await there.ask("GET", "/auth/sessions")).body.sessions.find((session: { current: boolean }) => session.current).id;
  expect((await here.ask("DELETE", `/auth/sessions/${theirs}`)).status).toBe(204);
  expect((await there.ask("GET", "/auth/session")).status).toBe(401);
  const stranger = await (await open()).guest();
  const own = listed.find((session: { current: boolean }) => session.current).id;
  expect((await stranger.ask("DELETE", `/auth/sessions/${own}`)).status).toBe(404);
  expect((await here.ask("DELETE", "/auth/sessions?others=true")).status).toBe(204);
  for (const gone of [third, fourth]) expect((await gone.ask("GET", "/auth/session")).status).toBe(401);
  expect((await status(here)).body.status).toBe("QUEUED");
  expect((await here.ask("DELETE", "/auth/sessions")).status).toBe(204);
  expect((await here.ask("GET", "/auth/session")).status).toBe(401);
  here.tokens = null;
  await signIn(here, subject);
  expect((await status(here)).body.status).toBe("QUEUED");
});

test("a consumer changes its name; its addresses change by proving them only", async () => {
  const browser = await open();
  await signIn(browser, randomUUID(), { fullName: "Ann" });
  expect((await browser.ask("GET", "/consumers/me")).body).toMatchObject({ fullName: "Ann" });
  expect((await browser.ask("PATCH", "/consumers/me", { fullName: "Bea" })).body).toMatchObject({ id: idOf(browser), fullName: "Bea" });
  expect((await browser.ask("PATCH", "/consumers/me", { fullName: null })).body).toMatchObject({ fullName: null });
  expect((await browser.ask("PATCH", "/consumers/me", { email: "victim@example.com" })).status).toBe(400);
});

test("an operator finds a consumer by address or by any id that it had, and takes a merge apart: the guest is its own again, at the tail", async () => {
  const subject = randomUUID();
  const email = `${randomUUID()}@example.com`;
  const laptop = await open();
  await signIn(laptop, subject, { email, emailVerified: true, phone: "+4915112345678", phoneVerified: true });
  const phone = await (await open()).guest();
  const guestId = idOf(phone);
  const { body: joined } = await enter(phone);
  const behind = await (await open()).guest();
  await enter(behind);
  const merged = (await signIn(phone, subject)).body as TokenResponse;
  for (const query of [`email=${email.toUpperCase()}`, `phone=${encodeURIComponent("+4915112345678")}`, `id=${idOf(laptop)}`, `id=${guestId}`])
    expect((await admin("GET", `/consumers?${query}`)).body.data).toMatchObject([{ id: idOf(laptop), email }]);
  expect((await admin("GET", `/consumers?email=${email}`, undefined, other.secretKey)).body.data).toEqual([]);
  expect((await admin("GET", "/consumers")).status).toBe(400);
  expect((await admin("GET", `/consumers/${guestId}`)).body).toMatchObject({
    id: idOf(laptop),
    aliases: [guestId],
    identities: [{ kind: "email", value: email }, { kind: "external" }, { kind: "phone", value: "+4915112345678" }],
    links: [{ kind: "merged", fromConsumerId: guestId, undoneAt: null }, { kind: "created" }],
    participations: [{ distributionId: queueId, ticket: joined.ticket, status: "waiting" }],
  });
  expect((await admin("POST", `/consumers/${guestId}/unlink`, undefined, other.secretKey)).status).toBe(404);
  expect((await admin("POST", `/consumers/${idOf(laptop)}/unlink`)).body.error).toBe("not_linked");
  expect((await admin("POST", `/consumers/${guestId}/unlink`)).body).toEqual({
    consumerId: guestId,
    fromConsumerId: idOf(laptop),
    reentered: [{ mechanism: "queue", distributionId: queueId }],
  });
  expect((await status(phone)).status).toBe(401);
  const back = await phone.ask("POST", "/auth/refresh", { refreshToken: merged.refreshToken }, null);
  const unlinked = { fromConsumerId: idOf(laptop), reentered: [{ mechanism: "queue", distributionId: queueId }] };
  expect(back.body.session).toMatchObject({ type: "guest", consumerId: guestId, unlinked });
  // The answer may have been lost, so that the old token is answered the same again; the new one goes on without.
  expect((await phone.ask("POST", "/auth/refresh", { refreshToken: merged.refreshToken }, null)).body.session).toMatchObject({ unlinked });
  expect((await phone.ask("POST", "/auth/refresh", { refreshToken: back.body.refreshToken }, null)).body.session).not.toHaveProperty("unlinked");
  phone.tokens = back.body;
  const [kept, own, last] = [(await status(laptop)).body, (await status(phone)).body, (await status(behind)).body];
  expect(kept).toMatchObject({ ticket: joined.ticket });
  expect(own.ticket).toBeGreaterThan(last.ticket);
  // The operator's answer may have been lost as well; nobody moves by asking again.
  expect((await admin("POST", `/consumers/${guestId}/unlink`)).body).toEqual({ consumerId: guestId, ...unlinked });
  expect((await status(phone)).body).toMatchObject({ ticket: own.ticket });
  const events = async () => (await admin("GET", `/security-events?consumerId=${idOf(laptop)}`)).body.data.map((event: { kind: string }) => event.kind);
  await expect.poll(events).toEqual(expect.arrayContaining(["consumer_merged", "consumer_unlinked", "identity_proved"]));
});

test("a guest without a key who was taken out of a consumer goes on as a guest too, by the last token that it was given, and by no other", async () => {
  const subject = randomUUID();
  const laptop = await open();
  await signIn(laptop, subject);
  const page = await (await open(false)).guest();
  const guestId = idOf(page);
  await enter(page);
  await signIn(page, subject);
  const linked = page.tokens;
  const renewed = await page.ask("POST", "/auth/refresh", { refreshToken: linked?.refreshToken }, null);
  expect((await admin("POST", `/consumers/${guestId}/unlink`)).status).toBe(200);
  expect((await page.ask("POST", "/auth/refresh", { refreshToken: linked?.refreshToken }, null)).status).toBe(401);
  for (let time = 0; time < 2; time++) {
    const back = await page.ask("POST", "/auth/refresh", { refreshToken: renewed.body.refreshToken }, null);
    expect(back.body.session).toMatchObject({ type: "guest", consumerId: guestId, unlinked: { fromConsumerId: idOf(laptop) } });
    page.tokens = back.body;
  }
  expect((await status(page)).body).toMatchObject({ status: "QUEUED" });
});

test("an undo reaches what the session has been moved to since: nothing that came of the mistake goes on being the consumer's", async () => {
  const subject = randomUUID();
  const laptop = await open();
  await signIn(laptop, subject);
  const page = await (await open()).guest();
  const guestId = idOf(page);
  await signIn(page, subject);
  const elsewhere = await open();
  const origin = "http://localhost:4999";
  const { body: moving } = await page.ask("POST", "/auth/transfer", { origin });
  const moved = await elsewhere.ask("POST", "/auth/transfer/redeem", { code: moving.code }, null, { Origin: origin });
  expect(moved.body).toMatchObject({ session: { consumerId: idOf(laptop) } });
  elsewhere.tokens = moved.body;
  expect((await admin("POST", `/consumers/${guestId}/unlink`)).status).toBe(200);
  expect((await elsewhere.ask("GET", "/consumers/me")).status).toBe(401);
  const back = await elsewhere.ask("POST", "/auth/refresh", { refreshToken: moved.body.refreshToken }, null);
  expect(back.body.session).toMatchObject({ type: "guest", consumerId: guestId, unlinked: { fromConsumerId: idOf(laptop) } });
  expect((await laptop.ask("GET", "/consumers/me")).body).toMatchObject({ id: idOf(laptop) });
});

test("who is forgotten is forgotten under every id, and what is held is handed out under every id", async () => {
  const subject = randomUUID();
  const email = `${randomUUID()}@example.com`;
  const laptop = await open();
  await signIn(laptop, subject, { email, emailVerified: true });
  const phone = await (await open()).guest();
  const guestId = idOf(phone);
  await enter(phone);
  await signIn(phone, subject);
  const ids = [idOf(laptop), guestId];
  expect((await laptop.ask("GET", "/consumers/me/export")).body).toMatchObject({
    identities: [{ kind: "email", value: email }, { kind: "external" }],
    aliases: [guestId],
    links: [{ kind: "merged" }, { kind: "created" }],
    participations: [{ distributionId: queueId, status: "waiting" }],
  });
  expect((await admin("DELETE", `/consumers/${guestId}`)).status).toBe(204);
  const columns = await service.db.run<{ table_name: string; column_name: string }>(
    `select table_name, column_name from information_schema.columns where table_schema = current_schema()
      and column_name in ('consumer_id', 'alias_id', 'from_consumer_id', 'guest_id', 'entered_as')`,
    [],
  );
  for (const { table_name: table, column_name: column } of columns)
    expect(await service.db.run(`select 1 from ${table} where ${column} = any($1::uuid[])`, [ids]), `${table}.${column}`).toEqual([]);
  expect(await service.db.run("select 1 from consumer_identity where value = $1", [email])).toEqual([]);
  expect((await laptop.ask("GET", "/auth/session")).status).toBe(401);
  const anew = await open();
  await signIn(anew, subject);
  expect(ids).not.toContain(idOf(anew));
});
