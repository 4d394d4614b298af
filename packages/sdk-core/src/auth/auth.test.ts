import { describe, expect, test } from "vitest";
import { startSdk, scriptSessions, tokens, within, consumerId } from "../testing/launch.ts";
import { refusal } from "../testing/scripted-service.ts";
import { createTabWorld } from "../testing/tab-world.ts";
import type { TabWorld } from "../testing/tab-world.ts";

function world(): TabWorld {
  const made = createTabWorld();
  scriptSessions(made.service, made.clock);
  return made;
}
const otherId = "01936d6e-0000-7000-8000-000000000002";

describe("becoming a guest", () => {
  test("starting the SDK for a newcomer stores nothing and sends nothing (A10)", async () => {
    const { clock, service, items, ...rest } = world();
    const { sdk, names } = await startSdk({ clock, service, items, ...rest }, rest.openTab());
    await clock.advance(60_000);
    expect(sdk.auth.check()).toEqual({ isAuthenticated: false, isGuest: false });
    expect(service.requests).toEqual([]);
    expect([...items.keys()]).toEqual([]);
    expect(names()).toEqual([]);
  });

  test("ten calls at once in a tab make one guest and one event (S28, A1, M39)", async () => {
    const w = world();
    const { sdk, told } = await startSdk(w, w.openTab());
    const sessions = await within(w.clock, 100, Promise.all(Array.from({ length: 10 }, () => sdk.auth.guest())));
    expect(new Set(sessions.map((it) => it.consumerId))).toEqual(new Set([consumerId]));
    expect(w.service.count("POST /auth/guest")).toBe(1);
    expect(told).toEqual([{ event: "auth:authenticated", payload: { session: sessions[0], isNew: true } }]);
    expect(sdk.auth.check()).toMatchObject({ isAuthenticated: true, isGuest: true });
  });

  test("sixteen tabs that begin together present one install secret and end as one consumer (A1)", async () => {
    const w = world();
    const tabs = await Promise.all(Array.from({ length: 16 }, () => startSdk(w, w.openTab())));
    const guests = await within(w.clock, 200, Promise.all(tabs.map(({ sdk }) => sdk.auth.guest())));
    expect(new Set(guests.map((it) => it.consumerId)).size).toBe(1);
    expect(new Set(w.service.requests.map((it) => it.body["installSecret"])).size).toBe(1);
  });

  test("tabs that were answered different guests all end as the one that was stored first (A1)", async () => {
    const w = world();
    let made = 0;
    w.service.answer("POST /auth/guest", () => ({ status: 201, body: tokens(w.clock, 1, made++ === 0 ? consumerId : otherId) }));
    const [a, b] = [await startSdk(w, w.openTab()), await startSdk(w, w.openTab())];
    const [first, second] = await within(w.clock, 200, Promise.all([a.sdk.auth.guest(), b.sdk.auth.guest()]));
    expect(second?.consumerId).toBe(first?.consumerId);
    expect(b.sdk.auth.getSession()?.consumerId).toBe(first?.consumerId);
  });

  test("a lost answer is asked for again with the same secret (A1)", async () => {
    const w = world();
    let asked = 0;
    w.service.answer("POST /auth/guest", () => (asked++ === 0 ? "lost" : { status: 200, body: tokens(w.clock) }));
    const { sdk } = await startSdk(w, w.openTab());
    await within(w.clock, 10_000, sdk.auth.guest());
    const secrets = w.service.requests.filter((it) => it.path === "/auth/guest").map((it) => it.body["installSecret"]);
    expect(secrets).toHaveLength(2);
    expect(new Set(secrets).size).toBe(1);
    expect(secrets[0]).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  test("a retired secret is replaced by a new one, once", async () => {
    const w = world();
    let asked = 0;
    w.service.answer("POST /auth/guest", () => (asked++ === 0 ? refusal(409, "key_retired") : { status: 201, body: tokens(w.clock) }));
    const { sdk } = await startSdk(w, w.openTab());
    await within(w.clock, 1_000, sdk.auth.guest());
    const secrets = w.service.requests.map((it) => it.body["installSecret"]);
    expect(new Set(secrets).size).toBe(2);
    w.service.answer("POST /auth/guest", refusal(409, "key_retired"));
    const fresh = world();
    fresh.service.answer("POST /auth/guest", refusal(409, "key_retired"));
    const other = await startSdk(fresh, fresh.openTab());
    await expect(within(fresh.clock, 1_000, other.sdk.auth.guest())).rejects.toMatchObject({ code: "KEY_RETIRED" });
    expect(fresh.service.count("POST /auth/guest")).toBe(2);
    expect(other.names()).toEqual(["auth:error"]);
  });

  test("guest() while the session is being restored returns that session (S28, M39)", async () => {
    const w = world();
    const before = await startSdk(w, w.openTab());
    await within(w.clock, 100, before.sdk.auth.guest());
    before.sdk.destroy();
    const { sdk, names } = await startSdk(w, w.openTab(), { autoRestore: false });
    const [restored, guest] = await within(w.clock, 100, Promise.all([sdk.restore(), sdk.auth.guest()]));
    expect([restored.session?.consumerId, guest.consumerId]).toEqual([consumerId, consumerId]);
    expect([w.service.count("POST /auth/guest"), names()]).toEqual([1, ["auth:authenticated"]]);
  });

  test("an upgrade that fails leaves the guest as it was, in every tab (S27, M25)", async () => {
    const w = world();
    const [a, b] = [await startSdk(w, w.openTab()), await startSdk(w, w.openTab())];
    await within(w.clock, 100, a.sdk.auth.guest());
    for (const trouble of [refusal(400, "validation_error"), refusal(500, "internal_error"), "lost" as const]) {
      w.service.answer("POST /auth/otp/verify", trouble);
      await expect(within(w.clock, 100, a.sdk.auth.verifyOtp({ email: "a@shop.example", code: "123456" }))).rejects.toMatchObject({ name: "FanfareError" });
    }
    for (const { sdk, names } of [a, b]) {
      expect(sdk.auth.check()).toMatchObject({ isGuest: true, session: { consumerId } });
      expect(names()).not.toContain("auth:logout");
    }
    expect(await within(w.clock, 100, b.sdk.auth.refresh())).toMatchObject({ consumerId });
  });

  test("a live identified session rejects ALREADY_IDENTIFIED (S27)", async () => {
    const w = world();
    w.service.answer("POST /auth/otp/verify", () => {
      const answer = tokens(w.clock);
      return {
        status: 200,
        body: { ...answer, session: { type: "authenticated", consumerId, email: "a@shop.example", expiresAt: answer.session.expiresAt, bound: false } },
      };
    });
    const { sdk } = await startSdk(w, w.openTab());
    await within(w.clock, 100, sdk.auth.verifyOtp({ email: "a@shop.example", code: "123456" }));
    await expect(within(w.clock, 100, sdk.auth.guest())).rejects.toMatchObject({ code: "ALREADY_IDENTIFIED" });
    expect(sdk.auth.check()).toMatchObject({ isAuthenticated: true, isGuest: false });
  });

  test("logging out while the guest is being made leaves nobody behind, and closes what was opened (S29, M19)", async () => {
    const w = world();
    let answer = (): void => {};
    w.service.answer("POST /auth/guest", () => new Promise((resolve) => (answer = () => resolve({ status: 201, body: tokens(w.clock) }))));
    const { sdk, names } = await startSdk(w, w.openTab());
    const making = sdk.auth.guest().catch((error: { code: string }) => error.code);
    await w.clock.advance(100);
    await within(w.clock, 100, sdk.auth.logout());
    answer();
    await w.clock.advance(100);
    expect(await making).toBe("SESSION_ENDED");
    expect(sdk.auth.check().isAuthenticated).toBe(false);
    expect(names()).toEqual(["auth:error"]);
    expect(w.service.requests.at(-1)).toMatchObject({ path: "/auth/logout", body: { refreshToken: "rt-1" } });
  });
});

describe("coming back", () => {
  test("restoring makes no request while the access token lives, and tells isNew false once (A2)", async () => {
    const w = world();
    const before = await startSdk(w, w.openTab());
    await within(w.clock, 100, before.sdk.auth.guest());
    before.sdk.destroy();
    const asked = w.service.requests.length;
    const after = await startSdk(w, w.openTab());
    expect(after.sdk.auth.getSession()?.consumerId).toBe(consumerId);
    expect(after.told).toEqual([{ event: "auth:authenticated", payload: expect.objectContaining({ isNew: false }) }]);
    expect(w.service.requests.length).toBe(asked);
    expect(JSON.parse(w.items.get("fanfare:org_xxx:session")!)).toMatchObject({ v: 1, session: { type: "guest", consumerId } });
  });

  test("guest() returns the restored session without a request (S28)", async () => {
    const w = world();
    const before = await startSdk(w, w.openTab());
    await within(w.clock, 100, before.sdk.auth.guest());
    before.sdk.destroy();
    const after = await startSdk(w, w.openTab(), { autoRestore: false });
    expect(after.sdk.auth.getSession()).toBeNull();
    expect((await within(w.clock, 100, after.sdk.auth.guest())).consumerId).toBe(consumerId);
    expect(w.service.count("POST /auth/guest")).toBe(1);
  });

  describe.each(["database", "texts"])("stored %s", (place) => {
    /** A profile where that is what an earlier page left behind. */
    const left = (value: unknown): TabWorld => {
      const w = world();
      if (place === "database") w.shelf.kept.set("session", value);
      else {
        w.shelf.mood = "refuses";
        w.items.set("fanfare:org_xxx:session", typeof value === "string" ? value : JSON.stringify(value));
      }
      return w;
    };
    const isThere = (w: TabWorld): boolean => w.items.has("fanfare:org_xxx:session") || w.shelf.kept.has("session");

    test.each(["not json", { v: 0, session: {} }, { v: 1, revision: 1 }, { v: 1, session: { type: "guest" } }, "[]"])(
      "that say %j are dropped and reported, and nothing throws (A7, S19, M16)",
      async (value) => {
        const w = left(value);
        const { sdk, told } = await startSdk(w, w.openTab());
        expect(sdk.auth.check().isAuthenticated).toBe(false);
        expect(told).toMatchObject([{ event: "auth:error", payload: { context: "storage", error: { code: "INVALID_RESPONSE" } } }]);
        expect(isThere(w)).toBe(false);
      },
    );

    test("of a newer SDK are left as they are; the page says so, keeps to itself, and is one guest in three calls (A7, S19, M16, M33)", async () => {
      const newer = { v: 2, session: "of another kind" };
      const w = left(newer);
      const { sdk, told } = await startSdk(w, w.openTab());
      for (let call = 0; call < 3; call++) await within(w.clock, 100, sdk.auth.guest());
      await within(w.clock, 100, sdk.auth.refresh());
      expect(w.service.count("POST /auth/guest")).toBe(1);
      expect(told.filter(({ event }) => event === "auth:error")).toMatchObject([{ payload: { context: "storage" } }]);
      expect(place === "database" ? w.shelf.kept.get("session") : JSON.parse(w.items.get("fanfare:org_xxx:session")!)).toEqual(newer);
      await within(w.clock, 100, sdk.auth.logout());
      expect(isThere(w)).toBe(true);
    });
  });

  test("a copy in localStorage that says nothing we can read is removed and reported, one of a newer SDK is left (S19, S20)", async () => {
    const w = world();
    w.items.set("fanfare:org_xxx:session", "torn{");
    const torn = await startSdk(w, w.openTab());
    expect([torn.names(), w.items.size]).toEqual([["auth:error"], 0]);
    w.items.set("fanfare:org_xxx:session", '{"v":2}');
    const beside = await startSdk(w, w.openTab());
    await within(w.clock, 100, beside.sdk.auth.guest());
    expect([beside.names(), w.items.get("fanfare:org_xxx:session")]).toEqual([["auth:authenticated"], '{"v":2}']);
  });

  test("storage that throws on every call leaves one identity in three calls, and no throw (S35, A7, M16)", async () => {
    const w = world();
    const broken = () => Promise.reject(new Error("quota"));
    const { sdk, told } = await startSdk(w, w.openTab(), { storage: { getItem: broken, setItem: broken, removeItem: broken } });
    for (let call = 0; call < 3; call++) await within(w.clock, 100, sdk.auth.guest());
    expect(w.service.count("POST /auth/guest")).toBe(1);
    expect(told.filter(({ event }) => event === "auth:error")).toHaveLength(1);
  });

  test("a session whose end has passed is asked about before it is shown, and is gone once the service says so (S32, A4, A8, M15)", async () => {
    const w = world();
    const before = await startSdk(w, w.openTab());
    await within(w.clock, 100, before.sdk.auth.guest());
    before.sdk.destroy();
    await w.clock.advance(7_200_000);
    w.service.answer("POST /auth/refresh", refusal(401, "invalid_refresh_token", { reason: "expired" }));
    const after = await startSdk(w, w.openTab());
    expect(after.sdk.auth.check().isAuthenticated).toBe(false);
    expect(after.names()).toEqual(["auth:authenticated", "auth:error", "auth:logout"]);
    w.service.answer("POST /auth/guest", () => ({ status: 201, body: tokens(w.clock, 1, otherId) }));
    await within(w.clock, 100, after.sdk.auth.guest());
    expect(after.told.at(-1)).toMatchObject({ event: "auth:authenticated", payload: { isNew: true, previousConsumerId: consumerId } });
  });

  test("a session whose end has passed comes back where a place in line keeps it (S25, A4)", async () => {
    const w = world();
    const before = await startSdk(w, w.openTab());
    await within(w.clock, 100, before.sdk.auth.guest());
    before.sdk.destroy();
    await w.clock.advance(7_200_000);
    const after = await startSdk(w, w.openTab());
    expect(after.sdk.auth.check().isAuthenticated).toBe(true);
  });
});

describe("staying fresh", () => {
  test("the token is renewed at about four fifths of its life, and once (S23, A3)", async () => {
    const w = world();
    const { sdk, names } = await startSdk(w, w.openTab());
    await within(w.clock, 100, sdk.auth.guest());
    await w.clock.advance(440_000);
    expect(w.service.count("POST /auth/refresh")).toBe(0);
    await w.clock.advance(80_000);
    expect(w.service.count("POST /auth/refresh")).toBe(1);
    expect(names()).toEqual(["auth:authenticated", "auth:refreshed"]);
  });

  test("tokens without a life do not make a loop (S24)", async () => {
    const w = world();
    w.service.answer("POST /auth/guest", () => ({ status: 201, body: { ...tokens(w.clock), expiresInSeconds: 0 } }));
    w.service.answer("POST /auth/refresh", () => ({ status: 200, body: { ...tokens(w.clock, 2), expiresInSeconds: 0 } }));
    const { sdk } = await startSdk(w, w.openTab());
    await within(w.clock, 100, sdk.auth.guest());
    await w.clock.advance(10_000);
    expect(w.service.count("POST /auth/refresh")).toBeLessThan(13);
  });

  test.each([-86_400_000, -7_200_000, 7_200_000, 86_400_000])("a wall clock that jumps by %d ms costs at most one refresh (S22, A3)", async (jump) => {
    const w = world();
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
    const w = world();
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
    const w = world();
    w.service.answer("POST /auth/refresh", "lost");
    const { sdk } = await startSdk(w, w.openTab());
    await within(w.clock, 100, sdk.auth.guest());
    await expect(within(w.clock, 100, sdk.auth.refresh())).rejects.toMatchObject({ code: "NETWORK_ERROR" });
    scriptSessions(w.service, w.clock);
    await w.clock.advance(5_000);
    expect(w.items.get("fanfare:org_xxx:refresh_token")).toContain("rt-2");
  });

  test("a renewal that was written after another tab's logout does not bring the session back (S29)", async () => {
    const w = world();
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
    const w = world();
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
    const w = world();
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
    const w = world();
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
    const w = world();
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
    const w = world();
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
    const w = world();
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

describe("leaving", () => {
  test("logout clears before it asks, keeps nothing, and revokes (A5)", async () => {
    const w = world();
    const { sdk, told } = await startSdk(w, w.openTab());
    await within(w.clock, 100, sdk.auth.guest());
    const leaving = sdk.auth.logout();
    expect(sdk.auth.check().isAuthenticated).toBe(false);
    expect(told.at(-1)).toEqual({ event: "auth:logout", payload: { reason: "user" } });
    await within(w.clock, 100, leaving);
    expect(w.service.requests.at(-1)).toMatchObject({ path: "/auth/logout", body: { refreshToken: "rt-1" } });
    expect([[...w.items.keys()], [...w.shelf.kept.keys()]]).toEqual([[], ["ended"]]);
    expect(JSON.stringify([...w.shelf.kept.values()])).not.toMatch(/at-1|rt-1|01936d6e/);
  });

  test("logout offline clears, keeps a revoking record, and tells the service at the next start (A5)", async () => {
    const w = world();
    const first = await startSdk(w, w.openTab());
    await within(w.clock, 100, first.sdk.auth.guest());
    w.service.answer("POST /auth/logout", "lost");
    await within(w.clock, 30_000, first.sdk.auth.logout());
    first.sdk.destroy();
    expect(w.shelf.kept.get("revoking")).toMatchObject({ list: [{ refreshToken: "rt-1" }] });
    w.service.answer("POST /auth/logout", { status: 204 });
    const next = await startSdk(w, w.openTab());
    await w.clock.advance(100);
    expect(next.sdk.auth.check().isAuthenticated).toBe(false);
    expect(w.shelf.kept.has("revoking")).toBe(false);
  });

  test("a revoking record goes after a day", async () => {
    const w = world();
    const first = await startSdk(w, w.openTab());
    await within(w.clock, 100, first.sdk.auth.guest());
    w.service.answer("POST /auth/logout", "lost");
    await within(w.clock, 30_000, first.sdk.auth.logout());
    first.sdk.destroy();
    await w.clock.advance(86_400_001);
    const asked = w.service.count("POST /auth/logout");
    await startSdk(w, w.openTab());
    await w.clock.advance(100);
    expect(w.shelf.kept.has("revoking")).toBe(false);
    expect(w.service.count("POST /auth/logout")).toBe(asked);
  });
});

describe("between tabs", () => {
  test("a login and a logout in one tab are the other's at once, each told once (S30, A5, M20)", async () => {
    const w = world();
    const [a, b] = [await startSdk(w, w.openTab()), await startSdk(w, w.openTab())];
    await within(w.clock, 100, a.sdk.auth.guest());
    expect(b.told).toMatchObject([{ event: "auth:authenticated", payload: { isNew: false } }]);
    await within(w.clock, 100, b.sdk.auth.logout());
    expect(a.sdk.auth.check().isAuthenticated).toBe(false);
    expect(a.told.at(-1)).toEqual({ event: "auth:logout", payload: { reason: "other_tab" } });
    expect(a.names()).toEqual(["auth:authenticated", "auth:logout"]);
  });

  test("one tab's refresh is every tab's (S30)", async () => {
    const w = world();
    const [a, b] = [await startSdk(w, w.openTab()), await startSdk(w, w.openTab())];
    await within(w.clock, 100, a.sdk.auth.guest());
    await within(w.clock, 100, a.sdk.auth.refresh());
    expect(b.names()).toEqual(["auth:authenticated", "auth:refreshed"]);
    expect(w.service.count("POST /auth/refresh")).toBe(1);
  });

  test("a session that ended for good in one tab is reported as that in the other (S30)", async () => {
    const w = world();
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
      const w = world();
      const [a, b] = [await startSdk(w, w.openTab()), await startSdk(w, w.openTab(), { sync })];
      await within(w.clock, 100, a.sdk.auth.guest());
      expect(b.sdk.auth.check().isAuthenticated).toBe(false);
    }
  });

  test("a tab that slept through the logout shows it when it wakes (S31, A9)", async () => {
    const w = world();
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

  test("storage that was wiped while running does not log the page out (S20)", async () => {
    const w = world();
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
    const w = world();
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
    const w = world();
    const tab = w.openTab();
    const [a, b] = [await startSdk(w, w.openTab()), await startSdk(w, tab, { sync: { channelName: "elsewhere" } })];
    await within(w.clock, 100, a.sdk.auth.guest());
    expect(b.sdk.auth.check().isAuthenticated).toBe(false);
    tab.wake();
    await w.clock.advance(100);
    expect(b.told).toMatchObject([{ event: "auth:authenticated", payload: { isNew: false, session: { consumerId } } }]);
  });

  test("a logout takes along what the consumer took part in, on the device and in its copy (S33, A5)", async () => {
    const w = world();
    const [a, b] = [await startSdk(w, w.openTab()), await startSdk(w, w.openTab())];
    await within(w.clock, 100, a.sdk.auth.guest());
    for (const name of ["state", "journeys", "keepsakes"]) w.shelf.kept.set(name, { v: 1, consumerId, owner: consumerId });
    w.items.set("fanfare:org_xxx:state", "{}");
    await within(w.clock, 100, b.sdk.auth.logout());
    expect([[...w.shelf.kept.keys()], [...w.items.keys()]]).toEqual([["ended"], []]);
  });

  test.each(["session", "memory"] as const)("storage: %s keeps the session out of the database (S35)", async (storage) => {
    const w = world();
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
    const w = world();
    const tab = w.openTab();
    const [a, b] = [await startSdk(w, tab), await startSdk(w, tab, { organizationId: "org_yyy" })];
    await within(w.clock, 100, a.sdk.auth.guest());
    expect(b.sdk.auth.check().isAuthenticated).toBe(false);
    a.sdk.destroy();
    await within(w.clock, 100, b.sdk.auth.guest());
    expect(b.sdk.auth.check().isAuthenticated).toBe(true);
  });
});

describe("around it", () => {
  test("a code that cannot be sent rejects with the service's code", async () => {
    const w = world();
    w.service.answer("POST /auth/otp/request", refusal(501, "otp_not_configured"));
    const { sdk, told } = await startSdk(w, w.openTab());
    await expect(within(w.clock, 100, sdk.auth.requestOtp({ email: "a@shop.example" }))).rejects.toMatchObject({
      code: "OTP_NOT_CONFIGURED",
      status: 501,
      retryable: false,
    });
    expect(told).toMatchObject([{ event: "auth:error", payload: { context: "otp" } }]);
  });

  test("a listener that throws stops nobody (S34)", async () => {
    const w = world();
    const reported: unknown[] = [];
    const original = globalThis.reportError;
    globalThis.reportError = (error) => void reported.push(error);
    try {
      const { sdk, names } = await startSdk(w, w.openTab());
      sdk.on("auth:authenticated", () => {
        throw new Error("host");
      });
      await within(w.clock, 100, sdk.auth.guest());
      expect(names()).toEqual(["auth:authenticated"]);
      expect(reported).toHaveLength(1);
    } finally {
      globalThis.reportError = original;
    }
  });

  test("destroy leaves no timer behind, twice is once, and calls after it say so", async () => {
    const w = world();
    const { sdk } = await startSdk(w, w.openTab());
    await within(w.clock, 100, sdk.auth.guest());
    sdk.destroy();
    sdk.destroy();
    expect(w.clock.pending()).toBe(0);
    await expect(within(w.clock, 100, sdk.auth.refresh())).rejects.toMatchObject({ code: "DESTROYED" });
    expect(w.clock.pending()).toBe(0);
  });
});
