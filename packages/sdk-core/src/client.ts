import type { ActiveExperiences, FanfareConfig, FanfareEvents, FanfareSDK, Platform, Session } from "@fanfare-io/fanfare-contract";
import { createAuth } from "./auth/auth.ts";
import { resolveConfig } from "./config.ts";
import type { ConfigPage, ResolvedConfig } from "./config.ts";
import { createJourneys } from "./journey/journeys.ts";
import { createParticipations, syncKeyOfGroup } from "./journey/participations.ts";
import { createEmitter } from "./lib/emitter.ts";
import type { Emitter } from "./lib/emitter.ts";
import { reportUncaught } from "./lib/report.ts";
import { createMemoryStorage, createResilientStorage } from "./lib/storage.ts";
import type { TextStorage } from "./lib/storage.ts";
import { mechanisms } from "./mechanisms/registry.ts";
import { resolvePlatform } from "./platform.ts";
import { openTabs } from "./tabs.ts";
import { FanfareError } from "./transport/fanfare-error.ts";
import { createTransport } from "./transport/transport.ts";

/**
 * Starts the SDK. Resolves with the stored session restored and active participations going on; stores and sends nothing
 * for somebody who was not here before (rules A2, A10).
 *
 * @throws FanfareError for a configuration that cannot work, naming the field and the fix; never for storage trouble.
 */
export default async function initFanfare(config: FanfareConfig): Promise<FanfareSDK> {
  const resolved = resolveConfig(config, readPage());
  const platform = resolvePlatform(config.platform);
  const { sdk, releaseEvents } = createClient(resolved, platform);
  if (resolved.autoRestore) {
    await sdk.restore();
    if (resolved.autoResume) void sdk.resume().catch(reportUncaught);
  }
  releaseEvents();
  return sdk;
}

function createClient(config: ResolvedConfig, platform: Platform): { readonly sdk: FanfareSDK; readonly releaseEvents: () => void } {
  const report = reportUncaught;
  const emitter = createEmitter<FanfareEvents>(report, config.debug ? (event, payload) => console.debug("[fanfare]", event, payload) : undefined);
  const storage = openStorage(config, platform, emitter);
  const key = (name: string): string => `fanfare:${config.organizationId}:${name}`;
  const transport = createTransport({ ...config, platform });
  const tabs = openTabs(config.channelName === null ? null : platform.channel(config.channelName));
  const participations = createParticipations({ storage, key, mechanisms, announce: () => tabs.announce(0) });
  let loaded: Promise<void> = Promise.resolve();
  let consumerId: string | null = null;

  const onSession = (session: Session | null): void => {
    const next = session?.consumerId ?? null;
    if (next === consumerId) return;
    if (consumerId !== null) {
      journeys.sessionEnded();
      void participations.clear().catch(report);
    }
    consumerId = next;
    if (next !== null) loaded = participations.load(next).then(journeys.sessionBegan, report);
  };
  const shared = { ...config, transport, platform, emitter, report };
  const keyShelf = config.storage === "memory" ? null : platform.keyShelf(`fanfare:${config.organizationId}`);
  const auth = createAuth({ ...shared, storage, keyShelf, key, announce: tabs.announce, onSession });
  const { module } = auth;
  const journeys = createJourneys({ ...shared, authorized: auth.authorized, participations, mechanisms, session: module.getSession, guest: module.guest });

  const follows = (group: keyof ActiveExperiences): boolean => {
    const syncKey = syncKeyOfGroup[group];
    return config.syncs("activeJourneys") && (!syncKey || config.syncs(syncKey));
  };
  const follow = async (): Promise<void> => {
    await auth.follow();
    if (consumerId === null) return;
    await participations.load(consumerId);
    journeys.adopt(follows);
  };
  const stopFollowing = tabs.listen(() => void follow().catch(report));
  const stopWaking = platform.visibility.onWake(() => {
    // The storage first: a tab that slept may have been logged out, or overtaken (A9).
    void auth.wake().then(follow).then(journeys.wake).catch(report);
  });
  let cancelRelease = (): void => undefined;
  // A task after initialization, however long the storage took: whoever awaits initFanfare can listen first and hear of the restored session.
  const releaseEvents = (): void => {
    cancelRelease = platform.clock.setTimeout(emitter.release, 0);
  };

  const sdk = Object.freeze<FanfareSDK>({
    auth: module,
    journeys: Object.freeze({ get: journeys.get, resumeAll: journeys.resumeAll }),
    on: emitter.on,
    async restore() {
      await auth.restore();
      await loaded;
      return { session: module.getSession(), experiences: participations.active() };
    },
    async resume() {
      await loaded;
      await journeys.resumeAll();
    },
    destroy() {
      cancelRelease();
      stopFollowing();
      stopWaking();
      journeys.destroy();
      auth.stop();
      transport.stop();
      tabs.close();
      emitter.clear();
    },
  });
  return { sdk, releaseEvents };
}

function openStorage({ storage }: ResolvedConfig, platform: Platform, emitter: Emitter<FanfareEvents>): TextStorage {
  const inner = typeof storage === "object" ? storage : storage === "memory" ? null : platform.storage(storage);
  return createResilientStorage(inner ?? createMemoryStorage(), (cause) => {
    const error = new FanfareError("INVALID_CONFIG", "The browser refused storage; the session lives in this page's memory only.", { cause });
    emitter.emit("auth:error", { error, context: "storage" });
  });
}

function readPage(): ConfigPage {
  const meta = typeof document === "object" ? document.querySelector('meta[name="fanfare-api-url"]') : null;
  return { metaApiUrl: meta?.getAttribute("content") || null, origin: typeof location === "object" ? location.origin : null };
}
