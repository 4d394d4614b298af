import { describe, expect, test } from "vitest";
import type { TokenResponse } from "@fanfare-io/fanfare-contract";
import { scriptBoundSessions } from "../testing/bound-service.ts";
import type { BoundService } from "../testing/bound-service.ts";
import { startSdk, within } from "../testing/launch.ts";
import type { TestSdk } from "../testing/launch.ts";
import { refusal } from "../testing/scripted-service.ts";
import type { ScriptedAnswer, ScriptedRequest } from "../testing/scripted-service.ts";
import { scriptTruthfulSessions } from "../testing/session-service.ts";
import { createTabWorld } from "../testing/tab-world.ts";
import type { Tab, TabWorld } from "../testing/tab-world.ts";

const line = "POST /auth/refresh";

interface World extends TabWorld {
  readonly bound: BoundService;
}
interface Page extends TestSdk {
  readonly tab: Tab;
}

/** A service whose renewals take their time: what tabs do at once must not be settled by the first before the second begins. */
function world(): World {
  const made = createTabWorld({ canSign: true });
  const bound = scriptBoundSessions(made.service, made.clock);
  const serve = made.service.script(line) as (request: ScriptedRequest) => ScriptedAnswer;
  made.service.answer(line, async (request) => {
    await new Promise<void>((resolve) => void made.clock.setTimeout(resolve, 40));
    return serve(request);
  });
  return { ...made, bound };
}
async function open(w: TabWorld): Promise<Page> {
  const tab = w.openTab();
  return { tab, ...(await startSdk(w, tab)) };
}
/** Tabs of one consumer, whose token is due for renewal in `dueMs`. */
async function tabsOf(w: World, count: number): Promise<Page[]> {
  const pages = await Promise.all(Array.from({ length: count }, () => open(w)));
  await within(w.clock, 200, pages[0]!.sdk.auth.guest());
  return pages;
}
const dueMs = 478_000;
const renewals = ({ names }: TestSdk): number => names().filter((name) => name === "auth:refreshed").length;
const call = (w: World, { sdk }: TestSdk): Promise<unknown> => within(w.clock, 100, sdk.auth.requestOtp({ email: "ann@shop.example" }));
/** Lets the first renewal hang and answers the others. */
function hangFirst(w: World): void {
  const serve = w.service.script(line);
  let asked = 0;
  w.service.answer(line, (request) => (asked++ === 0 ? "never" : typeof serve === "function" ? serve(request) : "lost"));
}

describe("tabs that are due together", () => {
  test("make one renewal, and all have it within a second, each told once (S21, M2)", async () => {
    const w = world();
    const pages = await tabsOf(w, 8);
    await w.clock.advance(dueMs + 1_000);
    expect(w.service.count(line)).toBe(1);
    expect(pages.map(renewals)).toEqual(Array(8).fill(1));
  });

  test("are held up for less than three seconds by one whose renewal never answers (S21, M4)", async () => {
    const w = world();
    const pages = await tabsOf(w, 8);
    hangFirst(w);
    await w.clock.advance(dueMs);
    const startedAt = w.clock.monotonic();
    while (w.service.count(line) === 0) await w.clock.advance(100);
    await w.clock.advance(3_000);
    expect(w.clock.monotonic() - startedAt).toBeLessThan(4_000);
    // The one that hangs has it from the others.
    expect(pages.map(renewals)).toEqual(Array(8).fill(1));
    expect(w.service.count(line)).toBe(2);
    await w.clock.advance(20_000);
    for (const page of pages) expect([page.sdk.auth.check().isAuthenticated, page.names().includes("auth:logout")]).toEqual([true, false]);
  });

  test.each(["kill", "freeze"] as const)("go on when the one that renews for them meets its end: %s (S21, M5)", async (fate) => {
    const w = world();
    const pages = await tabsOf(w, 4);
    hangFirst(w);
    const [first, ...others] = pages as [Page, ...Page[]];
    void first.sdk.auth.refresh().catch(() => undefined);
    await w.clock.advance(100);
    first.tab[fate]();
    const renewed = within(w.clock, 3_000, others[0]!.sdk.auth.refresh());
    expect(await renewed).toMatchObject({ bound: "device" });
    expect(others.map(renewals)).toEqual([1, 1, 1]);
    if (fate === "freeze") {
      await w.clock.advance(60_000);
      first.tab.thaw();
      await w.clock.advance(100);
      expect(renewals(first)).toBe(1);
      expect(first.names()).not.toContain("auth:logout");
    }
  });

  test("find the renewal without any message too (S21, M32)", async () => {
    const w = world();
    const pages = [];
    for (let index = 0; index < 4; index++) {
      const tab = w.openTab();
      const deaf: Tab = { ...tab, platform: { ...tab.platform, channel: () => null } };
      pages.push({ tab, ...(await startSdk(w, deaf)) });
    }
    for (const { sdk } of pages) await within(w.clock, 100, sdk.auth.guest());
    await w.clock.advance(dueMs + 2_000);
    expect(w.service.count(line)).toBe(1);
    expect(pages.map(renewals)).toEqual([1, 1, 1, 1]);
  });
});

test.each([
  [0, 508],
  [0.5, 478],
  [0.99, 448],
])("a shopper to whom chance says %d renews after %d seconds, neither before nor with the crowd that began with them (S23, M22)", async (chance, seconds) => {
  const w = world();
  const tab = w.openTab();
  const { sdk } = await startSdk(w, { ...tab, platform: { ...tab.platform, random: () => chance } });
  await within(w.clock, 200, sdk.auth.guest());
  await w.clock.advance((seconds - 1) * 1000);
  expect(w.service.count(line)).toBe(0);
  await w.clock.advance(2_000);
  expect(w.service.count(line)).toBe(1);
});

test("a tab that hears nothing looks once more before it asks after all: it waits no longer for two slow renewals than for one, and shows no token that was replaced meanwhile (S21, S26, M4, M8)", async () => {
  const w = createTabWorld({ storageDelaysMs: [0, 5, 1] });
  const service = scriptTruthfulSessions(w.service, w.clock);
  const pages = [await open(w), await open(w), await open(w)];
  const { sdk } = await startSdk(w, w.openTab(), { sync: { channelName: "elsewhere" } });
  await within(w.clock, 300, pages[0]!.sdk.auth.guest());
  await within(w.clock, 300, sdk.auth.guest());
  service.befall("slow");
  // The first renewal is slow, the second comes when the first one's claim is void, the third by hand.
  await w.clock.advance(480_100 + 600);
  await within(w.clock, 300, pages[0]!.sdk.auth.refresh());
  await w.clock.advance(60_000);
  expect(service.reused()).toBe(0);
  expect([...pages.map((page) => page.sdk), sdk].map(({ auth }) => auth.check().isAuthenticated)).toEqual([true, true, true, true]);
});

describe("a renewal whose answer comes late, to a tab that hears nothing of the others,", () => {
  const deafTo = async (w: World): Promise<{ deaf: TestSdk; other: Page }> => {
    const tab = w.openTab();
    const deaf = await startSdk(w, { ...tab, platform: { ...tab.platform, channel: () => null } });
    await within(w.clock, 200, deaf.sdk.auth.guest());
    const serve = w.service.script(line) as (request: ScriptedRequest) => Promise<ScriptedAnswer>;
    let asked = 0;
    // Done at once, and answered after five seconds.
    w.service.answer(line, async (request) => {
      const isFirst = asked++ === 0;
      const answer = await serve(request);
      if (isFirst) await new Promise<void>((resolve) => void w.clock.setTimeout(resolve, 5_000));
      return answer;
    });
    return { deaf, other: await open(w) };
  };

  test("does not bring back what another tab has logged out meanwhile (S29)", async () => {
    const w = world();
    const { deaf, other } = await deafTo(w);
    const late = deaf.sdk.auth.refresh().catch((error: { code: string }) => error.code);
    await w.clock.advance(100);
    await within(w.clock, 100, other.sdk.auth.logout());
    await w.clock.advance(5_000);
    expect(await late).toBe("SESSION_ENDED");
    expect([deaf.sdk.auth.check().isAuthenticated, w.shelf.kept.has("session"), deaf.names().at(-1)]).toEqual([false, false, "auth:logout"]);
  });

  test("does not overwrite what another tab has stored meanwhile (S18)", async () => {
    const w = world();
    const { deaf, other } = await deafTo(w);
    const late = deaf.sdk.auth.refresh();
    await w.clock.advance(100);
    await within(w.clock, 3_000, other.sdk.auth.refresh());
    const newest = w.shelf.kept.get("session");
    await within(w.clock, 5_000, late);
    expect(w.shelf.kept.get("session")).toBe(newest);
    expect(renewals(deaf)).toBe(1);
  });
});

describe("clocks", () => {
  test.each([-86_400_000, -7_200_000, 7_200_000, 86_400_000])(
    "a clock that is wrong by %d ms from the start costs no renewal in ten calls (S22, M11)",
    async (wrongMs) => {
      const w = world();
      w.clock.jumpWall(wrongMs);
      const [page] = (await tabsOf(w, 1)) as [Page];
      for (let time = 0; time < 10; time++) await call(w, page);
      expect(w.service.count(line)).toBe(0);
    },
  );

  test.each([-86_400_000, -7_200_000, 7_200_000, 86_400_000])(
    "a clock that jumps by %d ms under the page costs one renewal at most in ten calls (S22, M11)",
    async (jumpMs) => {
      const w = world();
      const [page] = (await tabsOf(w, 1)) as [Page];
      w.clock.jumpWall(jumpMs);
      for (let time = 0; time < 10; time++) {
        page.tab.wake();
        await call(w, page);
      }
      expect(w.service.count(line)).toBeLessThanOrEqual(1);
    },
  );

  test.each([-86_400_000, -7_200_000, 7_200_000, 86_400_000])(
    "a clock that jumps by %d ms under eight tabs, which wake together, costs one renewal at most for all of them (S21, S22, M11)",
    async (jumpMs) => {
      const w = world();
      const pages = await tabsOf(w, 8);
      w.clock.jumpWall(jumpMs);
      for (const { tab } of pages) tab.wake();
      await w.clock.advance(3_000);
      for (const page of pages) await call(w, page);
      expect(w.service.count(line)).toBeLessThanOrEqual(1);
      expect(new Set(pages.map(({ sdk }) => sdk.auth.getSession()?.consumerId)).size).toBe(1);
    },
  );

  test.each([-86_400_000, -7_200_000, 7_200_000, 86_400_000])(
    "a clock that was set by %d ms between two pages costs the second one renewal at most, and loses nobody (S22, M11)",
    async (jumpMs) => {
      const w = world();
      const [before] = (await tabsOf(w, 1)) as [Page];
      const consumer = before.sdk.auth.getSession()?.consumerId;
      before.sdk.destroy();
      w.clock.jumpWall(jumpMs);
      const page = await open(w);
      for (let time = 0; time < 10; time++) await call(w, page);
      expect(w.service.count(line)).toBeLessThanOrEqual(1);
      expect(page.sdk.auth.getSession()?.consumerId).toBe(consumer);
      expect(page.names()).not.toContain("auth:logout");
    },
  );

  test("a device that slept without its monotonic clock renews before its first call, or else tries the token it has (S22, S23)", async () => {
    const w = world();
    const [page] = (await tabsOf(w, 1)) as [Page];
    w.clock.jumpWall(1_200_000);
    await call(w, page);
    expect(w.service.requests.slice(-2).map(({ path }) => path)).toEqual(["/auth/refresh", "/auth/otp/request"]);
    w.service.answer(line, "lost");
    w.clock.jumpWall(1_200_000);
    await call(w, page);
    await call(w, page);
    expect(w.service.count(line)).toBe(2);
  });
});

describe("a page that comes back", () => {
  test("renews what is due when it wakes, before any call (S23, M21)", async () => {
    const w = world();
    const [page] = (await tabsOf(w, 1)) as [Page];
    page.tab.freeze();
    await w.clock.advance(900_000);
    expect(w.service.count(line)).toBe(0);
    page.tab.thaw();
    await w.clock.advance(100);
    expect(renewals(page)).toBe(1);
    await call(w, page);
    expect(w.service.count(line)).toBe(1);
  });

  test("does not take its own sleep for a database that does not answer (S3, S31)", async () => {
    const w = world();
    const page = await open(w);
    page.tab.freeze();
    const asking = page.sdk.auth.guest();
    await w.clock.advance(5_000);
    page.tab.thaw();
    expect(await within(w.clock, 200, asking)).toMatchObject({ bound: "device" });
    expect(w.shelf.kept.has("session")).toBe(true);
  });

  test("shows nobody after it slept through a logout, and sends nothing in that name (S31, M18)", async () => {
    const w = world();
    const [page, other] = (await tabsOf(w, 2)) as [Page, Page];
    page.tab.freeze();
    await within(w.clock, 100, other.sdk.auth.logout());
    await w.clock.advance(900_000);
    const asked = w.service.requests.length;
    page.tab.thaw();
    await w.clock.advance(2_000);
    expect([page.sdk.auth.check().isAuthenticated, page.names().at(-1)]).toEqual([false, "auth:logout"]);
    expect(w.service.requests.length).toBe(asked);
  });
});

describe("a service that says no", () => {
  test("to a token that should be good is asked once for another, and then it is the caller's (S23, M13)", async () => {
    const w = world();
    const [page] = (await tabsOf(w, 1)) as [Page];
    w.service.answer("POST /auth/otp/request", refusal(401, "invalid_access_token"));
    await expect(call(w, page)).rejects.toMatchObject({ code: "INVALID_ACCESS_TOKEN" });
    expect([w.service.count(line), w.service.count("POST /auth/otp/request")]).toEqual([1, 2]);
    expect(page.sdk.auth.check().isAuthenticated).toBe(true);
  });

  test("to a device whose session was upgraded by another tab gets no second guest: the upgrade is followed (S27, M23)", async () => {
    const w = world();
    const [page, other] = (await tabsOf(w, 2)) as [Page, Page];
    const { consumerId } = page.sdk.auth.getSession()!;
    const serve = w.service.script(line);
    const identified = async (request: Parameters<Extract<typeof serve, (...args: never) => unknown>>[0]): Promise<{ status: number; body: TokenResponse }> => {
      const answer = (await (serve as (asked: typeof request) => unknown)(request)) as { body: TokenResponse };
      const session = { type: "authenticated", consumerId, email: "ann@shop.example", expiresAt: answer.body.session.expiresAt, bound: "device" } as const;
      return { status: 200, body: { ...answer.body, session } };
    };
    w.service.answer("POST /auth/otp/verify", (request) => identified({ ...request, body: { refreshToken: "rt-0" } }));
    await within(w.clock, 100, other.sdk.auth.verifyOtp({ email: "ann@shop.example", code: "123456" }));
    expect(page.sdk.auth.check()).toMatchObject({ isGuest: false, session: { consumerId, email: "ann@shop.example" } });
    expect(page.names().filter((name) => name === "auth:authenticated")).toHaveLength(2);
    await expect(within(w.clock, 100, page.sdk.auth.guest())).rejects.toMatchObject({ code: "ALREADY_IDENTIFIED" });
    // A page that has not heard yet, and asks with the key.
    const late = await open(w);
    w.service.answer("POST /auth/guest", refusal(409, "session_upgraded"));
    await expect(within(w.clock, 100, late.sdk.auth.guest())).rejects.toMatchObject({ code: "ALREADY_IDENTIFIED" });
  });

  test("because the key is an identified session's that nobody here has, gets a new key and is somebody new (S27)", async () => {
    const w = world();
    const keys: unknown[] = [];
    const serve = w.service.script("POST /auth/guest");
    w.service.answer("POST /auth/guest", (request) => {
      keys.push(request.headers.get("dpop"));
      if (keys.length === 1) return refusal(409, "session_upgraded");
      return typeof serve === "function" ? serve(request) : "lost";
    });
    const page = await open(w);
    expect(await within(w.clock, 1_000, page.sdk.auth.guest())).toMatchObject({ type: "guest", bound: "device" });
    expect([keys.length, new Set(w.bound.guestKeys).size, w.bound.consumers()]).toEqual([2, 1, 1]);
  });
});
