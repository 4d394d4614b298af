import fc from "fast-check";
import { expect } from "vitest";
import type { AuthenticatedSession, FanfareEvents } from "@fanfare-io/fanfare-contract";
import { scriptBoundSessions } from "./bound-service.ts";
import type { Fault, Faults } from "./faults.ts";
import { letterCode } from "./known-consumers.ts";
import type { KnownConsumers } from "./known-consumers.ts";
import { startSdk } from "./launch.ts";
import type { TestSdk } from "./launch.ts";
import { scriptTruthfulSessions } from "./session-service.ts";
import { createTabWorld } from "./tab-world.ts";
import type { Tab, TabWorld } from "./tab-world.ts";

/** One thing that happens to a profile's tabs. */
export type Step =
  | { readonly act: "guest" | "refresh" | "logout" | "wake" | "reload" | "kill" | "freeze" | "thaw" | "call"; readonly tab: number }
  /** Proves an address: Ann is new to the service, Bob is known to it from another device. */
  | { readonly act: "prove"; readonly tab: number; readonly who: "ann" | "bob" }
  | { readonly act: "wait"; readonly ms: number }
  | { readonly act: "jump"; readonly ms: number }
  | { readonly act: "wipe"; readonly what: "database" | "copies" | "both" }
  | { readonly act: "befall"; readonly fault: Fault };

/** How many tabs a history has. */
const tabs = 4;

type Acted = Exclude<Extract<Step, { tab: number }>["act"], "prove">;
const on = <A extends Acted>(weight: number, ...acts: readonly A[]) => ({
  weight,
  arbitrary: fc.record({ act: fc.constantFrom(...acts), tab: fc.nat(tabs - 1) }),
});
const wait = {
  weight: 4,
  arbitrary: fc.record({ act: fc.constant("wait" as const), ms: fc.constantFrom(1, 40, 500, 2_500, 5_000, 70_000, 480_000, 900_000) }),
};
const befall = {
  weight: 2,
  arbitrary: fc.record({ act: fc.constant("befall" as const), fault: fc.constantFrom("lost_before", "lost_after", "slow", "hung" as const) }),
};

/** What befalls sessions without a key: a page that dies with the answer of a rotation in its hands has lost it, by design. */
export const mildHistories: fc.Arbitrary<readonly Step[]> = fc.array(fc.oneof(on(6, "guest", "refresh", "wake", "reload"), on(1, "logout"), wait, befall), {
  minLength: 1,
  maxLength: 30,
});

/** What befalls bound ones: upgrades, crashes, frozen tabs, clocks that jump, storage that is wiped. */
export const wildHistories: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    on(7, "guest", "refresh", "wake", "reload", "call"),
    on(2, "logout"),
    {
      weight: 3,
      arbitrary: fc.record({ act: fc.constant("prove" as const), tab: fc.nat(tabs - 1), who: fc.constantFrom("ann", "bob" as const) }),
    },
    on(3, "kill", "freeze", "thaw"),
    wait,
    befall,
    { weight: 1, arbitrary: fc.record({ act: fc.constant("jump" as const), ms: fc.constantFrom(-86_400_000, -7_200_000, 7_200_000, 86_400_000) }) },
    { weight: 1, arbitrary: fc.record({ act: fc.constant("wipe" as const), what: fc.constantFrom("database", "copies", "both" as const) }) },
  ),
  { minLength: 1, maxLength: 40 },
);

interface Service extends Pick<Faults, "befall">, Pick<KnownConsumers, "settle"> {
  /** Consumers that there are; null where the service does not count them. */
  consumers(): number | null;
  /** Sessions that were revoked for a refresh token which an honest client should not have shown. */
  reused(): number;
}

interface Page {
  readonly tab: Tab;
  readonly run: TestSdk;
  /** What the page was asked for that makes somebody, and has not been answered. */
  asking: number;
}

/** Plays one history to its end, and holds every invariant of the session against it. */
export async function playHistory(canSign: boolean, history: readonly Step[], storageDelaysMs: readonly number[]): Promise<void> {
  const world = createTabWorld({ storageDelaysMs, canSign });
  const service: Service = canSign
    ? { reused: () => 0, ...scriptBoundSessions(world.service, world.clock) }
    : { consumers: () => null, settle: () => {}, ...scriptTruthfulSessions(world.service, world.clock) };
  service.settle("bob@shop.example", "known-bob");
  const pages: Page[] = [];
  const closed: TestSdk[] = [];
  // The last one hears nothing of the others but what it finds when it looks; so it must be there to be found.
  const deaf = history.some(({ act }) => act === "wipe") ? tabs : tabs - 1;
  const begin = async (index: number): Promise<Page> => {
    const tab = world.openTab();
    return { asking: 0, tab, run: await startSdk(world, tab, index === deaf ? { sync: { channelName: "elsewhere" } } : {}) };
  };
  for (let index = 0; index < tabs; index++) pages.push(await begin(index));
  const play: Play = { canSign, world, service, pages, closed, begin, typed: null, isLeft: false, left: undefined };
  for (const step of history) await take(step, play);

  service.befall("none");
  for (const { tab } of pages) tab.thaw();
  await world.clock.advance(120_000);
  for (const { tab, run } of pages) {
    tab.wake();
    // What was wiped under a page comes back with its next renewal.
    void run.sdk.auth.refresh().catch(() => undefined);
    await world.clock.advance(20_000);
  }
  await world.clock.advance(120_000);
  // Once more, for who hears of nothing: what the last of them did.
  for (const { tab } of pages) tab.wake();
  await world.clock.advance(20_000);
  hold({ history, service, pages, closed });
  const here = pages.flatMap(({ run }) => run.sdk.auth.getSession()?.consumerId ?? []);
  if (play.isLeft) expect(here, "somebody came after the logout").toEqual([]);
  expect(here, "whoever logged out came back").not.toContain(play.left);
  for (const { run } of pages) run.sdk.destroy();
  expect(world.clock.pending(), "timers that outlive their page").toBe(0);
}

/** Longer than the storage takes until a request is out. */
const goneOutMs = 200;

interface Play {
  readonly canSign: boolean;
  readonly world: TabWorld;
  readonly service: Service;
  readonly pages: Page[];
  readonly closed: TestSdk[];
  readonly begin: (index: number) => Promise<Page>;
  /** The address that was proved last. */
  typed: string | null;
  /** Somebody logged out, and nothing was asked for since, nor in another tab before, that could bring anybody: nobody is here in the end. */
  isLeft: boolean;
  /** Who logged out last, if nothing was asked for since: they do not come back, whatever another tab had asked for before. */
  left: string | undefined;
}

const harmless: readonly Step["act"][] = ["wait", "wake", "thaw", "jump", "befall", "refresh", "call"];

async function take(step: Step, play: Play): Promise<void> {
  const { world, service, pages, closed, begin } = play;
  const { clock, shelf, items } = world;
  if (step.act === "logout") {
    const page = pages[step.tab]!;
    const leaving = page.run.sdk.auth.getSession();
    play.left = leaving?.consumerId ?? play.left;
    play.isLeft ||= leaving !== null && pages.every((it) => it === page || it.asking === 0);
  } else if (!harmless.includes(step.act)) {
    play.isLeft = false;
    play.left = undefined;
  }
  switch (step.act) {
    case "wait":
      return clock.advance(step.ms);
    case "jump":
      return clock.jumpWall(step.ms);
    case "befall":
      // What was asked for before has gone out before, however slow the storage: see below about renewals of unbound sessions.
      if (!play.canSign) await clock.advance(goneOutMs);
      return service.befall(step.fault);
    case "wipe":
      if (step.what !== "copies") shelf.kept.clear();
      if (step.what !== "database") items.clear();
      return;
    default:
  }
  const page = pages[step.tab]!;
  const { tab, run } = page;
  const ask = (task: Promise<unknown>): void => {
    page.asking++;
    void task.catch(() => undefined).finally(() => page.asking--);
  };
  switch (step.act) {
    case "wake":
    case "freeze":
    case "thaw":
      return tab[step.act]();
    case "kill":
    case "reload":
      if (step.act === "kill") tab.kill();
      else run.sdk.destroy();
      closed.push(run);
      pages[step.tab] = await begin(step.tab);
      return;
    case "prove": {
      const email = `${step.who}@shop.example`;
      // One person types one code at a time, in a page that is awake; the same one in two tabs at once is another matter.
      for (const page of pages) page.tab.thaw();
      if (play.typed !== null && play.typed !== email) await clock.advance(30_000);
      play.typed = email;
      const prove = async (): Promise<unknown> => {
        await run.sdk.auth.requestOtp({ email });
        // Typed now, whoever left while the code was on its way.
        play.isLeft = false;
        play.left = undefined;
        return run.sdk.auth.verifyOtp({ email, code: letterCode });
      };
      ask(prove());
      return clock.settle();
    }
    case "call":
      void run.sdk.auth.requestOtp({ email: "ann@shop.example" }).catch(() => undefined);
      return clock.settle();
    default:
      // A renewal that nothing asked for, answered into a page that is closed before it can ask again, is lost on an unbound session by design.
      if (step.act === "refresh") service.befall("none");
      if (step.act === "guest") ask(run.sdk.auth.guest());
      else void run.sdk.auth[step.act]().catch(() => undefined);
      return clock.settle();
  }
}

/** The invariants: SPEC.md's S17. */
function hold({ history, service, pages, closed }: Pick<Play, "service" | "pages" | "closed"> & { readonly history: readonly Step[] }): void {
  const count = (act: Step["act"]): number => history.filter((step) => step.act === act).length;
  const who = pages.map(({ run }) => {
    const session = run.sdk.auth.getSession();
    return session && `${session.type} ${session.consumerId}`;
  });
  expect(new Set(who).size, `tabs disagree: ${who.join(", ")}`).toBe(1);
  // Nobody but the shopper's own logout, or whoever wipes the storage, may cost an honest session (I8), or make a second consumer (A1).
  expect(service.reused(), "refresh tokens that an honest client should not have shown").toBe(0);
  const wipes = count("wipe");
  expect(service.consumers() ?? 0, "consumers").toBeLessThanOrEqual(1 + count("logout") + wipes);
  const runs = [...pages.map((page) => page.run), ...closed];
  const begun = runs.flatMap(({ told }) =>
    told.flatMap(({ event, payload }) => (event === "auth:authenticated" ? [payload as FanfareEvents["auth:authenticated"]] : [])),
  );
  const newGuests = begun.flatMap(({ session, isNew }) => (isNew && session.type === "guest" ? [session.consumerId] : []));
  expect(newGuests.length, "a guest told as new by two tabs").toBe(new Set(newGuests).size);
  for (const run of runs) {
    holdEvents(run);
    const revoked = run.told.filter(({ event, payload }) => event === "auth:logout" && (payload as FanfareEvents["auth:logout"]).reason === "revoked");
    if (count("logout") + wipes === 0) expect(revoked, "sessions that were taken from an honest shopper").toEqual([]);
  }
}

/** A session that was lost before it could be shown: whose it was, no event has said. */
const unseen = "unseen";

/**
 * Each fact once, in an order that can be true: somebody comes when nobody is there, or is whom the guest who is there has proved to be; is
 * renewed and leaves while there; and what became of a guest is told right after it was known by now (S30, S32, S37).
 */
function holdEvents({ told }: TestSdk): void {
  let present: string | null = null;
  let before: string | null = null;
  let isRefused = false;
  let isGuest = false;
  let mayBeLinked = false;
  for (const { event, payload } of told) {
    expect(JSON.stringify(payload), "a token in an event").not.toMatch(/"(at|rt)-\d/);
    switch (event) {
      case "auth:authenticated": {
        const { session, previousConsumerId } = payload as FanfareEvents["auth:authenticated"];
        if (present !== null) {
          expect([isGuest, session.type], "somebody came while somebody else was there").toEqual([true, "authenticated"]);
          const { guestId, linked } = session as AuthenticatedSession;
          expect([session.consumerId, guestId, linked?.fromConsumerId], "a guest became somebody else").toContain(present);
          before = present;
        }
        if (before !== unseen) expect(previousConsumerId, "whom this one follows").toBe(before === null || before === session.consumerId ? undefined : before);
        present = session.consumerId;
        isGuest = session.type === "guest";
        break;
      }
      case "auth:refreshed":
        expect((payload as FanfareEvents["auth:refreshed"]).session.consumerId, "renewed without being there").toBe(present);
        break;
      case "auth:logout":
        // A session that was lost before it could be shown is told as refused, and then as gone.
        expect(present !== null || isRefused, "gone without having been there").toBe(true);
        before = present ?? unseen;
        present = null;
        break;
      case "auth:linked":
        expect(mayBeLinked, "linked, and not just known").toBe(true);
        break;
      default:
    }
    mayBeLinked = event === "auth:authenticated" && !isGuest;
    isRefused = event === "auth:error" && (payload as FanfareEvents["auth:error"]).context === "unauthorized";
  }
}
