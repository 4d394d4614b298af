import type { Began } from "../fixtures/tab-page/main.ts";
import { aheadCases } from "./ahead.ts";
import type { Case } from "./cases.ts";
import type { SleepyTab } from "./sleeping-browsers.ts";
import { areOne, authorizedCall, consumerOf, eventsOf, guest, identitiesMade, logout, refresh, refreshesOf, until } from "./steps.ts";
import type { Conditions, Page, TabsWorld } from "./world.ts";

interface Pulse {
  readonly beats: number;
  readonly heard: readonly string[];
}

/** Tabs of one guest, told so: the last one is awake and in front, the others are hidden behind it. */
async function guestIn(
  world: TabsWorld,
  count: number,
  conditions: Conditions = {},
): Promise<{ readonly away: readonly SleepyTab[]; readonly awake: SleepyTab; readonly consumer: string }> {
  const tabs = (await world.openTabs(count, conditions)) as readonly SleepyTab[];
  const awake = tabs.at(-1) as SleepyTab;
  const away = tabs.slice(0, -1);
  await world.start(awake);
  const consumer = await guest(awake);
  for (const tab of away) {
    await tab.front();
    await world.start(tab);
    await tab.run(() => {
      const watched = { beats: 0, heard: [] as string[] };
      setInterval(() => (watched.beats += 1), 50);
      for (const type of ["freeze", "resume"]) document.addEventListener(type, () => watched.heard.push(type));
      Object.assign(globalThis, { watched });
    });
    await until(
      async () => ({ told: await eventsOf(tab, "authenticated"), ...(await pulse(tab)) }),
      (seen) => seen.told.includes(consumer) && seen.beats > 0,
    );
  }
  await awake.front();
  return { away, awake, consumer };
}

const pulse = (tab: SleepyTab): Promise<Pulse> => tab.run(() => (globalThis as unknown as { watched: Pulse }).watched);

/** What another tab does meanwhile, what the sleeper is told of it once, and whom it shows then. */
interface Meanwhile {
  readonly what: string;
  readonly conditions?: Conditions;
  readonly event: string;
  readonly gone?: boolean;
  act(world: TabsWorld, awake: SleepyTab): Promise<unknown>;
}

const becomeKnown = async (world: TabsWorld, tab: SleepyTab): Promise<void> => {
  const email = `${crypto.randomUUID()}@shop.example`;
  await tab.run(async (to) => void (await (globalThis as unknown as Page).tab.sdk.auth.requestOtp({ email: to })), email);
  const answer = { email, code: await world.codeFor(email) };
  await tab.run(async (given) => void (await (globalThis as unknown as Page).tab.sdk.auth.verifyOtp(given)), answer);
};
const renewByItself = (world: TabsWorld): Promise<unknown> =>
  until(
    async () => world.gate.crossings("/auth/refresh").some(({ answeredAt }) => answeredAt !== undefined),
    (isAnswered) => isAnswered,
  );
const meanwhiles: readonly Meanwhile[] = [
  { what: "a logout", event: "logout", gone: true, act: (_world, awake) => logout(awake) },
  { what: "a logout that it hears nothing of", conditions: { mute: true }, event: "logout", gone: true, act: (_world, awake) => logout(awake) },
  { what: "a renewal that all of them were due for", conditions: { sameChance: true }, event: "refreshed", act: renewByItself },
  { what: "an upgrade of the guest", event: "authenticated", act: becomeKnown },
];

const frozen = ({ what, conditions, event, gone = false, act }: Meanwhile): Case => ({
  name: `two tabs that were frozen through ${what} in a third show what is so when they are thawed, and are told once`,
  run: async (world) => {
    if (event === "refreshed") {
      world.gate.shorten(5);
      world.gate.decide("/auth/refresh", () => {
        world.gate.shorten(600);
        return "pass";
      });
    }
    const { away, awake, consumer } = await guestIn(world, 3, conditions);
    for (const tab of away) await tab.freeze();
    const eventsBefore = await Promise.all(away.map((tab) => eventsOf(tab, event)));
    const before = await Promise.all(away.map(pulse));
    await act(world, awake);
    const during = await Promise.all(away.map(pulse));
    const stillShown = await Promise.all(away.map(consumerOf));
    const wasFrozen =
      before.every(({ heard }) => areOne(heard) && heard[0] === "freeze") &&
      during.every(({ beats }, index) => beats === before[index]?.beats) &&
      stillShown.every((each) => each === consumer);
    for (const tab of away) await tab.thaw();
    for (const tab of away) await tab.front();
    const news = async (): Promise<number[]> =>
      Promise.all(away.map(async (tab, index) => (await eventsOf(tab, event)).length - (eventsBefore[index]?.length ?? 0)));
    await until(news, (counts) => counts.every((count) => count > 0));
    // What would be told twice, or sent anew, would be by the time of a call.
    const calls = await Promise.all(away.map(async (tab) => (gone ? "none" : authorizedCall(tab, world.launch.experienceId))));
    const after = await Promise.all(away.map(consumerOf));
    const counts = await news();
    const refreshes = refreshesOf(world, consumer).length;
    return {
      holds:
        wasFrozen &&
        counts.every((count) => count === 1) &&
        after.every((each) => each === (gone ? null : consumer)) &&
        refreshes === (event === "refreshed" ? 1 : 0) &&
        identitiesMade(world) === 1,
      seen: { wasFrozen, before, during, stillShown, counts, after, refreshes, calls },
    };
  },
});

const interrupted = (how: "frozen" | "killed"): Case => ({
  name: `a tab that is ${how} in the middle of a renewal holds up no other, and shows the same consumer afterwards`,
  figure: "from that renewal to the token in the other tab",
  run: async (world) => {
    const { away, awake, consumer } = await guestIn(world, 2);
    const [tab] = away as [SleepyTab];
    world.gate.decide("/auth/refresh", (nth) => (nth === 1 ? "hang" : "pass"));
    await tab.run(() => void (globalThis as unknown as Page).tab.sdk.auth.refresh().catch(() => undefined));
    const refreshes = (): number => world.gate.crossings("/auth/refresh").length;
    await until(
      async () => refreshes(),
      (count) => count === 1,
    );
    await (how === "frozen" ? tab.freeze() : tab.crash());
    const renewed = await refresh(awake);
    const ms = performance.timeOrigin + performance.now() - (world.gate.crossings("/auth/refresh")[0]?.at ?? 0);
    await tab.front();
    if (how === "frozen") await tab.thaw();
    else await world.start(tab);
    const after = await until(
      () => consumerOf(tab),
      (each) => each === consumer,
    );
    const ends = (await Promise.all([tab, awake].map((each) => eventsOf(each, "logout")))).flat();
    return {
      holds: areOne([consumer, renewed, after]) && ends.length === 0 && refreshes() === 2,
      ms,
      seen: { consumer, renewed, after, ends, refreshes: refreshes() },
    };
  },
});

const discarded: Case = {
  name: "a tab that was discarded loads again as the same guest without a request, and as nobody after a logout meanwhile",
  run: async (world) => {
    const { away, awake, consumer } = await guestIn(world, 2);
    const [tab] = away as [SleepyTab];
    await tab.front();
    await tab.goto(world.selfStarting());
    await tab.run(() => sessionStorage.setItem("mark", "kept"));
    const comeBack = async (meanwhile: () => Promise<void>): Promise<{ readonly began: Began | undefined; readonly mark: string | null }> => {
      await awake.front();
      await tab.discard();
      await meanwhile();
      await tab.bringBack();
      const seen = () =>
        tab
          .run(() => ({ began: (globalThis as unknown as Page).tab.began, mark: sessionStorage.getItem("mark") }))
          .catch(() => ({ began: undefined, mark: null }));
      return until(seen, ({ began }) => began !== undefined);
    };
    const sent = (): number => ["/auth/guest", "/auth/refresh"].flatMap(world.gate.crossings).length;
    const sentBefore = sent();
    const first = await comeBack(async () => undefined);
    const second = await comeBack(() => logout(awake));
    const gone = await until(
      () => consumerOf(tab),
      (each) => each === null,
    );
    const isDiscarded = ({ began, mark }: typeof first): boolean => mark === "kept" && (world.browser.name === "Firefox" || began?.wasDiscarded === true);
    return {
      holds: [first, second].every(isDiscarded) && first.began?.consumer === consumer && gone === null && sent() === sentBefore,
      seen: { first, second, gone, consumer, sent: sent() - sentBefore },
    };
  },
};

/** Waits until this tab's timers come so rarely that its heart hardly beats. */
async function sleepiness(tab: SleepyTab): Promise<number> {
  const beatsIn = async (ms: number): Promise<number> => {
    const { beats } = await pulse(tab);
    const end = performance.now() + ms;
    await until(
      async () => performance.now(),
      (now) => now >= end,
    );
    return (await pulse(tab)).beats - beats;
  };
  return until(
    () => beatsIn(1_200),
    (beats) => beats === 0,
  );
}

const throttled: Case = {
  name: "a tab in the background whose timers come once a minute has a renewal and a logout of another tab at once, and makes no renewal of its own",
  run: async (world) => {
    const { away, awake, consumer } = await guestIn(world, 2);
    const [tab] = away as [SleepyTab];
    const beats = await sleepiness(tab);
    await refresh(awake);
    const refreshed = await until(
      () => eventsOf(tab, "refreshed"),
      (all) => all.length > 0,
    );
    await logout(awake);
    const gone = await until(
      () => consumerOf(tab),
      (each) => each === null,
    );
    const beatsAfter = (await pulse(tab)).beats;
    await tab.front();
    const ends = await eventsOf(tab, "logout");
    const refreshes = refreshesOf(world, consumer).length;
    return {
      holds: beats === 0 && refreshed.length === 1 && gone === null && ends.join() === "other_tab" && refreshes === 1,
      seen: { beats, beatsAfter, refreshed, gone, ends, refreshes },
    };
  },
};

const overslept: Case = {
  name: "a tab whose timers came once a minute while its token ran out has a new one, by one renewal, when it is shown",
  run: async (world) => {
    world.gate.shorten(5);
    world.gate.decide("/auth/refresh", () => {
      world.gate.shorten(600);
      return "pass";
    });
    const [tab, other] = (await world.openTabs(2)) as readonly SleepyTab[] as [SleepyTab, SleepyTab];
    await tab.front();
    await world.start(tab);
    const began = performance.now();
    const consumer = await guest(tab);
    await other.front();
    await until(
      async () => performance.now() - began,
      (ms) => ms > 5_000,
    );
    // None, but where the minute came round just then.
    const asleep = refreshesOf(world, consumer).length;
    await tab.front();
    const refreshed = await until(
      () => eventsOf(tab, "refreshed"),
      (all) => all.length > 0,
    );
    const called = await authorizedCall(tab, world.launch.experienceId);
    const refreshes = refreshesOf(world, consumer).length;
    return { holds: refreshes === 1 && refreshed.length === 1 && (await consumerOf(tab)) === consumer, seen: { asleep, refreshes, refreshed, called } };
  },
};

/** What Chromium does to tabs that nobody looks at, in the order of the table. */
export const asleepInChromium: readonly Case[] = [...meanwhiles.map(frozen), interrupted("frozen"), interrupted("killed"), discarded, throttled, ...aheadCases];

/**
 * What Firefox does to them: it freezes no tab that is open and renders nothing ahead of time, so that there is nothing to drive, and what drives it here has no way to kill one page. Chromium's throttle, in
 * turn, spares timers that no other timer set, such as the renewal's: there nobody oversleeps.
 */
export const asleepInFirefox: readonly Case[] = [discarded, throttled, overslept];
