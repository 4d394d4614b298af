import { describe, expect, test } from "vitest";
import { boundWorld, open } from "../testing/bound-world.ts";
import { routed, scriptSessions, startSdk, within, consumerId } from "../testing/launch.ts";
import { refusal } from "../testing/scripted-service.ts";
import { createTabWorld } from "../testing/tab-world.ts";
import { unboundWorld } from "../testing/unbound-world.ts";

describe("between tabs", () => {
  test("a login and a logout in one tab are the other's at once, each told once (S30, A5, M20)", async () => {
    const w = unboundWorld();
    const [a, b] = [await startSdk(w, w.openTab()), await startSdk(w, w.openTab())];
    await within(w.clock, 100, a.sdk.auth.guest());
    expect(b.told).toMatchObject([{ event: "auth:authenticated", payload: { isNew: false } }]);
    await within(w.clock, 100, b.sdk.auth.logout());
    expect(a.sdk.auth.check().isAuthenticated).toBe(false);
    expect(a.told.at(-1)).toEqual({ event: "auth:logout", payload: { reason: "other_tab" } });
    expect(a.names()).toEqual(["auth:authenticated", "auth:logout"]);
  });

  test("tabs that log out together make one revocation each, and each tells it once (S14, S30, A5, M20)", async () => {
    const w = boundWorld();
    const pages = await Promise.all(Array.from({ length: 8 }, () => open(w)));
    await within(w.clock, 500, pages[0]!.sdk.auth.guest());
    await within(w.clock, 2_000, Promise.all(pages.map(({ sdk }) => sdk.auth.logout())));
    expect(new Set(pages.map(({ names }) => names().join(" ")))).toEqual(new Set(["auth:authenticated auth:logout"]));
    expect(w.service.count("POST /auth/logout")).toBeLessThanOrEqual(8);
    expect([...w.shelf.kept.keys()]).toEqual(["ended"]);
  });

  test("one tab's refresh is every tab's (S30)", async () => {
    const w = unboundWorld();
    const [a, b] = [await startSdk(w, w.openTab()), await startSdk(w, w.openTab())];
    await within(w.clock, 100, a.sdk.auth.guest());
    await within(w.clock, 100, a.sdk.auth.refresh());
    expect(b.names()).toEqual(["auth:authenticated", "auth:refreshed"]);
    expect(w.service.count("POST /auth/refresh")).toBe(1);
  });

  test("a session that ended for good in one tab is reported as that in the other (S30)", async () => {
    const w = unboundWorld();
    const [a, b] = [await startSdk(w, w.openTab()), await startSdk(w, w.openTab())];
    await within(w.clock, 100, a.sdk.auth.guest());
    w.service.answer("POST /auth/refresh", refusal(401, "invalid_refresh_token", { reason: "expired" }));
    await within(
      w.clock,
      100,
      a.sdk.auth.refresh().catch(() => undefined),
    );
    expect(b.names()).toEqual(["auth:authenticated", "auth:error", "auth:logout"]);
    expect(b.told.at(-1)?.payload).toEqual({ reason: "expired" });
  });

  test("with sync off, and with session out of syncKeys, the other tab goes on by itself (S30)", async () => {
    for (const sync of [{ enabled: false }, { syncKeys: ["refreshToken" as const] }]) {
      const w = unboundWorld();
      const [a, b] = [await startSdk(w, w.openTab()), await startSdk(w, w.openTab(), { sync })];
      await within(w.clock, 100, a.sdk.auth.guest());
      expect(b.sdk.auth.check().isAuthenticated).toBe(false);
    }
  });

  test("a tab that slept through the logout shows it when it wakes (S31, A9)", async () => {
    const w = unboundWorld();
    const tab = w.openTab();
    const deaf = { ...tab, platform: { ...tab.platform, channel: () => null } };
    const [a, b] = [await startSdk(w, w.openTab()), await startSdk(w, deaf)];
    await within(w.clock, 100, a.sdk.auth.guest());
    await within(w.clock, 100, b.sdk.auth.guest());
    await within(w.clock, 100, a.sdk.auth.logout());
    expect(b.sdk.auth.check().isAuthenticated).toBe(true);
    tab.wake();
    await w.clock.advance(100);
    expect(b.sdk.auth.check().isAuthenticated).toBe(false);
  });

  test("a page that was rendered ahead of time makes nobody, and what it asked for is done when it is opened (S45, A10)", async () => {
    const w = unboundWorld();
    const tab = w.openTab({ isAhead: true });
    const { sdk, names } = await startSdk(w, tab);
    const asked = sdk.auth.guest();
    await w.clock.advance(600_000);
    expect([w.service.requests.length, w.items.size, w.shelf.kept.size]).toEqual([0, 0, 0]);
    tab.open();
    expect(await within(w.clock, 100, asked)).toMatchObject({ type: "guest", consumerId });
    expect([w.service.count("POST /auth/guest"), names()]).toEqual([1, ["auth:authenticated"]]);
  });

  test("a page that was rendered ahead of time shows who is there, renews nothing, and sends nothing in the name of whoever left before it was opened (S45, S31, A9)", async () => {
    const w = unboundWorld();
    const { sdk: other } = await startSdk(w, w.openTab());
    await within(w.clock, 100, other.auth.guest());
    const tab = w.openTab({ isAhead: true });
    const ahead = await startSdk(w, { ...tab, platform: { ...tab.platform, channel: () => null } });
    expect(ahead.sdk.auth.check().isAuthenticated).toBe(true);
    other.destroy();
    const call = ahead.sdk.auth.refresh().catch((error: { readonly code: string }) => error.code);
    await w.clock.advance(900_000);
    expect(w.service.count("POST /auth/refresh")).toBe(0);
    const { sdk: last } = await startSdk(w, w.openTab());
    await within(w.clock, 100, last.auth.logout());
    const sent = w.service.requests.length;
    tab.open();
    expect(["SESSION_ENDED", "NOT_AUTHENTICATED"]).toContain(await within(w.clock, 100, call));
    expect([w.service.requests.length, ahead.names(), ahead.sdk.auth.check().isAuthenticated]).toEqual([sent, ["auth:authenticated", "auth:logout"], false]);
  });

  test("a call from a page that was rendered ahead of time waits until the storage was read again, however slow that is (S45, S31)", async () => {
    const w = createTabWorld({ storageDelaysMs: [30] });
    scriptSessions(w.service, w.clock);
    w.service.answer("POST /experiences/exp_1/route", { status: 200, body: routed() });
    const other = await startSdk(w, w.openTab());
    await within(w.clock, 500, other.sdk.auth.guest());
    const tab = w.openTab({ isAhead: true });
    const ahead = await startSdk(w, { ...tab, platform: { ...tab.platform, channel: () => null } });
    expect(ahead.sdk.auth.check().isAuthenticated).toBe(true);
    const ready = ahead.sdk.journeys.get("exp_1").view$.get();
    if (ready.journeyStage !== "ready") throw new Error("Begun by itself.");
    const call = ready.start();
    await within(w.clock, 500, other.sdk.auth.logout());
    const sent = w.service.requests.length;
    tab.open();
    await within(w.clock, 1_000, call);
    const calls = w.service.requests.slice(sent).filter(({ path }) => path === "/experiences/exp_1/route");
    expect(calls.map(({ headers }) => headers.get("authorization"))).toEqual([null]);
    expect(ahead.sdk.auth.check().isAuthenticated).toBe(false);
  });

  test("storage that was wiped while running does not log the page out (S20)", async () => {
    const w = unboundWorld();
    const tab = w.openTab();
    const { sdk } = await startSdk(w, tab);
    await within(w.clock, 100, sdk.auth.guest());
    w.items.clear();
    w.shelf.kept.clear();
    tab.wake();
    await w.clock.advance(100);
    expect(sdk.auth.check().isAuthenticated).toBe(true);
    await within(w.clock, 100, sdk.auth.refresh());
    expect([w.items.has("fanfare:org_xxx:session"), w.shelf.kept.has("session")]).toEqual([true, true]);
  });

  test("hostile messages cause nothing but a read, and messages carry no token (S16, A6, M34)", async () => {
    const w = unboundWorld();
    const seen: unknown[] = [];
    const spy = w.openTab().platform.channel("fanfare-sdk-sync:org_xxx")!;
    spy.listen((message) => seen.push(message));
    const { sdk } = await startSdk(w, w.openTab());
    await within(w.clock, 100, sdk.auth.guest());
    for (const message of [null, 1, "x", { v: 1, revision: 1e9, session: { consumerId: "evil" } }, { v: 99 }]) spy.post(message);
    await w.clock.advance(100);
    expect(sdk.auth.getSession()?.consumerId).toBe(consumerId);
    expect(JSON.stringify(seen)).toBe('[{"v":1,"revision":1}]');
  });

  test("tabs with channels of their own hear of each other when they wake, not before (S30)", async () => {
    const w = unboundWorld();
    const tab = w.openTab();
    const [a, b] = [await startSdk(w, w.openTab()), await startSdk(w, tab, { sync: { channelName: "elsewhere" } })];
    await within(w.clock, 100, a.sdk.auth.guest());
    expect(b.sdk.auth.check().isAuthenticated).toBe(false);
    tab.wake();
    await w.clock.advance(100);
    expect(b.told).toMatchObject([{ event: "auth:authenticated", payload: { isNew: false, session: { consumerId } } }]);
  });

  test("a logout takes along what the consumer took part in, on the device and in its copy (S33, A5)", async () => {
    const w = unboundWorld();
    const [a, b] = [await startSdk(w, w.openTab()), await startSdk(w, w.openTab())];
    await within(w.clock, 100, a.sdk.auth.guest());
    for (const name of ["state", "journeys", "keepsakes"]) w.shelf.kept.set(name, { v: 1, consumerId, owner: consumerId });
    w.items.set("fanfare:org_xxx:state", "{}");
    await within(w.clock, 100, b.sdk.auth.logout());
    expect([[...w.shelf.kept.keys()], [...w.items.keys()]]).toEqual([["ended"], []]);
  });

  test.each(["session", "memory"] as const)("storage: %s keeps the session out of the database (S35)", async (storage) => {
    const w = unboundWorld();
    const { sdk } = await startSdk(w, w.openTab(), { storage });
    await within(w.clock, 100, sdk.auth.guest());
    expect([w.shelf.kept.has("session"), w.items.has("fanfare:org_xxx:session")]).toEqual([false, storage === "session"]);
    await within(w.clock, 100, sdk.auth.refresh());
    sdk.destroy();
    const next = await startSdk(w, w.openTab(), { storage });
    expect(next.sdk.auth.check().isAuthenticated).toBe(storage === "session");
    await within(w.clock, 100, next.sdk.auth.logout());
    expect([...w.items.keys()]).toEqual(storage === "session" ? ["fanfare:org_xxx:ended"] : []);
  });

  test("two organizations on one page do not touch (S36, M33)", async () => {
    const w = unboundWorld();
    const tab = w.openTab();
    const [a, b] = [await startSdk(w, tab), await startSdk(w, tab, { organizationId: "org_yyy" })];
    await within(w.clock, 100, a.sdk.auth.guest());
    expect(b.sdk.auth.check().isAuthenticated).toBe(false);
    a.sdk.destroy();
    await within(w.clock, 100, b.sdk.auth.guest());
    expect(b.sdk.auth.check().isAuthenticated).toBe(true);
  });
});
