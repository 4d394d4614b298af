import { describe, expect, test } from "vitest";
import { scriptBoundSessions } from "../testing/bound-service.ts";
import type { BoundService } from "../testing/bound-service.ts";
import { scriptSessions, startSdk, within } from "../testing/launch.ts";
import type { TestSdk } from "../testing/launch.ts";
import { createTabWorld } from "../testing/tab-world.ts";
import type { TabWorld } from "../testing/tab-world.ts";

function world(): TabWorld & { readonly bound: BoundService } {
  const made = createTabWorld({ canSign: true });
  return { ...made, bound: scriptBoundSessions(made.service, made.clock) };
}
const open = (w: TabWorld): Promise<TestSdk> => startSdk(w, w.openTab());
const sessionKey = "fanfare:org_xxx:session";
const keyId = (w: TabWorld): unknown => (w.shelf.kept.get("key") as { id?: unknown } | undefined)?.id;

describe("becoming a guest with a device key", () => {
  test("starting makes no key; guest() makes one, keeps it where no text can hold it, and says bound: device (S1, S5)", async () => {
    const w = world();
    const { sdk } = await open(w);
    expect(w.shelf.kept.size).toBe(0);
    expect(await within(w.clock, 100, sdk.auth.guest())).toMatchObject({ type: "guest", bound: "device" });
    expect([...w.shelf.kept.keys()].sort()).toEqual(["key", "session"]);
    expect(w.bound.guestKeys).toEqual([keyId(w)]);
  });

  test("sixteen tabs that begin together use one key and are one consumer, however slow their storage (S2, S6, S18, M1, M3)", async () => {
    for (const storageDelaysMs of [[], [3, 0, 11, 7], [40, 1]]) {
      const made = createTabWorld({ canSign: true, storageDelaysMs });
      const bound = scriptBoundSessions(made.service, made.clock);
      const tabs = await Promise.all(Array.from({ length: 16 }, () => open(made)));
      const guests = await within(made.clock, 2_000, Promise.all(tabs.map(({ sdk }) => sdk.auth.guest())));
      expect(new Set(guests.map((it) => it.consumerId)).size).toBe(1);
      expect(new Set(bound.guestKeys).size).toBe(1);
      expect(bound.consumers()).toBe(1);
    }
  });

  test("a lost answer is asked for again with the same key and a proof of its own (S2, S26)", async () => {
    const w = world();
    const proofs: (string | null)[] = [];
    const serve = w.service.fetch;
    let asked = 0;
    const platform = {
      ...w.openTab().platform,
      fetch: async (...[input, init]: Parameters<typeof fetch>) => {
        proofs.push(new Headers(init?.headers).get("dpop"));
        const answer = await serve(input, init);
        if (asked++ === 0) throw new TypeError("lost");
        return answer;
      },
    };
    const { sdk } = await startSdk(w, { ...w.openTab(), platform });
    await within(w.clock, 10_000, sdk.auth.guest());
    expect([w.bound.consumers(), w.bound.guestKeys.length, new Set(proofs).size]).toEqual([1, 2, 2]);
  });

  test("a retired key is replaced by one that all tabs share (S4)", async () => {
    const w = world();
    const [a, b] = [await open(w), await open(w)];
    await within(w.clock, 100, a.sdk.auth.guest());
    w.bound.endAll();
    w.items.clear();
    w.shelf.kept.delete("session");
    const [c, d] = [await open(w), await open(w)];
    const guests = await within(w.clock, 1_000, Promise.all([c.sdk.auth.guest(), d.sdk.auth.guest()]));
    expect(new Set(guests.map((it) => it.consumerId)).size).toBe(1);
    expect(w.bound.consumers()).toBe(2);
    a.sdk.destroy();
    b.sdk.destroy();
  });

  test("storage lost but for the key finds the same guest again, and tells nobody new (S2)", async () => {
    const w = world();
    const first = await open(w);
    const before = await within(w.clock, 100, first.sdk.auth.guest());
    w.items.clear();
    w.shelf.kept.delete("session");
    const again = await open(w);
    expect((await within(w.clock, 100, again.sdk.auth.guest())).consumerId).toBe(before.consumerId);
    expect(again.told).toMatchObject([{ event: "auth:authenticated", payload: { isNew: false } }]);
  });

  test("a guest whose answer was lost is new all the same, once it comes (S2, S26)", async () => {
    const w = world();
    w.bound.befall("lost_after");
    const { sdk, told } = await open(w);
    await within(w.clock, 5_000, sdk.auth.guest());
    expect(w.bound.consumers()).toBe(1);
    expect(told).toMatchObject([{ event: "auth:authenticated", payload: { isNew: true } }]);
  });
});

describe("weaker places", () => {
  test.each(["refuses", "hangs"] as const)(
    "a database that %s leaves the key in this page: bound page, one identity in three calls, nothing stored (S3)",
    async (mood) => {
      const w = world();
      w.shelf.mood = mood;
      const { sdk, names } = await open(w);
      const guests = [];
      for (let call = 0; call < 3; call++) guests.push(await within(w.clock, 5_000, sdk.auth.guest()));
      expect(new Set(guests.map((it) => it.consumerId)).size).toBe(1);
      expect(guests[0]).toMatchObject({ bound: "page" });
      expect(await within(w.clock, 100, sdk.auth.refresh())).toMatchObject({ bound: "page" });
      expect([...w.items.keys()]).not.toContain(sessionKey);
      expect(names()).toEqual(["auth:authenticated", "auth:refreshed"]);
      const gone = guests[0]?.consumerId ?? "";
      await within(w.clock, 5_000, sdk.auth.logout());
      expect([sdk.auth.check().isAuthenticated, w.bound.isEnded(gone)]).toEqual([false, true]);
      expect((await within(w.clock, 5_000, sdk.auth.guest())).consumerId).not.toBe(gone);
    },
  );

  test("storage: memory keeps the key in memory too (S3)", async () => {
    const w = world();
    const { sdk } = await startSdk(w, w.openTab(), { storage: "memory" });
    expect(await within(w.clock, 100, sdk.auth.guest())).toMatchObject({ bound: "page" });
    expect(w.shelf.kept.size).toBe(0);
  });

  test("without WebCrypto, and with a service that binds nothing, the session is unbound and the install secret stands in (S3, M32)", async () => {
    const plain = createTabWorld();
    scriptSessions(plain.service, plain.clock);
    const { sdk } = await open(plain);
    expect(await within(plain.clock, 100, sdk.auth.guest())).toMatchObject({ bound: false });
    expect(plain.service.requests[0]?.body["installSecret"]).toMatch(/^[\w-]{43}$/);
    const older = createTabWorld({ canSign: true });
    scriptSessions(older.service, older.clock);
    const other = await open(older);
    expect(await within(older.clock, 100, other.sdk.auth.guest())).toMatchObject({ bound: false });
    expect(await within(older.clock, 100, other.sdk.auth.refresh())).toMatchObject({ bound: false });
  });
});

describe("using a bound session", () => {
  test("calls prove the key for their token, and the service's nonce is sent from then on (S7, S8)", async () => {
    const w = world();
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
    const w = world();
    w.service.answer("POST /auth/guest", { status: 401, body: { error: "use_dpop_nonce", message: "again", requestId: "r" }, headers: { "dpop-nonce": "n" } });
    const { sdk } = await open(w);
    await expect(within(w.clock, 10_000, sdk.auth.guest())).rejects.toMatchObject({ code: "USE_DPOP_NONCE" });
    expect(w.service.count("POST /auth/guest")).toBe(2);
  });

  test("renewing keeps the refresh token; eight tabs at expiry all go on (S9)", async () => {
    const w = world();
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
    const w = world();
    const { sdk } = await open(w);
    await within(w.clock, 100, sdk.auth.guest());
    scriptSessions(w.service, w.clock);
    await expect(within(w.clock, 100, sdk.auth.refresh())).rejects.toMatchObject({ code: "INVALID_RESPONSE" });
    expect(sdk.auth.getSession()).toMatchObject({ bound: "device" });
  });

  test("a reload keeps the session without a request, and can still use it (S11)", async () => {
    const w = world();
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
    const w = world();
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
    const w = world();
    const running = await open(w);
    const { consumerId } = await within(w.clock, 100, running.sdk.auth.guest());
    w.shelf.kept.clear();
    w.items.clear();
    expect(await within(w.clock, 100, running.sdk.auth.refresh())).toMatchObject({ bound: "device" });
    const next = await open(w);
    expect(await within(w.clock, 100, next.sdk.auth.refresh())).toMatchObject({ consumerId, bound: "device" });
  });

  test("a database that was wiped without its copy ends the session before it is shown, and the next guest says who was there (S12, S20, S32, A8)", async () => {
    const w = world();
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
    const w = world();
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
    const [w, other] = [world(), world()];
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
    const w = world();
    const [a, b] = [await open(w), await open(w)];
    await within(w.clock, 100, a.sdk.auth.guest());
    await within(w.clock, 100, a.sdk.auth.logout());
    w.shelf.kept.clear();
    const fresh = await open(w);
    const { consumerId } = await within(w.clock, 100, fresh.sdk.auth.guest());
    for (const { sdk } of [a, b]) expect(sdk.auth.getSession()).toMatchObject({ consumerId });
  });

  test("a session whose key was lost is in nobody's way, also where nothing was restored (S12)", async () => {
    const w = world();
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
    const w = world();
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
    const w = world();
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
    const w = world();
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
    const w = world();
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
    const w = world();
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
    const w = world();
    const [a, b] = [await open(w), await open(w)];
    const first = await within(w.clock, 100, a.sdk.auth.guest());
    await within(w.clock, 100, a.sdk.auth.logout());
    expect(b.sdk.auth.check().isAuthenticated).toBe(false);
    expect((await within(w.clock, 1_000, b.sdk.auth.guest())).consumerId).not.toBe(first.consumerId);
  });
});

test("no token and no key is in what is stored as text under another name, told, or thrown (S15)", async () => {
  const w = world();
  const { sdk, told } = await open(w);
  await within(w.clock, 100, sdk.auth.guest());
  await within(w.clock, 100, sdk.auth.refresh());
  await within(w.clock, 100, sdk.auth.logout());
  expect(JSON.stringify(told)).not.toMatch(/at-0|rt-0|eyJ/);
  expect(JSON.stringify([[...w.items], [...w.shelf.kept]])).not.toMatch(/at-0|rt-0|eyJ/);
});
