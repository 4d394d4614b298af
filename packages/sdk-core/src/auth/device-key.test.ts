import { describe, expect, test } from "vitest";
import { scriptBoundSessions } from "../testing/bound-service.ts";
import { scriptSessions, startSdk, within } from "../testing/launch.ts";
import { createTabWorld } from "../testing/tab-world.ts";
import type { TabWorld } from "../testing/tab-world.ts";
import { boundWorld, open } from "../testing/bound-world.ts";

const sessionKey = "fanfare:org_xxx:session";
const keyId = (w: TabWorld): unknown => (w.shelf.kept.get("key") as { id?: unknown } | undefined)?.id;

describe("becoming a guest with a device key", () => {
  test("starting makes no key; guest() makes one, keeps it where no text can hold it, and says bound: device (S1, S5)", async () => {
    const w = boundWorld();
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

  test("of tabs that begin together exactly one says that its guest is new, also where the one that made the guest is answered last (S2)", async () => {
    for (const fault of ["none", "slow", "lost_after"] as const) {
      const w = boundWorld();
      const tabs = [await open(w), await open(w), await open(w)];
      w.bound.befall(fault);
      const first = tabs[0]!.sdk.auth.guest();
      await w.clock.advance(50);
      await within(w.clock, 20_000, Promise.all([first, ...tabs.slice(1).map(({ sdk }) => sdk.auth.guest())]));
      const told = tabs.flatMap((tab) =>
        tab.told.filter(({ event }) => event === "auth:authenticated").map(({ payload }) => (payload as { isNew: boolean }).isNew),
      );
      expect([fault, told.length, told.filter((isNew) => isNew).length]).toEqual([fault, 3, 1]);
    }
  });

  test("a lost answer is asked for again with the same key and a proof of its own (S2, S26)", async () => {
    const w = boundWorld();
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
    const w = boundWorld();
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
    const w = boundWorld();
    const first = await open(w);
    const before = await within(w.clock, 100, first.sdk.auth.guest());
    w.items.clear();
    w.shelf.kept.delete("session");
    const again = await open(w);
    expect((await within(w.clock, 100, again.sdk.auth.guest())).consumerId).toBe(before.consumerId);
    expect(again.told).toMatchObject([{ event: "auth:authenticated", payload: { isNew: false } }]);
  });

  test("a guest whose answer was lost is new all the same, once it comes (S2, S26)", async () => {
    const w = boundWorld();
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
      const w = boundWorld();
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
    const w = boundWorld();
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
