import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";
import type initFanfare from "@fanfare-io/fanfare-sdk-core";
import type { FanfareSDK, Session } from "@fanfare-io/fanfare-sdk-core";
import type { ExternalClaims, ExternalCode, QueueMetrics } from "@fanfare-io/fanfare-contract";
import { arrive, call } from "@fanfare-io/fanfare-testing";
import type { TestLaunch } from "@fanfare-io/fanfare-testing";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { enterDraw, openDrawShop } from "./draw-shop.ts";
import { servePage } from "./fixtures/serve-page.ts";
import type { takePart } from "./fixtures/session-page/take-part.ts";
import { askForCode, keepPlace, lettersOf, typeCode } from "./inbox.ts";
import { goOut } from "./outing.ts";
import { problemsOf } from "./page-problems.ts";
import { joinLine, reachPlace } from "./shopper.ts";

const outing = goOut();

const admin = <T>(launch: TestLaunch, method: string, path: string, body?: unknown): Promise<T> =>
  call<T>(method, `${outing.street.service.adminUrl}${path}`, { authorization: `Bearer ${launch.secretKey}` }, body);

test("a phone number as it is dialled at home, the work that a text message costs, and the code from it keep a place", async () => {
  const shop = await outing.street.openShop({ admitRate: 0 });
  await admin(shop.launch, "PUT", "/organizations/current", { phoneCountries: ["GB"] });
  const { page, context } = await outing.enter(shop.url);
  expect(await joinLine(page)).toBe(1);
  await page.getByRole("button", { name: keepPlace }).click();
  await page.getByLabel("Text message").check();
  const field = page.getByLabel("Phone number");
  expect(await field.getAttribute("type")).toBe("tel");
  await field.fill("12");
  await page.getByRole("button", { name: "Send the code" }).click();
  await page.getByRole("alert").filter({ hasText: "does not look like a phone number" }).waitFor();
  expect(await problemsOf(page)).toEqual([]);
  // Of another country than the reader's: said so, and nothing is sent.
  await field.fill("+49 151 23456789");
  await page.getByRole("button", { name: "Send the code" }).click();
  await page.getByRole("alert").filter({ hasText: "cannot send text messages to that country" }).waitFor();
  const asked: unknown[] = [];
  context.on("request", (request) => {
    if (request.url().endsWith("/auth/otp/request")) asked.push(request.postDataJSON());
  });
  await field.fill("07400 123456");
  await page.getByRole("button", { name: "Send the code" }).click();
  // A second of a quiet processor's work, on a machine that does other things as well.
  await page.getByRole("textbox", { name: "Code" }).waitFor({ timeout: 120_000 });
  const typed = { phone: "07400 123456", defaultCountry: "GB" };
  await expect.poll(() => asked.at(-1)).toMatchObject({ ...typed, challenge: { solution: expect.anything() } });
  expect(asked[0]).toEqual(typed);
  await typeCode(page, await lettersOf(outing.street.service.adminUrl, shop.launch).codeFor("+447400123456"));
  await page.getByRole("heading", { name: "Done" }).waitFor();
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByText("Kept for +447400123456").waitFor();
  await reachPlace(page, 1);
});

test("an entry of a draw is kept by whoever says who they are, found on another device with its receipt's draw, and is one entry", async () => {
  const shop = await openDrawShop(outing.street, 1);
  outing.afterwards(shop.close);
  const letters = lettersOf(outing.street.service.adminUrl, shop.launch);
  const { page } = await outing.enter(shop.url);
  await enterDraw(page);
  await askForCode(page, "edda@shop.example");
  expect(await page.getByText("Your entry is kept while you do this.").isVisible()).toBe(true);
  await typeCode(page, await letters.codeFor("edda@shop.example"));
  await page.getByRole("heading", { name: "Done" }).waitFor();
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByText("Kept for edda@shop.example").waitFor();
  expect(await page.locator("main").getAttribute("data-view")).toBe("entered");

  const before = await letters.seen();
  const other = await outing.enter(shop.url);
  await askForCode(other.page, "edda@shop.example", "I have entered already");
  await typeCode(other.page, await letters.codeFor("edda@shop.example", before));
  await other.page.locator('main[data-view="entered"]').waitFor();
  const drawn = await shop.drawNow();
  expect(drawn.entrants).toBe(1);
  // Drawn an hour before its time: pages that are open ask rarely until then.
  for (const each of [page, other.page]) {
    await each.reload();
    await each.getByRole("heading", { level: 1, name: "You were drawn!" }).waitFor();
  }
});

/** What the tests leave on the page between two calls. */
type Host = { initFanfare: typeof initFanfare; takePart: typeof takePart; sdk: FanfareSDK; told: string[] };

/** A customer of a shop like those on Shopify: an account with an id that never changes, and an address that was confirmed or not. */
interface Customer extends ExternalClaims {
  readonly id: string;
}

/** The shop's backend of `docs/guide/linking.md`: signs customers in by a cookie, and answers for whom it has signed in. */
function accountsOf(launch: TestLaunch, customers: readonly Customer[]) {
  return async (request: IncomingMessage, pathname: string, response: ServerResponse): Promise<boolean> => {
    if (pathname === "/account/login") {
      const who = new URL(request.url ?? "", "http://shop.example").searchParams.get("as");
      response.writeHead(302, { "set-cookie": `customer=${who}; Path=/; HttpOnly; SameSite=Lax`, location: "/" }).end();
      return true;
    }
    if (pathname !== "/account/fanfare" || request.method !== "POST") return false;
    const customer = customers.find(({ id }) => request.headers.cookie?.split("; ").includes(`customer=${id}`));
    if (customer === undefined) return (response.writeHead(401).end(), true);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { codeChallenge } = JSON.parse(Buffer.concat(chunks).toString()) as { codeChallenge: string };
    const { id: subject, ...claims } = customer;
    const code = await call<ExternalCode>(
      "POST",
      `${outing.street.service.consumerUrl}/auth/external/authorize`,
      { authorization: `Bearer ${launch.secretKey}` },
      { provider: "shopify", issuer: "https://example.myshopify.com", subject, codeChallenge, claims },
    );
    response.writeHead(200, { "content-type": "application/json", "cache-control": "no-store" }).end(JSON.stringify(code));
    return true;
  };
}

const begin = (page: Page, { organizationId, publishableKey }: TestLaunch): Promise<void> =>
  page
    .waitForFunction(() => "initFanfare" in globalThis)
    .then(() =>
      page.evaluate(
        async (config) => {
          const host = globalThis as unknown as Host;
          host.sdk = await host.initFanfare(config);
          host.told = [];
          for (const name of ["auth:authenticated", "auth:linked", "auth:logout", "auth:error"] as const) host.sdk.on(name, () => host.told.push(name));
        },
        { organizationId, publishableKey, apiUrl: outing.street.service.consumerUrl },
      ),
    );
/** As the guide's sample does it. */
const signInWithTheShop = (page: Page): Promise<Session> =>
  page.evaluate(async () => {
    const { sdk } = globalThis as unknown as Host;
    const { codeChallenge } = await sdk.auth.beginExternal();
    const answer = await fetch("/account/fanfare", { method: "POST", body: JSON.stringify({ codeChallenge }) });
    const { exchangeCode } = (await answer.json()) as { exchangeCode: string };
    return sdk.auth.exchangeExternal({ exchangeCode });
  });
const inLine = (page: Page, experienceId: string): Promise<string> =>
  page.evaluate(async (id) => {
    const host = globalThis as unknown as Host;
    await host.sdk.auth.guest();
    return host.takePart(host.sdk, id, ["participating"]);
  }, experienceId);

test("the shop's own sign-in, as with a Shopify customer account, keeps the place over the detour, and a code that somebody planted takes it from nobody", async () => {
  const launch = await outing.street.addLaunch({ admitRate: 0 });
  const [ana, eve] = [randomUUID(), randomUUID()];
  const customers: readonly Customer[] = [{ id: ana, email: "Ana@shop.example", emailVerified: true }, { id: eve }];
  const backend = accountsOf(launch, customers);
  const site = await servePage(fileURLToPath(new URL("fixtures/session-page", import.meta.url)), outing.street.service.consumerUrl, backend);
  outing.afterwards(site.close);
  await (await arrive(outing.street.service.consumerUrl, launch)).enter();

  const phone = await outing.enter(site.url);
  await begin(phone.page, launch);
  expect(await inLine(phone.page, launch.experienceId)).toBe("participating");
  const guest = await phone.page.evaluate(() => (globalThis as unknown as Host).sdk.auth.getSession());

  // Eve signs in elsewhere and plants her own code in this page: it was not asked for by it.
  const planted = await call<ExternalCode>(
    "POST",
    `${outing.street.service.consumerUrl}/auth/external/authorize`,
    { authorization: `Bearer ${launch.secretKey}` },
    { provider: "shopify", issuer: "https://example.myshopify.com", subject: eve },
  );
  const refused = await phone.page.evaluate(
    (exchangeCode) =>
      (globalThis as unknown as Host).sdk.auth.exchangeExternal({ exchangeCode }).then(
        () => "exchanged",
        ({ code }: { code: string }) => code,
      ),
    planted.exchangeCode,
  );
  expect(refused).toBe("INVALID_EXCHANGE_CODE");
  expect(await phone.page.evaluate(() => (globalThis as unknown as Host).sdk.auth.getSession())).toEqual(guest);

  // The detour: the page goes to the shop's sign-in and comes back.
  await phone.page.goto(`${site.url}account/login?as=${ana}`);
  await begin(phone.page, launch);
  const known = await signInWithTheShop(phone.page);
  expect(known).toMatchObject({ type: "authenticated", consumerId: guest?.consumerId, email: "ana@shop.example", linked: { kind: "upgraded" } });
  // Events come after the answer.
  const told = () => phone.page.evaluate(() => (globalThis as unknown as Host).told);
  await expect.poll(async () => (await told()).slice(-2)).toEqual(["auth:authenticated", "auth:linked"]);
  expect(await told()).not.toContain("auth:logout");

  const laptop = await outing.enter(site.url);
  await begin(laptop.page, launch);
  expect(await inLine(laptop.page, launch.experienceId)).toBe("participating");
  await laptop.page.goto(`${site.url}account/login?as=${ana}`);
  await begin(laptop.page, launch);
  expect(await signInWithTheShop(laptop.page)).toMatchObject({ consumerId: guest?.consumerId, linked: { kind: "merged" } });
  await expect.poll(async () => (await admin<QueueMetrics>(launch, "GET", `/queues/${launch.queueId}/metrics`)).waiting).toBe(2);
});
