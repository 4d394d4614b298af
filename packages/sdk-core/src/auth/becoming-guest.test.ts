import { describe, expect, test } from "vitest";
import { startSdk, tokens, within, consumerId } from "../testing/launch.ts";
import { refusal } from "../testing/scripted-service.ts";
import { unboundWorld } from "../testing/unbound-world.ts";

const otherId = "01936d6e-0000-7000-8000-000000000002";

describe("becoming a guest", () => {
  test("starting the SDK for a newcomer stores nothing and sends nothing (A10)", async () => {
    const { clock, service, items, ...rest } = unboundWorld();
    const { sdk, names } = await startSdk({ clock, service, items, ...rest }, rest.openTab());
    await clock.advance(60_000);
    expect(sdk.auth.check()).toEqual({ isAuthenticated: false, isGuest: false });
    expect(service.requests).toEqual([]);
    expect([...items.keys()]).toEqual([]);
    expect(names()).toEqual([]);
  });

  test("ten calls at once in a tab make one guest and one event (S28, A1, M39)", async () => {
    const w = unboundWorld();
    const { sdk, told } = await startSdk(w, w.openTab());
    const sessions = await within(w.clock, 100, Promise.all(Array.from({ length: 10 }, () => sdk.auth.guest())));
    expect(new Set(sessions.map((it) => it.consumerId))).toEqual(new Set([consumerId]));
    expect(w.service.count("POST /auth/guest")).toBe(1);
    expect(told).toEqual([{ event: "auth:authenticated", payload: { session: sessions[0], isNew: true } }]);
    expect(sdk.auth.check()).toMatchObject({ isAuthenticated: true, isGuest: true });
  });

  test("sixteen tabs that begin together present one install secret and end as one consumer (A1)", async () => {
    const w = unboundWorld();
    const tabs = await Promise.all(Array.from({ length: 16 }, () => startSdk(w, w.openTab())));
    const guests = await within(w.clock, 200, Promise.all(tabs.map(({ sdk }) => sdk.auth.guest())));
    expect(new Set(guests.map((it) => it.consumerId)).size).toBe(1);
    expect(new Set(w.service.requests.map((it) => it.body["installSecret"])).size).toBe(1);
  });

  test("of tabs without WebCrypto that begin together exactly one says that its guest is new (S2)", async () => {
    const w = unboundWorld();
    let asked = 0;
    w.service.answer("POST /auth/guest", () => {
      const isFirst = asked++ === 0;
      const answer = { status: isFirst ? 201 : 200, body: tokens(w.clock) };
      return isFirst ? new Promise((resolve) => void w.clock.setTimeout(() => resolve(answer), 1_000)) : answer;
    });
    const tabs = [await startSdk(w, w.openTab()), await startSdk(w, w.openTab())];
    const first = tabs[0]!.sdk.auth.guest();
    await w.clock.advance(100);
    await within(w.clock, 2_000, Promise.all([first, tabs[1]!.sdk.auth.guest()]));
    const told = tabs.flatMap((tab) => tab.told.map(({ payload }) => (payload as { isNew?: boolean }).isNew));
    expect([told.length, told.filter((isNew) => isNew).length]).toEqual([2, 1]);
  });

  test("tabs that were answered different guests all end as the one that was stored first (A1)", async () => {
    const w = unboundWorld();
    let made = 0;
    w.service.answer("POST /auth/guest", () => ({ status: 201, body: tokens(w.clock, 1, made++ === 0 ? consumerId : otherId) }));
    const [a, b] = [await startSdk(w, w.openTab()), await startSdk(w, w.openTab())];
    const [first, second] = await within(w.clock, 200, Promise.all([a.sdk.auth.guest(), b.sdk.auth.guest()]));
    expect(second?.consumerId).toBe(first?.consumerId);
    expect(b.sdk.auth.getSession()?.consumerId).toBe(first?.consumerId);
  });

  test("a lost answer is asked for again with the same secret (A1)", async () => {
    const w = unboundWorld();
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
    const w = unboundWorld();
    let asked = 0;
    w.service.answer("POST /auth/guest", () => (asked++ === 0 ? refusal(409, "key_retired") : { status: 201, body: tokens(w.clock) }));
    const { sdk } = await startSdk(w, w.openTab());
    await within(w.clock, 1_000, sdk.auth.guest());
    const secrets = w.service.requests.map((it) => it.body["installSecret"]);
    expect(new Set(secrets).size).toBe(2);
    w.service.answer("POST /auth/guest", refusal(409, "key_retired"));
    const fresh = unboundWorld();
    fresh.service.answer("POST /auth/guest", refusal(409, "key_retired"));
    const other = await startSdk(fresh, fresh.openTab());
    await expect(within(fresh.clock, 1_000, other.sdk.auth.guest())).rejects.toMatchObject({ code: "KEY_RETIRED" });
    expect(fresh.service.count("POST /auth/guest")).toBe(2);
    expect(other.names()).toEqual(["auth:error"]);
  });

  test("guest() while the session is being restored returns that session (S28, M39)", async () => {
    const w = unboundWorld();
    const before = await startSdk(w, w.openTab());
    await within(w.clock, 100, before.sdk.auth.guest());
    before.sdk.destroy();
    const { sdk, names } = await startSdk(w, w.openTab(), { autoRestore: false });
    const [restored, guest] = await within(w.clock, 100, Promise.all([sdk.restore(), sdk.auth.guest()]));
    expect([restored.session?.consumerId, guest.consumerId]).toEqual([consumerId, consumerId]);
    expect([w.service.count("POST /auth/guest"), names()]).toEqual([1, ["auth:authenticated"]]);
  });

  test("guest() while nobody is being restored, on a device that somebody has left before, makes a guest (S28, M39)", async () => {
    const w = unboundWorld();
    const before = await startSdk(w, w.openTab());
    await within(w.clock, 100, before.sdk.auth.guest());
    await within(w.clock, 100, before.sdk.auth.logout());
    before.sdk.destroy();
    const after = await startSdk(w, w.openTab(), { autoRestore: false });
    void after.sdk.restore();
    expect(await within(w.clock, 200, after.sdk.auth.guest())).toMatchObject({ type: "guest" });
  });

  test("an upgrade that fails leaves the guest as it was, in every tab (S27, M25)", async () => {
    const w = unboundWorld();
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
    const w = unboundWorld();
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
    const w = unboundWorld();
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

describe("leaving", () => {
  test("logout clears before it asks, keeps nothing, and revokes (A5)", async () => {
    const w = unboundWorld();
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
    const w = unboundWorld();
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
    const w = unboundWorld();
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
