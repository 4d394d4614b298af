import { mkdtemp, rm } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createLaunch, startService } from "@fanfare-io/fanfare-testing";
import type { TestLaunch } from "@fanfare-io/fanfare-testing";
import { lettersOf } from "../inbox.ts";
import { servePage } from "../fixtures/serve-page.ts";
import type { TabPage } from "../fixtures/tab-page/main.ts";
import type { OpenBrowser } from "./browsers.ts";
import type { Tab } from "./tab.ts";
import { openGate } from "./gate.ts";
import type { Gate } from "./gate.ts";

/** What is wrong with the browser of a case. */
export interface Conditions {
  /** Each write to local and session storage raises, as with a full disk. */
  readonly fullStorage?: boolean;
  /** Local and session storage cannot even be named, as with cookies blocked. */
  readonly blockedStorage?: boolean;
  /** Opening a database raises, as in some private windows. */
  readonly refusedDatabase?: boolean;
  /** Each write to a database raises, and undoes its transaction, as with a full disk. */
  readonly fullDatabase?: boolean;
  /** There is no BroadcastChannel, as in old browsers. */
  readonly noChannel?: boolean;
  /** What a tab says to the others is lost: they find it out by themselves or not at all. */
  readonly mute?: boolean;
  /** There is no WebCrypto, as on a page without TLS: sessions are unbound, and their refresh tokens rotate. */
  readonly unbound?: boolean;
  /** The device's clock is wrong by this much. Milliseconds. */
  readonly clockOffMs?: number;
  /** Chance says the same in each tab, so that what is spread by chance falls into one moment. */
  readonly sameChance?: boolean;
}

/** A service with a launch, a gate before it, a site with the SDK, and a browser. */
export interface TabsWorld {
  readonly gate: Gate;
  readonly launch: TestLaunch;
  readonly browser: OpenBrowser;
  /** Opens tabs of one new profile, without an SDK yet; the profile is closed when the case is over. */
  openTabs(count: number, conditions?: Conditions): Promise<readonly Tab[]>;
  /** Another page of the same site, without the SDK. */
  readonly elsewhere: string;
  /** Loads the page and starts the SDK in it. */
  start(tab: Tab): Promise<void>;
  /** The page that starts the SDK by itself, also where nobody drives it; with `asksForGuest`, it calls `guest()` at once. */
  selfStarting(asksForGuest?: boolean): string;
  /** The code of the newest letter to this address. */
  codeFor(to: string): Promise<string>;
  /** Ends a case: closes its profile, forgets what the gate saw. */
  tidy(): Promise<void>;
  close(): Promise<void>;
}

/** What a page script sees. */
export type Page = { readonly tab: TabPage & { readonly sdk: NonNullable<TabPage["sdk"]> } };

/** Starts everything on free ports of the loopback, the service on its embedded database. */
export async function openTabsWorld(browser: OpenBrowser): Promise<TabsWorld> {
  const dataDir = await mkdtemp(join(tmpdir(), "fanfare-tabs-"));
  let port = 0;
  const gate = await openGate(() => port);
  const service = await startService({ dataDir, env: { CONSUMER_PUBLIC_URLS: new URL(gate.url).origin } });
  port = service.ports.consumer;
  const launch = await createLaunch(service.adminUrl, service.operatorKey);
  const site = await servePage(fileURLToPath(new URL("../fixtures/tab-page", import.meta.url)), gate.url, answerElsewhere);
  const config = { organizationId: launch.organizationId, publishableKey: launch.publishableKey, apiUrl: gate.url };
  const closers: (() => Promise<void>)[] = [];

  const tidy = async (): Promise<void> => {
    for (const close of closers.splice(0)) await close();
    // Last: a request that is let go would be sent anew by a page that is still there.
    gate.reset();
  };
  return Object.freeze<TabsWorld>({
    gate,
    launch,
    browser,
    elsewhere: new URL("elsewhere", site.url).href,
    openTabs: async (count, conditions = {}) => {
      const profile = await browser.newProfile(prepare, conditions);
      closers.push(() => profile.close());
      const tabs: Tab[] = [];
      for (let index = 0; index < count; index++) tabs.push(await profile.newTab());
      return tabs;
    },
    start: async (tab) => {
      await tab.goto(site.url);
      await tab.run((options) => (globalThis as unknown as Page).tab.start(options), config);
    },
    selfStarting: (asksForGuest = false) => {
      const url = new URL(site.url);
      url.searchParams.set("config", JSON.stringify(config));
      if (asksForGuest) url.searchParams.set("guest", "now");
      return url.href;
    },
    codeFor: (to) => lettersOf(service.adminUrl, launch).codeFor(to),
    tidy,
    close: async () => {
      await tidy();
      await site.close();
      await service.stop();
      await gate.close();
      await rm(dataDir, { recursive: true });
    },
  });
}

async function answerElsewhere(_request: IncomingMessage, pathname: string, response: ServerResponse): Promise<boolean> {
  if (pathname !== "/elsewhere") return false;
  response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><link rel='icon' href='data:,'><title>Elsewhere</title>");
  return true;
}

// Runs in the page, before anything of the page: it sees nothing of this module.
function prepare(conditions: Conditions): void {
  const refuse = (name: string): never => {
    throw new DOMException("refused", name);
  };
  if (conditions.fullStorage) Storage.prototype.setItem = () => refuse("QuotaExceededError");
  if (conditions.blockedStorage) {
    for (const name of ["localStorage", "sessionStorage"]) Object.defineProperty(globalThis, name, { get: () => refuse("SecurityError") });
  }
  if (conditions.refusedDatabase) IDBFactory.prototype.open = () => refuse("SecurityError");
  if (conditions.fullDatabase) IDBObjectStore.prototype.put = () => refuse("QuotaExceededError");
  if (conditions.noChannel) Object.defineProperty(globalThis, "BroadcastChannel", { value: undefined });
  if (conditions.mute) BroadcastChannel.prototype.postMessage = () => undefined;
  if (conditions.unbound) Object.defineProperty(Crypto.prototype, "subtle", { value: undefined });
  if (conditions.sameChance) Math.random = () => 0.5;
  const now = Date.now.bind(Date);
  const clock = { offMs: conditions.clockOffMs ?? 0 };
  const Right = Date;
  globalThis.Date = new Proxy(Right, {
    construct: (target, argumentsList: []) => (argumentsList.length === 0 ? new target(now() + clock.offMs) : new target(...argumentsList)),
    get: (target, name) => (name === "now" ? () => now() + clock.offMs : Reflect.get(target, name)),
  });
  Object.assign(globalThis, { deviceClock: clock });
}
