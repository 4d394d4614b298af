import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { cookieOf, goodForm, openShop } from "./shop.test.fixture.ts";
import type { TestShop } from "./shop.test.fixture.ts";

let shop: TestShop;
beforeEach(() => void (shop = openShop()));
afterEach(() => {
  if (shop.errors.length > 0) throw new Error("an error was left unexplained", { cause: shop.errors[0] });
  shop.close();
});

describe("the way to an order", () => {
  test("goes from a posted grant over the counter to a confirmation that a reload shows again", async () => {
    const opened = await shop.post("/shop/checkout", { token: shop.line.present("grant_1") });
    expect([opened.status, opened.headers.get("location")]).toEqual([303, "/shop/checkout"]);
    expect(opened.headers.get("set-cookie")).toMatch(/HttpOnly; SameSite=Strict$/);
    const cookie = cookieOf(opened);
    const counter = await shop.get("/shop/checkout", cookie);
    expect([counter.status, counter.headers.get("cache-control")]).toEqual([200, "no-store"]);
    const paid = await shop.post("/shop/pay", goodForm, { cookie });
    expect([paid.status, paid.headers.get("location")]).toEqual([303, "/shop/order"]);
    const confirmation = await shop.get("/shop/order", cookie);
    expect(await confirmation.text()).toMatch(/KR-[\w]{4}-[\w]{4}/);
    expect((await shop.get("/shop/checkout", cookie)).headers.get("location")).toBe("/shop/order");
  });

  test("a form with gaps comes back with every problem named and everything but the card kept", async () => {
    const cookie = cookieOf(await shop.post("/shop/checkout", { token: shop.line.present("grant_1") }));
    const answer = await shop.post("/shop/pay", { name: 'Ada "<b>"', card: "4111 1111 1111 1111" }, { cookie });
    const page = await answer.text();
    expect(answer.status).toBe(422);
    expect(page).toContain("4 things to put right");
    expect(page).toContain('value="Ada &quot;&lt;b&gt;&quot;"');
    expect(page).not.toContain("4111");
    expect(shop.checkout.find(cookie.split("=")[1])?.state).toBe("held");
  });

  test("a declined card is told with 402 and the way back to the turn", async () => {
    const cookie = cookieOf(await shop.post("/shop/checkout", { token: shop.line.present("grant_1") }));
    const answer = await shop.post("/shop/pay", { ...goodForm, card: "4000 0000 0000 0002" }, { cookie });
    expect(answer.status).toBe(402);
    expect(await answer.text()).toContain("Back to your turn");
  });
});

describe("a clear refusal", () => {
  test.each([
    ["no grant", 403, "", "Checkout opens with your turn"],
    ["a forged grant", 403, "forged", "We cannot accept this pass"],
    ["a grant of another organization", 403, "foreign", "another shop"],
    ["an expired grant token", 410, "old", "too old"],
  ])("for %s, with status %i", async (_what, status, token, words) => {
    const answer = await shop.post("/shop/checkout", { token });
    expect(answer.status).toBe(status);
    expect(await answer.text()).toContain(words);
    expect(answer.headers.get("set-cookie")).toBeNull();
  });

  test.each([
    ["GRANT_EXPIRED", 410],
    ["GRANT_TOKEN_REPLACED", 409],
    ["GRANT_COMPLETED", 409],
    ["SERVICE_UNAVAILABLE", 503],
    ["NETWORK_ERROR", 503],
  ] as const)("when the line answers %s, with status %i", async (code, status) => {
    shop.line.failNext("validate", code);
    expect((await shop.post("/shop/checkout", { token: shop.line.present("grant_1") })).status).toBe(status);
  });

  test("for a replayed grant, with status 409", async () => {
    const token = shop.line.present("grant_1");
    await shop.post("/shop/checkout", { token });
    expect((await shop.post("/shop/checkout", { token })).status).toBe(409);
  });

  test.each([undefined, "null", "http://evil.test", "http://shop.test:81"])("for a form sent from %s", async (origin) => {
    const token = shop.line.present("grant_1");
    const answer = await shop.post("/shop/checkout", { token }, { origin: origin ?? "" });
    expect(answer.status).toBe(403);
    expect(shop.line.calls).toEqual([]);
  });

  test("for a checkout or an order without the cookie, or with someone's guess", async () => {
    expect((await shop.get("/shop/checkout")).status).toBe(403);
    expect((await shop.get("/shop/order", `shop_checkout=${"a".repeat(43)}`)).status).toBe(403);
    expect((await shop.post("/shop/pay", goodForm)).status).toBe(403);
  });

  test("for a checkout whose hold ran out", async () => {
    const cookie = cookieOf(await shop.post("/shop/checkout", { token: shop.line.present("grant_1") }));
    shop.clock.now += 900_000;
    expect((await shop.get("/shop/checkout", cookie)).status).toBe(410);
    expect((await shop.post("/shop/pay", goodForm, { cookie })).status).toBe(410);
  });

  test("for what is too large, not a form, or nowhere", async () => {
    expect((await shop.post("/shop/checkout", { token: "x".repeat(20_000) }, { "content-length": "20006" })).status).toBe(413);
    expect((await shop.post("/shop/checkout", { token: "x" }, { "content-type": "text/plain" })).status).toBe(415);
    expect((await shop.post("/shop/checkout", { token: "x" }, { "content-type": "application/json" })).status).toBe(415);
    expect((await shop.get("/nowhere")).status).toBe(404);
  });
});

describe("the front page", () => {
  test("carries what the browser needs, and never the secret key", async () => {
    const answer = await shop.get("/");
    const page = await answer.text();
    expect(page).toContain('<meta name="fanfare-api-url" content="http://localhost:4802/api" />');
    expect(page).toContain('"publishableKey":"pk_test_demo"');
    expect(page).toContain('"left":3');
    expect(page).not.toContain("sk_test");
    expect(answer.headers.get("content-security-policy")).toMatch(/default-src 'none'.*connect-src 'self' http:\/\/localhost:4802;/);
  });

  test("is a page for checking too, of any draw whose link somebody has", async () => {
    const page = await (await shop.get("/draw/check/draw_0193-a")).text();
    expect(page).toContain('"checkDrawId":"draw_0193-a"');
    expect(await (await shop.get("/")).text()).toContain('"checkDrawId":null');
    expect((await shop.get("/draw/check/%3Cscript%3E")).status).toBe(404);
  });
});
