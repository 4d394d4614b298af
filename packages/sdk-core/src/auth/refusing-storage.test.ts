import { describe, expect, test } from "vitest";
import type { FanfareConfig, StorageAdapter } from "@fanfare-io/fanfare-contract";
import { boundWorld, open } from "../testing/bound-world.ts";
import { letterCode } from "../testing/known-consumers.ts";
import { startSdk, within } from "../testing/launch.ts";
import type { TestSdk } from "../testing/launch.ts";
import { scriptTruthfulSessions } from "../testing/session-service.ts";
import { createTabWorld } from "../testing/tab-world.ts";
import type { TabWorld } from "../testing/tab-world.ts";
import { unboundWorld } from "../testing/unbound-world.ts";

const storedSession = "fanfare:org_xxx:session";
const storedToken = "fanfare:org_xxx:refresh_token";

describe("an adapter of the host's", () => {
  const never = (): Promise<never> => new Promise(() => {});
  const refusesAtOnce = (): never => {
    throw new Error("quota");
  };
  const atOnce: unknown = { getItem: () => null, setItem: refusesAtOnce, removeItem: () => undefined };
  const adapters = {
    "that never answers": { getItem: never, setItem: never, removeItem: never },
    "that answers no more after a while": { getItem: async () => null, setItem: never, removeItem: never },
    "that is no promise, and throws": atOnce as FanfareConfig["storage"] & object,
  };

  test.each(Object.entries(adapters))("%s leaves one identity in three calls, no throw, and is told once (S35, A7, M16)", async (_name, storage) => {
    const w = unboundWorld();
    const { sdk, told } = await startSdk(w, w.openTab(), { storage });
    for (let call = 0; call < 3; call++) await within(w.clock, 10_000, sdk.auth.guest());
    expect(w.clock.monotonic()).toBeLessThan(40_000);
    expect(w.service.count("POST /auth/guest")).toBe(1);
    expect(told.filter(({ event }) => event === "auth:error")).toMatchObject([{ payload: { context: "storage" } }]);
  });
});

describe("a database that takes nothing more", () => {
  test("gives up whoever logs out: the next page finds nobody, and the refresh token's own key is empty too (A5, S13, S35)", async () => {
    const w = boundWorld();
    const { sdk } = await open(w);
    await within(w.clock, 200, sdk.auth.guest());
    w.shelf.mood = "full";
    await within(w.clock, 200, sdk.auth.logout());
    expect([w.shelf.kept.has("session"), w.shelf.kept.has("key"), w.items.has(storedSession), w.items.has(storedToken)]).toEqual([false, false, false, false]);
    expect(w.service.count("POST /auth/logout")).toBe(1);
    const next = await open(w);
    expect([next.sdk.auth.check().isAuthenticated, next.names()]).toEqual([false, []]);
  });

  test("is overtaken by its copy: an unbound session that was renewed since goes on with the newer token (S20, S26, A7)", async () => {
    const w = createTabWorld();
    const service = scriptTruthfulSessions(w.service, w.clock);
    const before = await startSdk(w, w.openTab());
    await within(w.clock, 200, before.sdk.auth.guest());
    w.shelf.mood = "full";
    for (let again = 0; again < 3; again++) await within(w.clock, 3_000, before.sdk.auth.refresh());
    expect(w.items.get(storedToken)).toContain("rt-0-4");
    before.sdk.destroy();
    w.shelf.mood = "works";
    await w.clock.advance(60_000);
    const { sdk, names } = await startSdk(w, w.openTab());
    await within(w.clock, 3_000, sdk.auth.refresh());
    expect([service.reused(), sdk.auth.check().isAuthenticated, names().includes("auth:logout")]).toEqual([0, true, false]);
  });
});

describe('with storage: "session", where tabs share a key and no texts,', () => {
  const openOwn = (w: TabWorld): Promise<TestSdk> => {
    const tab = w.openTab();
    const items = new Map<string, string>();
    const storage: StorageAdapter = {
      getItem: async (key) => items.get(key) ?? null,
      setItem: async (key, value) => void items.set(key, value),
      removeItem: async (key) => void items.delete(key),
    };
    return startSdk(w, { ...tab, platform: { ...tab.platform, storage: () => storage } }, { storage: "session" });
  };

  test("a logout is every tab's, told once, also of one that has renewed more often; the next guest is somebody new, and one in all tabs (A5, S13, S30)", async () => {
    const w = boundWorld();
    const [leaving, staying] = [await openOwn(w), await openOwn(w)];
    const first = await within(w.clock, 200, leaving.sdk.auth.guest());
    expect((await within(w.clock, 200, staying.sdk.auth.guest())).consumerId).toBe(first.consumerId);
    for (let again = 0; again < 3; again++) await within(w.clock, 200, staying.sdk.auth.refresh());
    await within(w.clock, 200, leaving.sdk.auth.logout());
    expect(staying.sdk.auth.getSession()).toBeNull();
    expect(staying.told.slice(4)).toEqual([{ event: "auth:logout", payload: { reason: "other_tab" } }]);
    const next = await within(w.clock, 200, leaving.sdk.auth.guest());
    expect(next.consumerId).not.toBe(first.consumerId);
    expect((await within(w.clock, 200, staying.sdk.auth.guest())).consumerId).toBe(next.consumerId);
    await within(w.clock, 200, staying.sdk.auth.refresh());
    expect([staying, leaving].map(({ names }) => names().filter((name) => name === "auth:logout").length)).toEqual([1, 1]);
  });

  test("a database that is wiped is no logout: the page goes on with its key (S20)", async () => {
    const w = boundWorld();
    const { sdk, names } = await openOwn(w);
    await within(w.clock, 200, sdk.auth.guest());
    w.shelf.kept.clear();
    await within(w.clock, 200, sdk.auth.refresh());
    expect(names()).toEqual(["auth:authenticated", "auth:refreshed"]);
  });

  test("a tab that asks to be a guest beside somebody known ends nobody, also after a logout of long ago (S27, S32)", async () => {
    const w = boundWorld();
    const [known, beside] = [await openOwn(w), await openOwn(w)];
    await within(w.clock, 200, known.sdk.auth.guest());
    await within(w.clock, 200, known.sdk.auth.logout());
    await within(w.clock, 200, known.sdk.auth.guest());
    await within(w.clock, 200, known.sdk.auth.requestOtp({ email: "ann@shop.example" }));
    const ann = await within(w.clock, 200, known.sdk.auth.verifyOtp({ email: "ann@shop.example", code: letterCode }));
    expect((await within(w.clock, 200, beside.sdk.auth.guest())).consumerId).not.toBe(ann.consumerId);
    known.sdk.on("auth:logout", () => expect.unreachable());
    await within(w.clock, 200, known.sdk.auth.refresh());
    expect(known.sdk.auth.getSession()?.consumerId).toBe(ann.consumerId);
  });
});
