import { describe, expect, test } from "vitest";
import { scriptBoundSessions } from "../testing/bound-service.ts";
import { scriptSessions, startSdk, within } from "../testing/launch.ts";
import { createTabWorld } from "../testing/tab-world.ts";
import type { TabWorld } from "../testing/tab-world.ts";
import { boundWorld, open } from "../testing/bound-world.ts";

const sessionKey = "fanfare:org_xxx:session";
const keyId = (w: TabWorld): unknown => (w.shelf.kept.get("key") as { id?: unknown } | undefined)?.id;

describe("using a bound session", () => {
  test("calls prove the key for their token, and the service's nonce is sent from then on (S7, S8)", async () => {
    const w = boundWorld();
    w.bound.demandNonce("n1");
    const { sdk } = await open(w);
    await within(w.clock, 100, sdk.auth.guest());
    expect(w.service.count("POST /auth/guest")).toBe(2);
    await within(w.clock, 100, sdk.auth.requestOtp({ email: "ann@shop.example" }));
    expect(w.service.count("POST /auth/otp/request")).toBe(1);
    w.bound.demandNonce("n2");
    await within(w.clock, 100, sdk.auth.refresh());
    expect(w.service.count("POST /auth/refresh")).toBe(2);
  });

  test("a service that never takes the nonce is asked twice, and no more (S8)", async () => {
    const w = boundWorld();
    w.service.answer("POST /auth/guest", { status: 401, body: { error: "use_dpop_nonce", message: "again", requestId: "r" }, headers: { "dpop-nonce": "n" } });
    const { sdk } = await open(w);
    await expect(within(w.clock, 10_000, sdk.auth.guest())).rejects.toMatchObject({ code: "USE_DPOP_NONCE" });
    expect(w.service.count("POST /auth/guest")).toBe(2);
  });

  test("renewing keeps the refresh token; eight tabs at expiry all go on (S9)", async () => {
    const w = boundWorld();
    const tabs = await Promise.all(Array.from({ length: 8 }, () => open(w)));
    await within(w.clock, 500, Promise.all(tabs.map(({ sdk }) => sdk.auth.guest())));
    await w.clock.advance(700_000);
    for (const { sdk, names } of tabs) {
      expect(sdk.auth.check()).toMatchObject({ isAuthenticated: true });
      expect(names()).not.toContain("auth:error");
    }
    expect(w.items.get("fanfare:org_xxx:refresh_token")).toContain("rt-0");
    expect(w.bound.consumers()).toBe(1);
  });

  test("a service that answers a bound session with an unbound one is not believed (S10)", async () => {
    const w = boundWorld();
    const { sdk } = await open(w);
    await within(w.clock, 100, sdk.auth.guest());
    scriptSessions(w.service, w.clock);
    await expect(within(w.clock, 100, sdk.auth.refresh())).rejects.toMatchObject({ code: "INVALID_RESPONSE" });
    expect(sdk.auth.getSession()).toMatchObject({ bound: "device" });
  });

  test("a reload keeps the session without a request, and can still use it (S11)", async () => {
    const w = boundWorld();
    const before = await open(w);
    const { consumerId } = await within(w.clock, 100, before.sdk.auth.guest());
    before.sdk.destroy();
    const asked = w.service.requests.length;
    const { sdk } = await open(w);
    expect(sdk.auth.getSession()).toMatchObject({ consumerId, bound: "device" });
    expect(w.service.requests).toHaveLength(asked);
    expect(await within(w.clock, 100, sdk.auth.refresh())).toMatchObject({ consumerId });
  });

  test("tokens copied to another profile are ended there before they are used, and live on where they came from (S12, M30)", async () => {
    const w = boundWorld();
    const owner = await open(w);
    const { consumerId } = await within(w.clock, 100, owner.sdk.auth.guest());
    const other = createTabWorld({ canSign: true });
    for (const [key, text] of w.items) other.items.set(key, text);
    const thief = await startSdk(other, { ...other.openTab(), platform: { ...other.openTab().platform, fetch: w.service.fetch } });
    expect(thief.sdk.auth.check().isAuthenticated).toBe(false);
    expect(thief.told).toMatchObject([
      { event: "auth:error", payload: { context: "unauthorized", error: { code: "SESSION_ENDED" } } },
      { event: "auth:logout", payload: { reason: "revoked" } },
    ]);
    expect(other.items.has(sessionKey)).toBe(false);
    expect(w.bound.isEnded(consumerId)).toBe(false);
    expect(await within(w.clock, 100, owner.sdk.auth.refresh())).toMatchObject({ consumerId });
  });

  test("storage that is wiped under a page is written again by it, key included (S20, M17)", async () => {
    const w = boundWorld();
    const running = await open(w);
    const { consumerId } = await within(w.clock, 100, running.sdk.auth.guest());
    w.shelf.kept.clear();
    w.items.clear();
    expect(await within(w.clock, 100, running.sdk.auth.refresh())).toMatchObject({ bound: "device" });
    const next = await open(w);
    expect(await within(w.clock, 100, next.sdk.auth.refresh())).toMatchObject({ consumerId, bound: "device" });
  });

  test("a database that was wiped without its copy ends the session before it is shown, and the next guest says who was there (S12, S20, S32, A8)", async () => {
    const w = boundWorld();
    const before = await open(w);
    const { consumerId } = await within(w.clock, 100, before.sdk.auth.guest());
    before.sdk.destroy();
    w.shelf.kept.clear();
    const next = await open(w);
    expect(next.names()).toEqual(["auth:error", "auth:logout"]);
    expect([next.sdk.auth.check().isAuthenticated, w.items.size]).toEqual([false, 0]);
    await within(w.clock, 100, next.sdk.auth.guest());
    expect(next.told.at(-1)?.payload).toMatchObject({ isNew: true, previousConsumerId: consumerId });
  });

  test("a session whose key alone was lost is ended for all tabs before it is shown (S12, M31)", async () => {
    const w = boundWorld();
    const before = await open(w);
    await within(w.clock, 100, before.sdk.auth.guest());
    before.sdk.destroy();
    w.shelf.kept.delete("key");
    const next = await open(w);
    expect(next.names()).toEqual(["auth:error", "auth:logout"]);
    expect([...w.shelf.kept.keys()]).toEqual(["ended"]);
    expect((await open(w)).names()).toEqual([]);
  });

  test("a session beside another's key is as lost as one without (S12)", async () => {
    const [w, other] = [boundWorld(), boundWorld()];
    for (const each of [w, other]) {
      const page = await open(each);
      await within(each.clock, 100, page.sdk.auth.guest());
      page.sdk.destroy();
    }
    w.shelf.kept.set("key", other.shelf.kept.get("key"));
    const next = await open(w);
    expect(next.names()).toEqual(["auth:error", "auth:logout"]);
    expect(next.sdk.auth.check().isAuthenticated).toBe(false);
  });

  test("tabs that know a later end follow the guest of a storage that was wiped since (S20)", async () => {
    const w = boundWorld();
    const [a, b] = [await open(w), await open(w)];
    await within(w.clock, 100, a.sdk.auth.guest());
    await within(w.clock, 100, a.sdk.auth.logout());
    w.shelf.kept.clear();
    const fresh = await open(w);
    const { consumerId } = await within(w.clock, 100, fresh.sdk.auth.guest());
    for (const { sdk } of [a, b]) expect(sdk.auth.getSession()).toMatchObject({ consumerId });
  });

  test("a session whose key was lost is in nobody's way, also where nothing was restored (S12)", async () => {
    const w = boundWorld();
    const before = await open(w);
    await within(w.clock, 100, before.sdk.auth.guest());
    before.sdk.destroy();
    w.shelf.kept.delete("key");
    const { sdk } = await startSdk(w, w.openTab(), { autoRestore: false });
    expect(await within(w.clock, 100, sdk.auth.guest())).toMatchObject({ bound: "device" });
    expect(await within(w.clock, 100, sdk.auth.refresh())).toMatchObject({ bound: "device" });
  });

  test("an unbound session goes on from its copy where the database was wiped (S20)", async () => {
    const w = createTabWorld();
    scriptSessions(w.service, w.clock);
    const before = await open(w);
    const { consumerId } = await within(w.clock, 100, before.sdk.auth.guest());
    before.sdk.destroy();
    w.shelf.kept.clear();
    const next = await open(w);
    expect(next.sdk.auth.getSession()).toMatchObject({ consumerId });
    expect(next.names()).toEqual(["auth:authenticated"]);
    expect(w.shelf.kept.has("session")).toBe(true);
  });

  test("a copy that is older than the database, or gone, is written again (S20)", async () => {
    const w = boundWorld();
    const before = await open(w);
    await within(w.clock, 100, before.sdk.auth.guest());
    const stale = w.items.get(sessionKey)!;
    await within(w.clock, 100, before.sdk.auth.refresh());
    before.sdk.destroy();
    const read = (): unknown => JSON.parse(w.items.get(sessionKey) ?? "null");
    const right = read();
    w.items.set(sessionKey, stale);
    (await open(w)).sdk.destroy();
    expect(read()).toEqual(right);
    w.items.clear();
    await open(w);
    expect(read()).toEqual(right);
  });
});

describe("leaving a bound session", () => {
  test("logout retires the key at once: the guest that follows is somebody else (S13)", async () => {
    const w = boundWorld();
    const { sdk } = await open(w);
    const first = await within(w.clock, 100, sdk.auth.guest());
    const leaving = sdk.auth.logout();
    const next = await within(w.clock, 1_000, sdk.auth.guest());
    await leaving;
    expect(next.consumerId).not.toBe(first.consumerId);
    expect([w.bound.isEnded(first.consumerId), w.bound.isEnded(next.consumerId)]).toEqual([true, false]);
    expect([...w.shelf.kept.keys()].sort()).toEqual(["ended", "key", "session"]);
  });

  test("logout offline keeps the key for the revocation alone, over a reload, and then forgets it (S14, M20)", async () => {
    const w = boundWorld();
    const first = await open(w);
    const { consumerId } = await within(w.clock, 100, first.sdk.auth.guest());
    const id = keyId(w);
    const online = w.bound;
    w.service.answer("POST /auth/logout", "lost");
    await within(w.clock, 30_000, first.sdk.auth.logout());
    first.sdk.destroy();
    expect([...w.shelf.kept.keys()].sort()).toEqual(["ended", "revoking"]);
    expect(w.shelf.kept.get("revoking")).toMatchObject({ list: [{ key: { id } }] });
    expect(online.isEnded(consumerId)).toBe(false);
    w.service.answer("POST /auth/logout", (request) => (request.headers.get("dpop") ? { status: 204 } : { status: 401 }));
    await open(w);
    await w.clock.advance(100);
    expect(w.service.requests.at(-1)).toMatchObject({ path: "/auth/logout", body: { refreshToken: "rt-0-1" } });
    expect(w.service.requests.at(-1)?.headers.get("dpop")).not.toBeNull();
    expect([...w.shelf.kept.keys()]).toEqual(["ended"]);
  });

  test("a revocation that was never told takes its key along after a day (S14)", async () => {
    const w = boundWorld();
    const first = await open(w);
    await within(w.clock, 100, first.sdk.auth.guest());
    w.service.answer("POST /auth/logout", "lost");
    await within(w.clock, 30_000, first.sdk.auth.logout());
    first.sdk.destroy();
    await w.clock.advance(86_400_001);
    await open(w);
    await w.clock.advance(100);
    expect([...w.shelf.kept.keys()]).toEqual(["ended"]);
  });

  test("logout before the code or the answer of guest() is there leaves nobody behind, and the next guest has a key of its own (S13, S29)", async () => {
    const w = boundWorld();
    const { sdk } = await open(w);
    const early = sdk.auth.guest().catch((error: { code: string }) => error.code);
    await within(w.clock, 100, sdk.auth.logout());
    expect([await early, w.service.requests.length, w.shelf.kept.size]).toEqual(["SESSION_ENDED", 0, 0]);
    w.bound.befall("slow");
    const making = sdk.auth.guest().catch((error: { code: string }) => error.code);
    await w.clock.advance(100);
    await within(w.clock, 10_000, sdk.auth.logout());
    expect([await making, w.shelf.kept.has("key"), w.shelf.kept.has("revoking")]).toEqual(["SESSION_ENDED", false, false]);
    await within(w.clock, 100, sdk.auth.guest());
    expect([w.service.count("POST /auth/guest"), w.bound.consumers()]).toEqual([2, 2]);
  });

  test("logout while guest() or a code is still looking what is stored leaves nobody behind either (S29)", async () => {
    const w = createTabWorld({ canSign: true, storageDelaysMs: [20] });
    scriptBoundSessions(w.service, w.clock);
    const { sdk } = await open(w);
    await within(w.clock, 500, sdk.auth.guest());
    const asked = [sdk.auth.guest(), sdk.auth.verifyOtp({ email: "ann@shop.example", code: "123456" })].map((task) => task.catch(String));
    await w.clock.settle();
    await within(w.clock, 500, sdk.auth.logout());
    const requests = w.service.requests.length;
    await w.clock.advance(10_000);
    expect(await Promise.all(asked)).toEqual([expect.stringMatching(/has ended/), expect.stringMatching(/has ended/)]);
    expect([sdk.auth.getSession(), w.shelf.kept.get("session"), w.service.requests.length]).toEqual([null, undefined, requests]);
  });

  test("logout while the renewal of another tab is being read is not undone by what that read finds (S13, S29)", async () => {
    const made = createTabWorld({ canSign: true, storageDelaysMs: [50] });
    scriptBoundSessions(made.service, made.clock);
    const [a, b] = [await open(made), await open(made)];
    await within(made.clock, 1_000, a.sdk.auth.guest());
    void b.sdk.auth.refresh();
    while (!made.items.get(sessionKey)?.includes('"revision":2')) await made.clock.advance(1);
    await made.clock.advance(70);
    const leaving = a.sdk.auth.logout();
    await within(made.clock, 1_000, leaving);
    expect(a.sdk.auth.check().isAuthenticated).toBe(false);
    expect(a.names().filter((name) => name === "auth:authenticated")).toHaveLength(1);
  });

  test("logout in one tab ends the bound session in the other, which begins anew with a key of its own (S13)", async () => {
    const w = boundWorld();
    const [a, b] = [await open(w), await open(w)];
    const first = await within(w.clock, 100, a.sdk.auth.guest());
    await within(w.clock, 100, a.sdk.auth.logout());
    expect(b.sdk.auth.check().isAuthenticated).toBe(false);
    expect((await within(w.clock, 1_000, b.sdk.auth.guest())).consumerId).not.toBe(first.consumerId);
  });
});

test("no token and no key is in what is stored as text under another name, told, or thrown (S15)", async () => {
  const w = boundWorld();
  const { sdk, told } = await open(w);
  await within(w.clock, 100, sdk.auth.guest());
  await within(w.clock, 100, sdk.auth.refresh());
  await within(w.clock, 100, sdk.auth.logout());
  expect(JSON.stringify(told)).not.toMatch(/at-0|rt-0|eyJ/);
  expect(JSON.stringify([[...w.items], [...w.shelf.kept]])).not.toMatch(/at-0|rt-0|eyJ/);
});
