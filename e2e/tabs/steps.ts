import { setTimeout as pause } from "node:timers/promises";
import type { Tab } from "./tab.ts";
import type { Crossing } from "./gate.ts";
import type { Page, TabsWorld } from "./world.ts";

/** The consumer that `guest()` answers. */
export const guest = (tab: Tab): Promise<string> => tab.run(async () => (await (globalThis as unknown as Page).tab.sdk.auth.guest()).consumerId);

/** Whom this tab takes its shopper for. */
export const consumerOf = (tab: Tab): Promise<string | null> => tab.run(() => (globalThis as unknown as Page).tab.sdk.auth.getSession()?.consumerId ?? null);

/** Renews by hand; the consumer that it answers. */
export const refresh = (tab: Tab): Promise<string> => tab.run(async () => (await (globalThis as unknown as Page).tab.sdk.auth.refresh()).consumerId);

/** Logs out. */
export const logout = (tab: Tab): Promise<void> => tab.run(() => (globalThis as unknown as Page).tab.sdk.auth.logout());

/** What the SDK told this tab, oldest first. */
export const told = (tab: Tab): Promise<Page["tab"]["told"]> => tab.run(() => (globalThis as unknown as Page).tab.told);

/** What the SDK told this tab with events of this name, oldest first. */
export const eventsOf = async (tab: Tab, name: string): Promise<string[]> =>
  (await told(tab)).filter(({ event }) => event === name).map(({ detail }) => detail);

/** How often consumers were made for the pages of this case: answers 201 to `POST /auth/guest`. */
export const identitiesMade = ({ gate }: TabsWorld): number => gate.crossings("/auth/guest").filter(({ status }) => status === 201).length;

/** Goes through the service with the tab's access token. */
export const authorizedCall = (tab: Tab, experienceId: string): Promise<string> =>
  tab.run(async (id) => {
    const journey = (globalThis as unknown as Page).tab.sdk.journeys.get(id);
    const view = journey.view$.get();
    if (view.journeyStage === "ready") await view.start();
    else if (view.journeyStage === "routed") await view.reroute();
    return journey.snapshot$.get().error?.code ?? journey.view$.get().journeyStage;
  }, experienceId);

/** Asks until the answer satisfies, or patience is at its end; the last answer either way. */
export async function until<T>(ask: () => Promise<T>, satisfies: (answer: T) => boolean, patienceMs = 30_000): Promise<T> {
  for (const end = performance.now() + patienceMs; ;) {
    const answer = await ask();
    if (satisfies(answer) || performance.now() > end) return answer;
    await pause(20);
  }
}

/** Everything is the same, and there is something. */
export const areOne = (values: readonly (string | null)[]): boolean => values.length > 0 && values[0] !== null && new Set(values).size === 1;

/** Refreshes for this consumer, those without an answer included: a page of the case before may have had one on its way. */
export const refreshesOf = ({ gate }: TabsWorld, consumer: string): readonly Crossing[] =>
  gate.crossings("/auth/refresh").filter((each) => each.consumer === undefined || each.consumer === consumer);
