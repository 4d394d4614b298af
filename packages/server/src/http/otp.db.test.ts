import type { CreatedOrganization } from "@fanfare-io/fanfare-contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { deleteOldCodes } from "../data/otp-retention.ts";
import { makeSecrets } from "../platform/secrets.ts";
import { inboxOf, visit as visitShop, workForCode } from "../testing/otp-world.ts";
import type { Visitor } from "../testing/otp-world.ts";
import { startTestService } from "../testing/start-test-service.ts";
import type { TestAnswer, TestService } from "../testing/start-test-service.ts";

/** What is to happen within a second may take longer on a machine that does other things as well. */
const patiently = { timeout: 30_000 };
let service: TestService;
let shop: CreatedOrganization;
beforeAll(async () => {
  service = await startTestService();
  shop = await service.createOrganization({ name: "Kiln & Row" });
});
afterAll(() => service.stop());

const visit = (how: { readonly bound?: boolean; readonly guest?: boolean } = {}) => visitShop(service, shop, how);
let people = 0;
const newEmail = (): string => `Person.${++people}@Example.com`;
const asked = (visitor: Visitor, to: object): Promise<TestAnswer> => visitor.ask("POST", "/auth/otp/request", to);
const typed = (visitor: Visitor, answer: object): Promise<TestAnswer> => visitor.ask("POST", "/auth/otp/verify", answer);

/** Lets so much time pass for codes: all that was written happened earlier. */
async function age(milliseconds: number): Promise<void> {
  const instants = { otp_challenge: ["failures_began_at", "sends_began_at", "issued_at", "expires_at", "consumed_at"], otp_address: ["began_at"] };
  for (const [table, columns] of Object.entries(instants))
    await service.db.run(`update ${table} set ${columns.map((column) => `${column} = ${column} - make_interval(secs => $1)`).join(", ")}`, [
      milliseconds / 1000,
    ]);
}

/** Waits until so many messages have come. */
async function codesFor(to: string, count = 1): Promise<readonly string[]> {
  await expect.poll(async () => (await inboxOf(service, shop, to)).length, patiently).toBe(count);
  return (await inboxOf(service, shop, to)).map(({ code }) => code);
}

const wrongFor = (code: string): string => String((Number(code) + 1) % 10 ** code.length).padStart(code.length, "0");

describe("a code by e-mail", () => {
  test("is six digits for ten minutes, and makes the guest who types it somebody known under the same id", async () => {
    const guest = await visit();
    const email = newEmail();
    const before = Date.now();
    const answer = await asked(guest, { email, fullName: "Ada" });
    expect(answer).toMatchObject({ status: 202, body: { resendAfterSeconds: 30 } });
    expect(Date.parse(answer.body.expiresAt) - before).toBeGreaterThanOrEqual(600_000);
    const [code = ""] = await codesFor(email);
    expect(code).toMatch(/^\d{6}$/);
    const verified = await typed(guest, { email: email.toUpperCase(), code: `${code.slice(0, 3)} ${code.slice(3)}` });
    expect(verified).toMatchObject({ status: 200, body: { session: { type: "authenticated", consumerId: guest.consumerId, email: email.toLowerCase() } } });
    guest.adopt(verified);
    expect((await guest.ask("GET", "/consumers/me")).body).toMatchObject({ type: "identified", fullName: "Ada" });
  });

  test("is told in the asker's language, as text and as a page without anything from elsewhere", async () => {
    const guest = await visit();
    const email = newEmail();
    await guest.ask("POST", "/auth/otp/request", { email }, { "Accept-Language": "pt, de-AT;q=0.8, en;q=0.5" });
    const [code = ""] = await codesFor(email);
    const [message] = await inboxOf(service, shop, email);
    expect(message).toMatchObject({ subject: "Ihr Code für Kiln & Row", from: "Kiln & Row", channel: "email" });
    expect(message?.text).toContain(code);
    expect(message?.html).toContain('<html lang="de">');
    expect(message?.html).toContain("Kiln &amp; Row");
    expect(message?.html).not.toMatch(/src=|href=|url\(|https?:/);
  });

  test("opens a session for whoever has none, bound to the key that they prove", async () => {
    const nobody = await visit({ guest: false });
    const email = newEmail();
    expect((await asked(nobody, { email })).status).toBe(202);
    const [code = ""] = await codesFor(email);
    expect(await typed(nobody, { email, code })).toMatchObject({
      status: 200,
      body: { tokenType: "DPoP", session: { type: "authenticated", bound: "device" } },
    });
    const keyless = await visit({ guest: false, bound: false });
    const other = newEmail();
    await asked(keyless, { email: other });
    const [second = ""] = await codesFor(other);
    expect(await typed(keyless, { email: other, code: second })).toMatchObject({ status: 200, body: { tokenType: "Bearer" } });
  });

  test("attaches nothing where somebody else types it, and nobody's failures use up another's tries", async () => {
    const [owner, stranger] = [await visit(), await visit()];
    const email = newEmail();
    await asked(owner, { email });
    const [code = ""] = await codesFor(email);
    expect(await typed(stranger, { email, code })).toMatchObject({ status: 400, body: { error: "invalid_otp", details: { attemptsRemaining: 0 } } });
    await asked(stranger, { email });
    const [theirs = ""] = await codesFor(email, 2);
    for (let left = 4; left >= 0; left--)
      expect((await typed(stranger, { email, code: wrongFor(theirs) })).body).toMatchObject({ error: "invalid_otp", details: { attemptsRemaining: left } });
    expect((await typed(stranger, { email, code: theirs })).body).toMatchObject({ error: "invalid_otp", details: { attemptsRemaining: 0 } });
    expect((await typed(owner, { email, code })).status).toBe(200);
  });

  test("that is asked for anew goes on with the tries that were left, and after five failures is longer", async () => {
    const guest = await visit();
    const email = newEmail();
    await asked(guest, { email });
    const [first = ""] = await codesFor(email);
    for (let tries = 0; tries < 3; tries++) await typed(guest, { email, code: wrongFor(first) });
    await age(31_000);
    await asked(guest, { email });
    const [second = ""] = await codesFor(email, 2);
    expect(second).toHaveLength(6);
    if (first !== second) expect((await typed(guest, { email, code: first })).body.details).toEqual({ attemptsRemaining: 1 });
    expect((await typed(guest, { email, code: wrongFor(second) })).body.details).toEqual({ attemptsRemaining: 0 });
    await asked(guest, { email });
    const [third = ""] = await codesFor(email, 3);
    expect(third).toHaveLength(8);
    expect((await typed(guest, { email, code: third })).status).toBe(200);
  });

  test("of six digits opens nothing after forty tries at its address, counted one by one however many try at once; the next one is longer", async () => {
    const [owner, ...strangers] = await Promise.all(Array.from({ length: 5 }, () => visit({ guest: false })));
    const email = newEmail();
    for (const visitor of [owner, ...strangers]) if (visitor !== undefined) await asked(visitor, { email });
    const codes = await codesFor(email, 5);
    await service.db.run("update otp_address set tries = 38", []);
    const answers = await Promise.all(strangers.map((stranger) => typed(stranger, { email, code: "000000000000" })));
    expect(answers.filter(({ body }) => body.details.attemptsRemaining === 4)).toHaveLength(2);
    expect(answers.filter(({ body }) => body.details.attemptsRemaining === 0)).toHaveLength(2);
    if (owner === undefined) throw new Error("Nobody came.");
    for (const code of codes) expect((await typed(owner, { email, code })).body.error).toBe("invalid_otp");
    expect((await asked(owner, { email })).status).toBe(202);
    const [longer = ""] = await codesFor(email, 6);
    expect(longer).toHaveLength(8);
    expect((await typed(owner, { email, code: longer })).status).toBe(200);
  });

  test("is worth nothing after ten minutes", async () => {
    const guest = await visit({ guest: false });
    const email = newEmail();
    await asked(guest, { email });
    const [code = ""] = await codesFor(email);
    await age(600_001);
    expect((await typed(guest, { email, code })).body.error).toBe("invalid_otp");
  });

  test("is sent once, however often and from however many tabs it is asked for within half a minute", async () => {
    const guest = await visit();
    const email = newEmail();
    const answers = await Promise.all(Array.from({ length: 8 }, () => asked(guest, { email })));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 202));
    expect(new Set(answers.map(({ body }) => body.expiresAt)).size).toBe(1);
    const [code = ""] = await codesFor(email);
    expect((await typed(guest, { email, code })).status).toBe(200);
    expect(await inboxOf(service, shop, email)).toHaveLength(1);
  });

  test("that is typed in two tabs at once, or again after a lost answer, opens the one session", async () => {
    const guest = await visit();
    const email = newEmail();
    await asked(guest, { email });
    const [code = ""] = await codesFor(email);
    const answers = await Promise.all(Array.from({ length: 4 }, () => typed(guest, { email, code })));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    const again = await typed(guest, { email, code });
    expect(again.body.session).toMatchObject({ consumerId: guest.consumerId, type: "authenticated" });
    expect(new Set([...answers, again].map(({ body }) => body.session.consumerId)).size).toBe(1);
    expect((await service.db.run("select 1 from session where consumer_id = $1", [guest.consumerId])).length).toBe(1);
    await age(60_001);
    expect((await typed(guest, { email, code })).body.error).toBe("invalid_otp");
  });

  test("is tried five times at most, also all at once", async () => {
    const guest = await visit();
    const email = newEmail();
    await asked(guest, { email });
    const [code = ""] = await codesFor(email);
    const answers = await Promise.all(Array.from({ length: 12 }, () => typed(guest, { email, code: wrongFor(code) })));
    expect(answers.map(({ body }) => body.details.attemptsRemaining as number).sort((one, other) => one - other)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]);
    expect((await typed(guest, { email, code })).body.error).toBe("invalid_otp");
  });

  test("is asked for six times an hour by one key, and costs work beyond six a day for one address", async () => {
    const email = newEmail();
    const guest = await visit();
    for (let sent = 0; sent < 6; sent++) {
      expect((await asked(guest, { email })).status).toBe(202);
      await age(31_000);
    }
    const refused = await asked(guest, { email });
    expect(refused).toMatchObject({ status: 429, body: { error: "rate_limited" } });
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(3_000);
    const other = await visit();
    expect(await asked(other, { email })).toMatchObject({
      status: 403,
      body: { error: "challenge_required", details: { purpose: "otp", reasons: ["code_requests"] } },
    });
    expect((await asked(other, { email, challenge: await workForCode(service, shop) })).status).toBe(202);
  });

  test("lies nowhere in the database in a readable form, nor does the address that asks", async () => {
    const guest = await visit();
    const email = newEmail();
    await asked(guest, { email });
    const [code = ""] = await codesFor(email);
    const rows = JSON.stringify([
      await service.db.run("select c.*, encode(c.code_hash, 'escape') as as_text, encode(c.sealed, 'escape') from otp_challenge c", []),
      await service.db.run("select m.*, encode(m.sealed, 'escape') as as_text from inbox_message m", []),
      await service.db.run("select m.*, encode(m.sealed, 'escape') as as_text from outbox_message m", []),
    ]);
    expect(rows).not.toContain(code);
    expect(rows.toLowerCase()).not.toContain(email.toLowerCase());
    expect(await service.db.run("select 1 from outbox_message", [])).toEqual([]);
    expect(service.logged.join("")).not.toContain(code);
  });
});

describe("a code by text message", () => {
  const countries = (json: object) => service.ask("admin", "PUT", "/organizations/current", { headers: { Authorization: `Bearer ${shop.secretKey}` }, json });

  test("goes to mobile numbers of countries that the organization allows, after some work, and binds itself to the page", async () => {
    const guest = await visit();
    const to = { phone: "0151 2345 6789", defaultCountry: "DE" };
    expect(await asked(guest, to)).toMatchObject({ status: 422, body: { error: "phone_country_not_allowed", details: { country: "DE" } } });
    await countries({ phoneCountries: ["DE"], embeddingAllowedHosts: ["shop.example"] });
    await expect
      .poll(async () => (await asked(guest, to)).body, patiently)
      .toMatchObject({ error: "challenge_required", details: { reasons: ["text_message"] } });
    expect((await asked(guest, { phone: "030 123456", defaultCountry: "DE" })).body).toMatchObject({
      error: "validation_error",
      issues: [{ path: ["phone"] }],
    });
    expect((await asked(guest, { phone: "0151 2345 6789" })).body.error).toBe("validation_error");
    const challenge = await workForCode(service, shop);
    await expect
      .poll(async () => (await guest.ask("POST", "/auth/otp/request", { ...to, challenge }, { Origin: "https://shop.example" })).status, patiently)
      .toBe(202);
    const [code = ""] = await codesFor("+4915123456789");
    expect((await inboxOf(service, shop, "+4915123456789"))[0]).toMatchObject({
      html: null,
      text: expect.stringMatching(new RegExp(`\\n@shop.example #${code}$`)),
    });
    const verified = await typed(guest, { phone: "+49 151 23456789", code });
    expect(verified).toMatchObject({ status: 200, body: { session: { phone: "+4915123456789" } } });
    await countries({ embeddingAllowedHosts: null });
  });

  test("is not sent beyond what the organization allows itself a day, however many ask at once", async () => {
    await countries({ phoneCountries: ["DE"], phoneMessagesPerDay: 2 });
    const guests = await Promise.all(Array.from({ length: 3 }, () => visit()));
    const answers = await Promise.all(
      guests.map(async (guest, at) => asked(guest, { phone: `+491512345670${at}`, challenge: await workForCode(service, shop) })),
    );
    const sent = answers.filter(({ status }) => status === 202).length;
    expect(sent).toBeLessThanOrEqual(2);
    expect(answers.filter(({ body }) => body.error === "phone_limit_reached")).toHaveLength(3 - sent);
    expect(await service.db.run("select sent from phone_spend where organization_id = $1", [shop.organization.id])).toEqual([{ sent: 2 }]);
  });
});

test("codes, what was counted of them, and messages are forgotten when their time is over, and not before", async () => {
  const guest = await visit();
  const email = newEmail();
  await asked(guest, { email });
  await codesFor(email);
  const tables = ["otp_challenge", "otp_address", "phone_spend", "inbox_message"];
  const left = () => Promise.all(tables.map(async (table) => (await service.db.run(`select 1 from ${table}`, [])).length));
  await deleteOldCodes(service.db, Date.now(), 1_000);
  expect((await left()).every((rows) => rows > 0)).toBe(true);
  await deleteOldCodes(service.db, Date.now() + 40 * 86_400_000, 1_000);
  expect(await left()).toEqual(tables.map(() => 0));
});

test("in production, without a way out, codes say that they are not configured, and there is no inbox", async () => {
  const { signingKey, tokenSecret, operatorKey } = makeSecrets();
  const secrets = { FANFARE_SIGNING_KEY: signingKey, FANFARE_TOKEN_SECRET: tokenSecret, FANFARE_OPERATOR_KEY: operatorKey };
  const production = await startTestService({ NODE_ENV: "production", RATE_LIMITS: "on", FANFARE_HOST: "127.0.0.1", ...secrets });
  try {
    const { publishableKey, secretKey } = await production.createOrganization();
    const ask = (to: object) => production.ask("consumer", "POST", "/auth/otp/request", { headers: { "X-Publishable-Key": publishableKey }, json: to });
    for (const to of [{ email: "ann@shop.example" }, { phone: "+4915123456789" }])
      expect(await ask(to)).toMatchObject({ status: 501, body: { error: "otp_not_configured" } });
    const inbox = await production.ask("admin", "GET", "/inbox", { headers: { Authorization: `Bearer ${secretKey}` } });
    expect(inbox).toMatchObject({ status: 404, body: { error: "not_found" } });
    expect((await fetch(new URL("/inbox", production.adminUrl))).status).toBe(404);
  } finally {
    await production.stop();
  }
});
