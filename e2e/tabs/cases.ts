import type { Tab } from "./tab.ts";
import { areOne, authorizedCall, consumerOf, guest, identitiesMade, logout, refresh, refreshesOf, told, until } from "./steps.ts";
import type { Conditions, TabsWorld } from "./world.ts";

/** What a run of a case came to. `ms`: the figure of the case, where it has one; not judged here. */
export interface Outcome {
  readonly holds: boolean;
  readonly ms?: number;
  /** What was seen, for whoever reads a failure. */
  readonly seen: unknown;
}

/** One thing that must hold for sessions in a real browser. */
export interface Case {
  readonly name: string;
  /** What `ms` measures. */
  readonly figure?: string;
  /** Runs in every browser of `npm test`, not only in one. */
  readonly isCore?: boolean;
  run(world: TabsWorld): Promise<Outcome>;
}

const shopper = async (world: TabsWorld, count: number, conditions?: Conditions): Promise<readonly Tab[]> => {
  const tabs = await world.openTabs(count, conditions);
  await Promise.all(tabs.map((tab) => world.start(tab)));
  return tabs;
};

/** Tabs of one guest, who has settled in each of them. */
async function guestIn(world: TabsWorld, count: number, conditions?: Conditions): Promise<{ readonly tabs: readonly Tab[]; readonly consumer: string }> {
  const tabs = await shopper(world, count, conditions);
  const consumer = await guest(tabs[0] as Tab);
  await until(
    () => Promise.all(tabs.map(consumerOf)),
    (seen) => seen.every((each) => each === consumer),
  );
  return { tabs, consumer };
}

const cold = (count: number, conditions: Conditions = {}): Case => ({
  name: `${count} tabs started cold${conditions.unbound ? ", without WebCrypto," : ""} end as one consumer`,
  figure: "from the first line of the first tab to a session in the last",
  run: async (world) => {
    const tabs = await world.openTabs(count, conditions);
    const began = performance.now();
    const answered = await Promise.all(
      tabs.map(async (tab) => {
        await world.start(tab);
        return guest(tab);
      }),
    );
    const ms = performance.now() - began;
    const settled = await until(() => Promise.all(tabs.map(consumerOf)), areOne);
    const made = identitiesMade(world);
    return { holds: areOne([...answered, ...settled]) && made === 1, ms, seen: { answered, settled, made } };
  },
});

const atExpiry = (count: number, conditions: Conditions = {}): Case => ({
  name: `${count} tabs whose token is due in the same moment${conditions.unbound ? ", without WebCrypto," : ""} make one refresh`,
  figure: "from its answer to the token in the last tab",
  run: async (world) => {
    // Due at 80 % of its life, and the next one late enough that it is not mistaken for a second refresh of this one.
    world.gate.shorten(4);
    world.gate.decide("/auth/refresh", () => {
      world.gate.shorten(600);
      return "pass";
    });
    const { tabs, consumer } = await guestIn(world, count, { sameChance: true, ...conditions });
    const refreshed = await until(
      () => Promise.all(tabs.map(told)),
      (all) => all.every((each) => each.some(({ event }) => event === "refreshed")),
    );
    const requests = refreshesOf(world, consumer);
    const last = Math.max(...refreshed.map((each) => each.find(({ event }) => event === "refreshed")?.at ?? Infinity));
    const consumers = await Promise.all(tabs.map(consumerOf));
    const ms = last - (requests[0]?.answeredAt ?? 0);
    return {
      holds: requests.length === 1 && Number.isFinite(last) && consumers.every((each) => each === consumer),
      ...(Number.isFinite(last) && { ms }),
      seen: {
        requests: requests.length,
        consumers: new Set(consumers).size,
        refreshed: refreshed.map((each) => each.map(({ event, detail }) => `${event} ${detail}`)),
      },
    };
  },
});

const hungRefresh: Case = {
  name: "one refresh that is never answered keeps no other of 8 tabs from a token",
  figure: "from that refresh to a token in the seventh tab",
  run: async (world) => {
    world.gate.shorten(4);
    world.gate.decide("/auth/refresh", (nth) => (nth === 1 ? "hang" : "pass"));
    const { tabs } = await guestIn(world, 8, { sameChance: true });
    const all = await until(
      () => Promise.all(tabs.map(told)),
      (each) => each.filter((tab) => tab.some(({ event }) => event === "refreshed")).length >= 7,
      15_000,
    );
    const moments = all.flatMap((tab) => tab.find(({ event }) => event === "refreshed")?.at ?? []).toSorted((a, b) => a - b);
    const hung = world.gate.crossings("/auth/refresh")[0]?.at ?? 0;
    const seventh = moments[6];
    return {
      holds: seventh !== undefined,
      ...(seventh !== undefined && { ms: seventh - hung }),
      seen: { withToken: moments.length, told: all.map((tab) => tab.map(({ event }) => event)) },
    };
  },
};

const wrongClock = (label: string, clockOffMs: number): Case => ({
  name: `a clock that is ${label} costs no refresh in 10 calls`,
  run: async (world) => {
    const { tabs, consumer } = await guestIn(world, 1, { clockOffMs });
    const [tab] = tabs as [Tab];
    const calls: string[] = [];
    for (let call = 0; call < 10; call++) calls.push(await authorizedCall(tab, world.launch.experienceId));
    const refreshes = refreshesOf(world, consumer).length;
    const made = identitiesMade(world);
    const routed = world.gate.crossings(`/experiences/${world.launch.experienceId}/route`).filter(({ status }) => status === 200).length;
    return { holds: refreshes === 0 && made === 1 && routed >= 10 && (await consumerOf(tab)) === consumer, seen: { refreshes, made, routed, calls } };
  },
});

const jumpingClock = (label: string, byMs: number): Case => ({
  name: `a clock that jumps ${label} while the page runs costs at most one refresh in 10 calls`,
  run: async (world) => {
    const { tabs, consumer } = await guestIn(world, 1);
    const [tab] = tabs as [Tab];
    await tab.run((offMs) => void ((globalThis as unknown as { deviceClock: { offMs: number } }).deviceClock.offMs = offMs), byMs);
    // As a device that comes back from sleep would: the page is told.
    await tab.run(() => void globalThis.dispatchEvent(new Event("online")));
    for (let call = 0; call < 10; call++) await authorizedCall(tab, world.launch.experienceId);
    const refreshes = refreshesOf(world, consumer).length;
    return { holds: refreshes <= 1 && (await consumerOf(tab)) === consumer, seen: { refreshes } };
  },
});

const trouble = (label: string, conditions: Conditions): Case => ({
  name: `${label}: one consumer in 3 calls, and nothing is thrown`,
  run: async (world) => {
    const [tab] = (await world.openTabs(1, conditions)) as [Tab];
    await world.start(tab);
    const answered = [await guest(tab), await guest(tab), await guest(tab)];
    const renewed = await refresh(tab);
    const made = identitiesMade(world);
    return { holds: areOne([...answered, renewed]) && made === 1, seen: { answered, renewed, made } };
  },
});

const lostAnswer = (path: string, conditions: Conditions): Case => ({
  name: `an answer of ${path} that is lost on the way${conditions.unbound ? ", without WebCrypto," : ""} loses nobody`,
  run: async (world) => {
    const [tab] = (await shopper(world, 1, conditions)) as [Tab];
    if (path === "/auth/guest") world.gate.decide(path, (nth) => (nth === 1 ? "lose" : "pass"));
    const first = await guest(tab).catch(() => guest(tab));
    if (path === "/auth/refresh") world.gate.decide(path, (nth) => (nth === 1 ? "lose" : "pass"));
    const after = await until(
      () => refresh(tab).catch((error: Error) => error.message),
      (answer) => answer === first,
      15_000,
    );
    const again = await refresh(tab);
    const lost = world.gate.crossings(path).filter(({ status }) => status === undefined).length;
    const events = (await told(tab)).filter(({ event }) => event === "logout");
    return { holds: lost >= 1 && areOne([first, after, again, await consumerOf(tab)]) && events.length === 0, seen: { first, after, again, lost, events } };
  },
});

const logoutSeen = (label: string, conditions: Conditions = {}): Case => ({
  name: `a logout in one of 4 tabs${label} is seen by the others, and no request of theirs is made for the old consumer`,
  figure: "from the logout to the last of the other tabs",
  run: async (world) => {
    const { tabs } = await guestIn(world, 4, conditions);
    const [one, ...others] = tabs as [Tab, ...Tab[]];
    await logout(one);
    const gone = await until(
      () => Promise.all(others.map(consumerOf)),
      (all) => all.every((each) => each === null),
    );
    // Events wait for a timer after the start, and Firefox gives a tab in the background one a second.
    const [said, ...heard] = await until(
      () => Promise.all(tabs.map(told)),
      (all) => all.every((each) => each.some(({ event }) => event === "logout")),
    );
    const at = said?.find(({ event }) => event === "logout")?.at ?? Infinity;
    const last = Math.max(...heard.map((each) => each.find(({ event, detail }) => event === "logout" && detail === "other_tab")?.at ?? Infinity));
    const next = await guest(others[0] as Tab);
    return {
      holds: gone.every((each) => each === null) && Number.isFinite(last) && identitiesMade(world) === 2,
      ...(Number.isFinite(last) && { ms: last - at }),
      seen: { gone, next, heard: heard.map((each) => each.map(({ event, detail }) => `${event} ${detail}`)) },
    };
  },
});

const wakers = ["visibilitychange", "resume", "prerenderingchange", "online", "pageshow"] as const;

const wokenBy = (event: (typeof wakers)[number]): Case => ({
  name: `a tab that heard nothing of a logout in another one finds it when it wakes by ${event}`,
  run: async (world) => {
    const [away, other] = (await world.openTabs(2, { mute: true })) as [Tab, Tab];
    await world.start(away);
    const consumer = await guest(away);
    // Begun after the other has its guest: it finds that in the storage, as it would without any message.
    await world.start(other);
    await logout(other);
    const before = await consumerOf(away);
    // Where the browser itself tells it: the document's own events pass the window on their way down.
    await away.run((type) => {
      // A tab beside another one is hidden in Firefox, and a hidden one that changes is on its way out.
      if (type === "visibilitychange") Object.defineProperty(document, "visibilityState", { value: "visible" });
      const told = type === "pageshow" ? new PageTransitionEvent(type, { persisted: true }) : new Event(type);
      void (type === "online" || type === "pageshow" ? globalThis : document).dispatchEvent(told);
    }, event);
    const after = await until(
      () => consumerOf(away),
      (each) => each === null,
    );
    return { holds: before === consumer && after === null, seen: { before, after } };
  },
});

const wiped: Case = {
  name: "storage that is wiped under the page is written again by its next renewal, and the next page finds the same consumer",
  run: async (world) => {
    const { tabs, consumer } = await guestIn(world, 1);
    const [tab] = tabs as [Tab];
    await tab.run(async () => {
      localStorage.clear();
      for (const { name } of await indexedDB.databases()) {
        await new Promise((done) => (indexedDB.deleteDatabase(name ?? "").onsuccess = done));
      }
    });
    const renewed = await refresh(tab);
    await world.start(tab);
    const next = await until(
      () => consumerOf(tab),
      (each) => each !== null,
    );
    const made = identitiesMade(world);
    return { holds: renewed === consumer && next === consumer && made === 1, seen: { consumer, renewed, next, made } };
  },
};

const backAfterLogout: Case = {
  name: "the back button after a logout in another tab shows nobody",
  run: async (world) => {
    const { tabs, consumer } = await guestIn(world, 2);
    const [away, other] = tabs as [Tab, Tab];
    const shownBefore = await until(
      () => away.run(() => document.querySelector("output")?.textContent),
      (text) => text === consumer,
    );
    await away.goto(world.elsewhere);
    await logout(other);
    await away.back();
    // From the cache the SDK is there still; loaded anew, the page is started as its script would.
    const fromCache = await away.run(() => (globalThis as unknown as { tab?: { shown: boolean[] } }).tab?.shown.at(-1) === true);
    if (!fromCache) await world.start(away);
    const now = await until(
      () => consumerOf(away),
      (each) => each === null,
    );
    const shown = await until(
      () => away.run(() => document.querySelector("output")?.textContent),
      (text) => text !== consumer,
    );
    return { holds: now === null && shownBefore === consumer && shown !== consumer, seen: { now, fromCache, shownBefore, shown } };
  },
};

const hour = 3_600_000;

const core = (each: Case): Case => ({ ...each, isCore: true });

/** The cases, in the order of the table. */
export const cases: readonly Case[] = [
  core(cold(8)),
  cold(16),
  cold(8, { unbound: true }),
  core(atExpiry(8)),
  atExpiry(8, { unbound: true }),
  core(hungRefresh),
  core(wrongClock("2 hours ahead", 2 * hour)),
  wrongClock("2 hours behind", -2 * hour),
  wrongClock("a day ahead", 24 * hour),
  core(wrongClock("a day behind", -24 * hour)),
  core(jumpingClock("a day ahead", 24 * hour)),
  jumpingClock("2 hours back", -2 * hour),
  core(trouble("each write to storage raises", { fullStorage: true })),
  core(trouble("storage is blocked", { blockedStorage: true })),
  core(trouble("IndexedDB refuses", { refusedDatabase: true })),
  trouble("each write to the database raises", { fullDatabase: true }),
  core(trouble("everything that stores refuses", { blockedStorage: true, refusedDatabase: true })),
  core(lostAnswer("/auth/guest", {})),
  lostAnswer("/auth/guest", { unbound: true }),
  lostAnswer("/auth/refresh", {}),
  core(lostAnswer("/auth/refresh", { unbound: true })),
  core(logoutSeen("")),
  logoutSeen(" without BroadcastChannel", { noChannel: true }),
  ...wakers.map(wokenBy),
  wiped,
  core(backAfterLogout),
];
