import { describe, expect, test } from "vitest";
import { boundWorld, open } from "../testing/bound-world.ts";
import { startSdk, tokens, within, consumerId } from "../testing/launch.ts";
import { refusal } from "../testing/scripted-service.ts";
import type { TabWorld } from "../testing/tab-world.ts";
import { unboundWorld } from "../testing/unbound-world.ts";

const otherId = "01936d6e-0000-7000-8000-000000000002";

describe("coming back", () => {
  test("restoring makes no request while the access token lives, and tells isNew false once (A2)", async () => {
    const w = unboundWorld();
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
    const w = unboundWorld();
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
      const w = unboundWorld();
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

  test.each(["refresh", "logout", "guest"] as const)(
    "a newer SDK that has come while the page is open is not written over by what the page does next: %s (A7, S19, M33)",
    async (act) => {
      const w = unboundWorld();
      const { sdk, told } = await startSdk(w, w.openTab());
      if (act !== "guest") await within(w.clock, 100, sdk.auth.guest());
      const newer = { v: 2, session: "of another kind" };
      const key = { v: 2, id: "of another kind" };
      if (act === "guest")
        w.service.answer("POST /auth/guest", () => {
          // Between the reading and the writing.
          w.shelf.kept.set("session", newer).set("key", key);
          return { status: 201, body: tokens(w.clock) };
        });
      else w.shelf.kept.set("session", newer).set("key", key);
      await within<unknown>(w.clock, 100, sdk.auth[act]());
      expect([w.shelf.kept.get("session"), w.shelf.kept.get("key")]).toEqual([newer, key]);
      expect(sdk.auth.check().isAuthenticated).toBe(act !== "logout");
      expect(told.filter(({ event }) => event === "auth:error")).toMatchObject([{ payload: { context: "storage" } }]);
      expect(told.some(({ event }) => event === "auth:logout")).toBe(act === "logout");
    },
  );

  test("a copy in localStorage that says nothing we can read is removed and reported, one of a newer SDK is left (S19, S20)", async () => {
    const w = unboundWorld();
    w.items.set("fanfare:org_xxx:session", "torn{");
    const torn = await startSdk(w, w.openTab());
    expect([torn.names(), w.items.size]).toEqual([["auth:error"], 0]);
    w.items.set("fanfare:org_xxx:session", '{"v":2}');
    const beside = await startSdk(w, w.openTab());
    await within(w.clock, 100, beside.sdk.auth.guest());
    expect([beside.names(), w.items.get("fanfare:org_xxx:session")]).toEqual([["auth:authenticated"], '{"v":2}']);
  });

  test("storage that throws on every call leaves one identity in three calls, and no throw (S35, A7, M16)", async () => {
    const w = unboundWorld();
    const broken = () => Promise.reject(new Error("quota"));
    const { sdk, told } = await startSdk(w, w.openTab(), { storage: { getItem: broken, setItem: broken, removeItem: broken } });
    for (let call = 0; call < 3; call++) await within(w.clock, 100, sdk.auth.guest());
    expect(w.service.count("POST /auth/guest")).toBe(1);
    expect(told.filter(({ event }) => event === "auth:error")).toHaveLength(1);
  });

  test("a session whose end has passed is asked about before it is shown, and is gone once the service says so (S32, A4, A8, M15)", async () => {
    const w = unboundWorld();
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
    const w = unboundWorld();
    const before = await startSdk(w, w.openTab());
    await within(w.clock, 100, before.sdk.auth.guest());
    before.sdk.destroy();
    await w.clock.advance(7_200_000);
    const after = await startSdk(w, w.openTab());
    expect(after.sdk.auth.check().isAuthenticated).toBe(true);
  });
});

test("whoever logs out while a session is being restored is told nothing but that: it was not lost (S12, S13)", async () => {
  const w = boundWorld();
  const first = await open(w);
  await within(w.clock, 200, first.sdk.auth.guest());
  const { sdk, names } = await startSdk(w, w.openTab(), { autoRestore: false });
  await within(w.clock, 500, Promise.all([sdk.restore(), sdk.auth.logout()]));
  expect([sdk.auth.check().isAuthenticated, names()]).toEqual([false, []]);
  expect(first.names()).toEqual(["auth:authenticated", "auth:logout"]);
});

describe("around it", () => {
  test("a code that cannot be sent rejects with the service's code", async () => {
    const w = unboundWorld();
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
    const w = unboundWorld();
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
    const w = unboundWorld();
    const { sdk } = await startSdk(w, w.openTab());
    await within(w.clock, 100, sdk.auth.guest());
    sdk.destroy();
    sdk.destroy();
    expect(w.clock.pending()).toBe(0);
    await expect(within(w.clock, 100, sdk.auth.refresh())).rejects.toMatchObject({ code: "DESTROYED" });
    expect(w.clock.pending()).toBe(0);
  });

  test("guest() after destroy makes no key and nobody", async () => {
    const w = boundWorld();
    const { sdk } = await open(w);
    sdk.destroy();
    await expect(within(w.clock, 100, sdk.auth.guest())).rejects.toMatchObject({ code: "DESTROYED" });
    expect([w.shelf.kept.size, w.service.requests.length]).toEqual([0, 0]);
  });
});
