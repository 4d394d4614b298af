import type { Began } from "../fixtures/tab-page/main.ts";
import type { Case } from "./cases.ts";
import type { SleepyTab } from "./sleeping-browsers.ts";
import { areOne, consumerOf, eventsOf, guest, identitiesMade, logout, refreshesOf, until } from "./steps.ts";
import type { TabsWorld } from "./world.ts";

/** Has the browser render the page ahead of time; resolves when the SDK is started there. */
async function renderAhead(tab: SleepyTab, url: string): Promise<Began | null> {
  await tab.front();
  await tab.run((address) => {
    localStorage.removeItem("began");
    const rules = document.createElement("script");
    rules.type = "speculationrules";
    rules.textContent = JSON.stringify({ prerender: [{ source: "list", urls: [address], eagerness: "immediate" }] });
    document.head.append(rules);
  }, url);
  return until(
    () => tab.run(() => JSON.parse(localStorage.getItem("began") ?? "null") as Began | null),
    (began) => began !== null,
  );
}

/** Follows a link to a page that was rendered ahead; whether it was that one. */
async function openAhead(tab: SleepyTab, url: string): Promise<boolean> {
  await tab.run((address) => void setTimeout(() => (location.href = address), 0), url);
  const opened = () =>
    tab
      .run(() => {
        const [navigation] = performance.getEntriesByType("navigation") as (PerformanceNavigationTiming & { readonly activationStart?: number })[];
        return "tab" in globalThis ? (navigation?.activationStart ?? 0) > 0 : null;
      })
      .catch(() => null);
  return (await until(opened, (answer) => answer !== null)) === true;
}

/** Long enough for a request that should not be to come. */
const requestsIn = (world: TabsWorld, ms: number): Promise<number> =>
  until(
    async () => world.gate.crossings("/auth/guest").length,
    (count) => count > 0,
    ms,
  );

const aheadOfNobody: Case = {
  name: "a page that is rendered ahead of time makes nobody, and one guest when it is opened",
  run: async (world) => {
    const [tab] = (await world.openTabs(1)) as readonly SleepyTab[] as [SleepyTab];
    await tab.goto(world.elsewhere);
    const url = world.selfStarting(true);
    const began = await renderAhead(tab, url);
    const early = await requestsIn(world, 500);
    const opened = await openAhead(tab, url);
    const events = await until(
      () => eventsOf(tab, "authenticated"),
      (all) => all.length > 0,
    );
    const consumer = await guest(tab);
    const made = identitiesMade(world);
    return {
      holds: began?.isAhead === true && early === 0 && opened && areOne([...events, consumer]) && made === 1,
      seen: { began, early, opened, events, consumer, made },
    };
  },
};

const aheadOfAGuest: Case = {
  name: "a page that was rendered ahead of time and asks for a guest finds the one that another tab became meanwhile",
  run: async (world) => {
    const [tab, other] = (await world.openTabs(2)) as readonly SleepyTab[] as [SleepyTab, SleepyTab];
    await world.start(other);
    await tab.goto(world.elsewhere);
    const url = world.selfStarting(true);
    const began = await renderAhead(tab, url);
    const consumer = await guest(other);
    const opened = await openAhead(tab, url);
    const answered = await guest(tab);
    const asked = world.gate.crossings("/auth/guest").length;
    return { holds: began?.isAhead === true && opened && areOne([consumer, answered]) && asked === 1, seen: { began, opened, consumer, answered, asked } };
  },
};

const aheadOfALogout: Case = {
  name: "a page that was rendered ahead of time for a guest who left unheard before it was opened shows nobody, is told once, and sends nothing",
  run: async (world) => {
    const [tab, other] = (await world.openTabs(2, { mute: true })) as readonly SleepyTab[] as [SleepyTab, SleepyTab];
    await world.start(other);
    const consumer = await guest(other);
    await tab.goto(world.elsewhere);
    const url = world.selfStarting();
    const began = await renderAhead(tab, url);
    await logout(other);
    const opened = await openAhead(tab, url);
    const gone = await until(
      () => consumerOf(tab),
      (each) => each === null,
    );
    const ends = await until(
      () => eventsOf(tab, "logout"),
      (all) => all.length > 0,
    );
    const refreshes = refreshesOf(world, consumer).length;
    return {
      holds: began?.isAhead === true && began.consumer === consumer && opened && gone === null && ends.join() === "other_tab" && refreshes === 0,
      seen: { began, consumer, opened, gone, ends, refreshes },
    };
  },
};

/** Pages that the browser renders ahead of time: Chromium only. */
export const aheadCases: readonly Case[] = [aheadOfNobody, aheadOfAGuest, aheadOfALogout];
