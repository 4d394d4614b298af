import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SecurityEvent } from "@fanfare-io/fanfare-contract";
import type initFanfare from "@fanfare-io/fanfare-sdk-core";
import type { FanfareSDK } from "@fanfare-io/fanfare-sdk-core";
import { call, createLaunch, merchantOf, startService } from "@fanfare-io/fanfare-testing";
import type { RunningService, TestLaunch } from "@fanfare-io/fanfare-testing";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { aged } from "./aged-token.ts";
import { launchChromium } from "./chromium.ts";
import { servePage } from "./fixtures/serve-page.ts";
import type { ServedPage } from "./fixtures/serve-page.ts";
import type { takePart } from "./fixtures/session-page/take-part.ts";
import { readProfile, writeProfile } from "./loot.ts";
import type { Loot } from "./loot.ts";

let dataDir: string;
let service: RunningService;
let launch: TestLaunch;
let site: ServedPage;
let browser: Browser;
let home: BrowserContext;
let owner: Page;
let loot: Loot;
let away: BrowserContext;
let thief: Page;
const captured: CapturedRequest[] = [];

/** What the SDK leaves on the page between two calls of a test. */
type Host = { initFanfare: typeof initFanfare; takePart: typeof takePart; sdk: FanfareSDK };

interface CapturedRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly proof: string | undefined;
}

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "fanfare-stolen-"));
  [browser, service] = await Promise.all([launchChromium(), startService({ dataDir })]);
  site = await servePage(fileURLToPath(new URL("fixtures/session-page", import.meta.url)), service.consumerUrl);
  launch = await createLaunch(service.adminUrl, service.operatorKey, { admitRate: 60_000, admissionExpirationSeconds: 3_600 });
  home = await browser.newContext();
  home.on("request", (request) => {
    if (!request.url().startsWith(service.consumerUrl) || request.method() === "OPTIONS") return;
    const { authorization, dpop } = request.headers();
    captured.push({ method: request.method(), path: request.url().slice(service.consumerUrl.length), authorization, proof: dpop });
  });
  owner = await openTab(home);
  await start(owner);
  await admit(owner);
  loot = await owner.evaluate(readProfile);
  away = await browser.newContext();
  thief = await openTab(away);
  await thief.evaluate(writeProfile, loot);
  await start(thief);
});
afterAll(async () => {
  await browser.close();
  await site.close();
  await service.stop();
  await rm(dataDir, { recursive: true });
});

async function openTab(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  await page.goto(site.url);
  await page.waitForFunction(() => "initFanfare" in globalThis);
  return page;
}

async function start(page: Page): Promise<void> {
  const { organizationId, publishableKey } = launch;
  await page.evaluate(
    async (config) => {
      const host = globalThis as unknown as Host;
      host.sdk = await host.initFanfare(config);
    },
    { organizationId, publishableKey, apiUrl: service.consumerUrl },
  );
}

/** Goes to the grant the way that the guide shows. */
const admit = (page: Page): Promise<void> =>
  page.evaluate(async (experienceId) => {
    const { sdk, takePart } = globalThis as unknown as Host;
    await sdk.auth.guest();
    await takePart(sdk, experienceId, ["granted"]);
  }, launch.experienceId);

/** The grant token that the owner's page shows. */
const shownToken = (page: Page): Promise<string> =>
  page.evaluate((experienceId) => {
    const view = (globalThis as unknown as Host).sdk.journeys.get(experienceId).view$.get();
    return view.journeyStage === "routed" && view.sequence.phase === "granted" ? view.sequence.grant.token : "";
  }, launch.experienceId);

interface Attempt {
  readonly method: string;
  readonly path: string;
  readonly authorization?: string | undefined;
  readonly json?: unknown;
  /** A proof that was seen; `own` has the thief's key sign one; without it there is none. */
  readonly proof?: string | undefined;
}

/** Asks from the thief's page, as its script could, with a proof by the thief's key where one is wanted. */
const attempt = (asked: Attempt): Promise<{ status: number; error: string | undefined }> =>
  thief.evaluate(
    async ({ method, path, authorization, json, proof, url, publishableKey }) => {
      const text = (bytes: ArrayBuffer | Uint8Array): string =>
        btoa(String.fromCharCode(...new Uint8Array(bytes)))
          .replaceAll("+", "-")
          .replaceAll("/", "_")
          .replaceAll("=", "");
      const pack = (value: unknown): string => text(new TextEncoder().encode(JSON.stringify(value)));
      let dpop = proof;
      if (proof === "own") {
        const key = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign"]);
        const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", key.publicKey);
        const token = authorization?.split(" ")[1];
        const ath = token === undefined ? {} : { ath: text(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token))) };
        const claims = { jti: crypto.randomUUID(), htm: method, htu: url + path, iat: Math.floor(Date.now() / 1000), ...ath };
        const signed = `${pack({ typ: "dpop+jwt", alg: "ES256", jwk: { kty, crv, x, y } })}.${pack(claims)}`;
        dpop = `${signed}.${text(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key.privateKey, new TextEncoder().encode(signed)))}`;
      }
      const answer = await fetch(url + path, {
        method,
        headers: {
          "x-publishable-key": publishableKey,
          ...(authorization === undefined ? {} : { authorization }),
          ...(dpop === undefined ? {} : { dpop }),
          ...(json === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      });
      const body = (await answer.text()) || "{}";
      return { status: answer.status, error: (JSON.parse(body) as { error?: string }).error };
    },
    { ...asked, url: service.consumerUrl, publishableKey: launch.publishableKey },
  );

/** The owner's tokens, wherever among the loot they lie. */
function stolenTokens(): { readonly accessToken: string; readonly refreshToken: string } {
  const text = JSON.stringify(loot);
  const [accessToken = ""] = /at_[\w-]+/.exec(text) ?? [];
  const [refreshToken = ""] = /rt_[\w-]+/.exec(text) ?? [];
  expect([accessToken, refreshToken]).not.toContain("");
  return { accessToken, refreshToken };
}

const guarded = (): readonly (readonly [method: string, path: string, json?: unknown])[] => [
  ["POST", `/queues/${launch.queueId}/enter`],
  ["POST", `/queues/${launch.queueId}/leave`],
  ["GET", `/queues/${launch.queueId}/status`],
  ["POST", "/grants/presentation", { distributionId: launch.queueId }],
  ["GET", "/auth/session"],
  ["GET", "/consumers/me"],
  ["GET", "/consumers/me/export"],
  ["DELETE", "/consumers/me"],
  ["POST", "/auth/transfer", { origin: "http://localhost" }],
  ["DELETE", `/experiences/${launch.experienceId}/leave`],
];

describe("whoever copies everything that a script can read into another browser", () => {
  test("cannot go on with the session through the SDK, whatever the copied texts say of it", async () => {
    const renewed = await thief.evaluate(() =>
      (globalThis as unknown as Host).sdk.auth.refresh().then(
        () => "renewed",
        (error: { code?: string }) => error.code,
      ),
    );
    expect(renewed).toMatch(/^[A-Z_]+$/);
    const shown = await thief.evaluate((experienceId) => {
      const view = (globalThis as unknown as Host).sdk.journeys.get(experienceId).view$.get();
      return JSON.stringify(view);
    }, launch.experienceId);
    expect(shown).not.toContain("granted");
  });

  test("is refused every call with the stolen access token: as it is, and proved with another key", async () => {
    const { accessToken } = stolenTokens();
    for (const [method, path, json] of guarded()) {
      for (const authorization of [`Bearer ${accessToken}`, `DPoP ${accessToken}`])
        for (const proof of [undefined, "own"])
          expect(await attempt({ method, path, json, authorization, proof }), `${method} ${path}`).toMatchObject({ status: 401 });
    }
  });

  test("is refused a new token, and cannot end the session either", async () => {
    const { accessToken, refreshToken } = stolenTokens();
    for (const proof of [undefined, "own"]) {
      expect(await attempt({ method: "POST", path: "/auth/refresh", json: { refreshToken }, proof })).toEqual({ status: 401, error: "invalid_dpop_proof" });
      expect(await attempt({ method: "POST", path: "/auth/logout", json: { refreshToken }, proof })).toEqual({ status: 401, error: "invalid_dpop_proof" });
      await attempt({ method: "POST", path: "/auth/logout", authorization: `Bearer ${accessToken}`, proof });
      await attempt({ method: "POST", path: "/auth/logout", authorization: `DPoP ${accessToken}`, proof });
    }
  });

  test("gets nowhere with proofs that were seen on the wire: for another address, method or token, or used where once is meant", async () => {
    const presented = captured.findLast((each) => each.path === "/grants/presentation" && each.proof !== undefined);
    if (presented === undefined) throw new Error("The owner's page has asked for no presentation.");
    const { authorization, proof } = presented;
    const json = { distributionId: launch.queueId };
    expect(await attempt({ method: "POST", path: `/queues/${launch.queueId}/leave`, authorization, proof })).toEqual({
      status: 401,
      error: "invalid_dpop_proof",
    });
    expect(await attempt({ method: "GET", path: "/consumers/me", authorization, proof })).toEqual({ status: 401, error: "invalid_dpop_proof" });
    expect(await attempt({ method: "POST", path: "/grants/presentation", authorization: `${authorization}x`, json, proof })).toMatchObject({ status: 401 });
    expect(await attempt({ method: "POST", path: "/grants/presentation", authorization, json, proof })).toEqual({ status: 401, error: "use_dpop_nonce" });
  });

  test("buys nothing with a copied grant token: not once it is 120 seconds old, not once it was replaced or used, not under a shop nonce", async () => {
    const merchant = merchantOf(service.consumerUrl, launch);
    const refusal = (error: string) => expect.objectContaining({ body: expect.objectContaining({ error }) as unknown }) as Error;
    const older = await shownToken(owner);
    const second = await openTab(home);
    await start(second);
    // It goes on by itself, and what it asks for voids what the first tab shows.
    await expect.poll(() => shownToken(second)).not.toBe("");
    const copied = await shownToken(second);
    await expect(merchant.validate(older)).rejects.toEqual(refusal("grant_token_replaced"));
    await expect(merchant.validate(aged(copied, 120))).rejects.toEqual(refusal("invalid_grant_token"));
    await expect(merchant.validate(copied, "nonce-of-the-shop")).rejects.toEqual(refusal("grant_nonce_mismatch"));
    const held = await merchant.validate(copied);
    await expect(merchant.validate(copied)).rejects.toEqual(refusal("grant_token_used"));
    expect((await merchant.complete(held.redemptionId, "the-owner")).orderId).toBe("the-owner");
    await expect(merchant.complete(held.redemptionId, "the-thief")).rejects.toEqual(refusal("grant_completed"));
    await expect(merchant.validate(copied)).rejects.toEqual(refusal("grant_completed"));
  });

  test("has harmed nobody: the owner's session goes on, and the operator can read what was tried", async () => {
    const before = await owner.evaluate(() => (globalThis as unknown as Host).sdk.auth.getSession());
    const after = await owner.evaluate(() => (globalThis as unknown as Host).sdk.auth.refresh());
    expect(after).toMatchObject({ consumerId: before?.consumerId, bound: "device" });
    const events = () =>
      call<{ data: readonly SecurityEvent[] }>("GET", `${service.adminUrl}/security-events?consumerId=${after.consumerId}&first=100`, {
        authorization: `Bearer ${launch.secretKey}`,
      });
    const kinds = async () => (await events()).data.map((event) => event.kind);
    await expect.poll(kinds).toEqual(expect.arrayContaining(["wrong_key", "proof_replayed", "grant_token_refused"]));
    expect(JSON.stringify(await events())).not.toMatch(/(?:at_|rt_|eyJ)[\w-]{20}/);
  });
});
