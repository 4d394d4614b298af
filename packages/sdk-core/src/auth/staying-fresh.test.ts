import { describe, expect, test } from "vitest";
import { startSdk, scriptSessions, tokens, within } from "../testing/launch.ts";
import type { TestSdk } from "../testing/launch.ts";
import { refusal } from "../testing/scripted-service.ts";
import type { TabWorld } from "../testing/tab-world.ts";
import { unboundWorld } from "../testing/unbound-world.ts";

describe("staying fresh", () => {
  test("the token is renewed at about four fifths of its life, and once (S23, A3)", async () => {
    const w = unboundWorld();
    const { sdk, names } = await startSdk(w, w.openTab());
    await within(w.clock, 100, sdk.auth.guest());
    await w.clock.advance(440_000);
    expect(w.service.count("POST /auth/refresh")).toBe(0);
    await w.clock.advance(80_000);
    expect(w.service.count("POST /auth/refresh")).toBe(1);
    expect(names()).toEqual(["auth:authenticated", "auth:refreshed"]);
  });

  test("tokens without a life do not make a loop (S24)", async () => {
    const w = unboundWorld();
    w.service.answer("POST /auth/guest", () => ({ status: 201, body: { ...tokens(w.clock), expiresInSeconds: 0 } }));
    w.service.answer("POST /auth/refresh", () => ({ status: 200, body: { ...tokens(w.clock, 2), expiresInSeconds: 0 } }));
    const { sdk } = await startSdk(w, w.openTab());
    await within(w.clock, 100, sdk.auth.guest());
    await w.clock.advance(10_000);
    expect(w.service.count("POST /auth/refresh")).toBeLessThan(13);
  });

  test.each([-86_400_000, -7_200_000, 7_200_000, 86_400_000])("a wall clock that jumps by %d ms costs at most one refresh (S22, A3)", async (jump) => {
    const w = unboundWorld();
    const tab = w.openTab();
    const { sdk } = await startSdk(w, tab);
    await within(w.clock, 100, sdk.auth.guest());
    w.clock.jumpWall(jump);
    for (let wakes = 0; wakes < 10; wakes++) {
      tab.wake();
      await w.clock.advance(1_000);
    }
    expect(w.service.count("POST /auth/refresh")).toBeLessThanOrEqual(1);
  });

  test("while refreshing fails the valid token stays, the trouble is told once, and the pauses grow (S24, A3, M12)", async () => {
    const w = unboundWorld();
    w.service.answer("POST /auth/refresh", "lost");
    const { sdk, told } = await startSdk(w, w.openTab());
    await within(w.clock, 100, sdk.auth.guest());
    await w.clock.advance(480_000 + 60_000);
    const attempts = w.service.count("POST /auth/refresh");
    expect(attempts).toBeGreaterThan(3);
    expect(attempts).toBeLessThan(15);
    expect(sdk.auth.check().isAuthenticated).toBe(true);
    expect(told.filter(({ event }) => event === "auth:error")).toMatchObject([{ payload: { context: "refresh" } }]);
    scriptSessions(w.service, w.clock);
    await w.clock.advance(120_000);
    expect(told.at(-1)?.event).toBe("auth:refreshed");
  });

  test("an early refresh whose answer was lost is asked for again while the old refresh token is still taken (S26, M7)", async () => {
    const w = unboundWorld();
    w.service.answer("POST /auth/refresh", "lost");
    const { sdk } = await startSdk(w, w.openTab());
    await within(w.clock, 100, sdk.auth.guest());
    await expect(within(w.clock, 100, sdk.auth.refresh())).rejects.toMatchObject({ code: "NETWORK_ERROR" });
    scriptSessions(w.service, w.clock);
    await w.clock.advance(5_000);
    expect(w.items.get("fanfare:org_xxx:refresh_token")).toContain("rt-2");
  });

  test("a renewal that was written after another tab's logout does not bring the session back (S29)", async () => {
    const w = unboundWorld();
    const first = await startSdk(w, w.openTab());
    await within(w.clock, 100, first.sdk.auth.guest());
    const stale = [w.shelf.kept.get("session"), w.items.get("fanfare:org_xxx:session")!] as const;
    await within(w.clock, 100, first.sdk.auth.logout());
    w.shelf.kept.set("session", stale[0]);
    w.items.set("fanfare:org_xxx:session", stale[1]);
    const next = await startSdk(w, w.openTab());
    expect(next.sdk.auth.check().isAuthenticated).toBe(false);
    expect(next.names()).toEqual([]);
    expect([w.items.has("fanfare:org_xxx:session"), w.shelf.kept.has("session")]).toEqual([false, false]);
  });

  test("a Retry-After is waited for (S24)", async () => {
    const w = unboundWorld();
    w.service.answer("POST /auth/refresh", refusal(503, "service_unavailable", undefined, { "retry-after": "40" }));
    const { sdk } = await startSdk(w, w.openTab());
    await within(w.clock, 100, sdk.auth.guest());
    await w.clock.advance(481_000);
    expect(w.service.count("POST /auth/refresh")).toBe(1);
    await w.clock.advance(35_000);
    expect(w.service.count("POST /auth/refresh")).toBe(1);
    await w.clock.advance(10_000);
    expect(w.service.count("POST /auth/refresh")).toBe(2);
  });

  test("a refused refresh token ends the session once and is never asked again (S25, A8, M9, M14)", async () => {
    const w = unboundWorld();
    const { sdk, names, told } = await startSdk(w, w.openTab());
    await within(w.clock, 100, sdk.auth.guest());
    w.service.answer("POST /auth/refresh", refusal(401, "invalid_refresh_token", { reason: "revoked" }));
    await w.clock.advance(3_600_000);
    expect(w.service.count("POST /auth/refresh")).toBe(1);
    expect(names()).toEqual(["auth:authenticated", "auth:error", "auth:logout"]);
    expect(told[1]?.payload).toMatchObject({ context: "unauthorized" });
    expect(told[2]?.payload).toEqual({ reason: "revoked" });
    expect(w.items.has("fanfare:org_xxx:session")).toBe(false);
  });

  test("the guide's handler may call guest() from inside auth:error (S32)", async () => {
    const w = unboundWorld();
    const { sdk, names } = await startSdk(w, w.openTab());
    sdk.on("auth:error", ({ context }) => {
      if (context === "unauthorized") void sdk.auth.guest();
    });
    await within(w.clock, 100, sdk.auth.guest());
    w.service.answer("POST /auth/refresh", refusal(401, "invalid_refresh_token", { reason: "expired" }));
    await within(
      w.clock,
      500,
      sdk.auth.refresh().catch(() => undefined),
    );
    expect(sdk.auth.check().isAuthenticated).toBe(true);
    expect(names()).toEqual(["auth:authenticated", "auth:error", "auth:logout", "auth:authenticated"]);
  });

  test("a refresh token that another tab has renewed meanwhile is taken from storage before anybody is logged out (S26, M8)", async () => {
    const w = unboundWorld();
    const [a, b] = [await startSdk(w, w.openTab(), { sync: { enabled: false } }), await startSdk(w, w.openTab(), { sync: { enabled: false } })];
    await within(w.clock, 100, a.sdk.auth.guest());
    await within(w.clock, 100, b.sdk.auth.guest());
    w.service.answer("POST /auth/refresh", ({ body }) =>
      body["refreshToken"] === "rt-1" ? { status: 200, body: tokens(w.clock, 2) } : refusal(401, "invalid_refresh_token", { reason: "reused" }),
    );
    await within(w.clock, 100, a.sdk.auth.refresh());
    w.service.answer("POST /auth/refresh", ({ body }) =>
      body["refreshToken"] === "rt-2" ? { status: 200, body: tokens(w.clock, 3) } : refusal(401, "invalid_refresh_token", { reason: "reused" }),
    );
    await within(w.clock, 100, b.sdk.auth.refresh());
    expect(b.sdk.auth.check().isAuthenticated).toBe(true);
    expect(b.names()).not.toContain("auth:logout");
  });

  test("a slow refresh cannot bring back a session that was logged out meanwhile (S29, M19)", async () => {
    const w = unboundWorld();
    const { sdk } = await startSdk(w, w.openTab());
    await within(w.clock, 100, sdk.auth.guest());
    let answer = (): void => {};
    w.service.answer("POST /auth/refresh", () => new Promise((resolve) => (answer = () => resolve({ status: 200, body: tokens(w.clock, 2) }))));
    const refreshing = sdk.auth.refresh().catch((error: { code: string }) => error.code);
    await w.clock.settle();
    await within(w.clock, 100, sdk.auth.logout());
    answer();
    await w.clock.settle();
    expect(await refreshing).toBe("SESSION_ENDED");
    expect(sdk.auth.check().isAuthenticated).toBe(false);
    expect(w.items.has("fanfare:org_xxx:session")).toBe(false);
  });

  test("a slow refresh cannot overwrite what another tab has renewed since (S18)", async () => {
    const w = unboundWorld();
    const [a, b] = [await startSdk(w, w.openTab()), await startSdk(w, w.openTab())];
    await within(w.clock, 100, a.sdk.auth.guest());
    let answer = (): void => {};
    w.service.answer("POST /auth/refresh", () => new Promise((resolve) => (answer = () => resolve({ status: 200, body: tokens(w.clock, 2) }))));
    const slow = a.sdk.auth.refresh();
    await w.clock.settle();
    w.service.answer("POST /auth/refresh", () => ({ status: 200, body: tokens(w.clock, 3) }));
    await within(w.clock, 2_500, b.sdk.auth.refresh());
    answer();
    await within(w.clock, 100, slow);
    expect(w.items.get("fanfare:org_xxx:refresh_token")).toContain("rt-3");
  });
});

describe("a service that cannot renew", () => {
  const otp = "POST /auth/otp/request";
  const line = "POST /auth/refresh";
  const resting = refusal(503, "service_unavailable", undefined, { "retry-after": "40" });
  const call = (w: TabWorld, { sdk }: TestSdk): Promise<unknown> =>
    within(w.clock, 100, sdk.auth.requestOtp({ email: "ann@shop.example" })).catch((error: { code: string }) => error.code);

  test("and asked for a pause is left alone for it, also by calls whose token is refused (S24, A3, M12, M13)", async () => {
    const w = unboundWorld();
    const page = await startSdk(w, w.openTab());
    await within(w.clock, 100, page.sdk.auth.guest());
    w.service.answer(otp, refusal(401, "invalid_access_token"));
    w.service.answer(line, resting);
    const heard = new Set<unknown>();
    for (let asked = 0; asked < 10; asked++) heard.add(await call(w, page));
    expect([...heard]).toEqual(["SERVICE_UNAVAILABLE"]);
    expect(w.service.count(line)).toBe(1);
    scriptSessions(w.service, w.clock);
    await w.clock.advance(45_000);
    expect(page.names().at(-1)).toBe("auth:refreshed");
  });

  test("is asked once by all tabs, and by the host's own word; after the pause one asks for all (S24, A3, M12)", async () => {
    const w = unboundWorld();
    const pages = await Promise.all(Array.from({ length: 8 }, () => startSdk(w, w.openTab())));
    await within(w.clock, 500, pages[0]!.sdk.auth.guest());
    w.service.answer(line, resting);
    await w.clock.advance(500_000);
    expect(w.service.count(line)).toBe(1);
    for (const { told } of pages)
      expect(told.filter(({ event }) => event === "auth:error")).toMatchObject([{ payload: { context: "refresh", error: { status: 503 } } }]);
    await expect(within(w.clock, 3_000, pages[5]!.sdk.auth.refresh())).rejects.toMatchObject({ code: "SERVICE_UNAVAILABLE" });
    expect(w.service.count(line)).toBe(2);
    scriptSessions(w.service, w.clock);
    await w.clock.advance(50_000);
    expect(w.service.count(line)).toBe(3);
    for (const { names } of pages) expect(names()).toEqual(["auth:authenticated", "auth:error", "auth:refreshed"]);
  });

  test("is asked again in time by a device whose clock was set back in the pause (S22, S24)", async () => {
    const w = unboundWorld();
    const { sdk, names } = await startSdk(w, w.openTab());
    await within(w.clock, 100, sdk.auth.guest());
    w.service.answer(line, resting);
    await w.clock.advance(482_000);
    w.clock.jumpWall(-7_200_000);
    scriptSessions(w.service, w.clock);
    await w.clock.advance(45_000);
    expect(names().at(-1)).toBe("auth:refreshed");
  });

  test("is left alone also by a shopper who goes to and fro between tabs; of a pause of hours, it is asked once a minute then (S24, M12, M21)", async () => {
    const w = unboundWorld();
    const tab = w.openTab();
    const { sdk } = await startSdk(w, tab);
    const lookIn = async (times: number, everyMs: number): Promise<void> => {
      for (let look = 0; look < times; look++) {
        tab.hide();
        tab.show();
        await w.clock.advance(everyMs);
      }
    };
    await within(w.clock, 100, sdk.auth.guest());
    w.service.answer(line, resting);
    await w.clock.advance(482_000);
    await lookIn(10, 3_000);
    expect(w.service.count(line)).toBe(1);
    w.service.answer(line, refusal(503, "service_unavailable", undefined, { "retry-after": "7200" }));
    await w.clock.advance(15_000);
    await lookIn(60, 3_000);
    expect(w.service.count(line)).toBe(2 + 3);
  });

  test("after a night the pause is over, though the monotonic clock slept (S24, M21)", async () => {
    const w = unboundWorld();
    const tab = w.openTab();
    const { sdk } = await startSdk(w, tab);
    await within(w.clock, 100, sdk.auth.guest());
    w.service.answer(line, resting);
    await w.clock.advance(482_000);
    scriptSessions(w.service, w.clock);
    w.clock.jumpWall(28_800_000);
    tab.wake();
    await w.clock.advance(100);
    expect(w.service.count(line)).toBe(2);
  });

  test("a device that is back online asks at once (S24, A3)", async () => {
    const w = unboundWorld();
    const tab = w.openTab();
    const { sdk, names } = await startSdk(w, tab);
    await within(w.clock, 100, sdk.auth.guest());
    w.service.answer(line, "lost");
    await w.clock.advance(540_000);
    scriptSessions(w.service, w.clock);
    tab.wake();
    await w.clock.advance(10);
    expect(names().at(-1)).toBe("auth:refreshed");
  });

  test("tokens that are refused as soon as they are renewed do not make a loop: ten calls renew once, and again after half a minute (S23, S24, M13)", async () => {
    const w = unboundWorld();
    const page = await startSdk(w, w.openTab());
    await within(w.clock, 100, page.sdk.auth.guest());
    w.service.answer(otp, refusal(401, "invalid_access_token"));
    const heard = new Set<unknown>();
    for (let asked = 0; asked < 10; asked++) heard.add(await call(w, page));
    expect([[...heard], w.service.count(line)]).toEqual([["INVALID_ACCESS_TOKEN"], 1]);
    await w.clock.advance(30_000);
    w.service.answer(otp, ({ headers }) => (headers.get("authorization") === "Bearer at-3" ? { status: 202, body: {} } : refusal(401, "invalid_access_token")));
    expect(await call(w, page)).toEqual({});
    expect(w.service.count(line)).toBe(2);
  });
});
