import type { ActiveExperiences, FanfareConfig, FanfareErrorCode, FanfareEvents, FanfareSDK } from "@fanfare-io/fanfare-contract";
import { createAuth } from "./auth/auth.ts";
import { isSuccessor } from "./auth/successor.ts";
import { resolveConfig } from "./config.ts";
import type { ConfigPage, ResolvedConfig } from "./config.ts";
import { openDevice } from "./device.ts";
import { createJourneysDoor } from "./journeys-door.ts";
import { createEmitter } from "./lib/emitter.ts";
import { reportUncaught } from "./lib/report.ts";
import { resolvePlatform } from "./transport/platform.ts";
import type { PagePlatform } from "./transport/platform.ts";
import { unversioned } from "./lib/versioned-json.ts";
import { openTabs } from "./tabs.ts";
import type { FanfareErrorFacts } from "./transport/error-class.ts";
import { FanfareError } from "./transport/fanfare-error.ts";

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

function createClient(config: ResolvedConfig, platform: PagePlatform): { readonly sdk: FanfareSDK; readonly releaseEvents: () => void } {
  const report = reportUncaught;
  const emitter = createEmitter<FanfareEvents>(report, config.debug ? (event, payload) => console.debug("[fanfare]", event, payload) : undefined);
  const device = openDevice({
    ...config,
    platform,
    onRefused: (cause) => tell("INVALID_CONFIG", "Storage is refused; the session ends with this page.", { cause }),
    onNewer: () => tellUnreadable("newer"),
  });
  /** The session goes on, but not as the host may expect. */
  const tell = (code: FanfareErrorCode, message: string, facts: FanfareErrorFacts): void =>
    emitter.emit("auth:error", { error: new FanfareError(code, message, facts), context: "storage" });
  const tellUnreadable = (reason: "dropped" | "newer"): void => tell("INVALID_RESPONSE", "The stored session could not be read.", { details: { reason } });
  const tabs = openTabs(config.channelName === null ? null : platform.channel(config.channelName));
  const shared = { ...config, platform, emitter, report };
  const auth = createAuth({ ...shared, device, tellUnreadable, announce: tabs.announce, onSession: (session) => journeys.become(session) });
  const { module } = auth;
  const journeys = createJourneysDoor({
    open: async () => {
      const [{ openJourneys }, online] = await Promise.all([import("./journey/part.ts"), auth.online()]);
      return openJourneys({
        ...shared,
        ...online,
        device,
        awake: () => waking,
        announce: () => tabs.announce(0),
        session: module.getSession,
        guest: module.guest,
        isSuccessor,
      });
    },
    async stored(session) {
      const state = unversioned((await device.read()).get("state"));
      // Of the guest, too, that this consumer was when it was written.
      return state && session && [session.consumerId, session.guestId].includes(state["consumerId"] as string) ? (state["active"] as ActiveExperiences) : null;
    },
    report,
  });
  const follow = async (): Promise<void> => {
    await auth.follow();
    await journeys.follow();
  };
  const stopFollowing = tabs.listen(() => void follow().catch(report));
  let waking = Promise.resolve();
  const stopWaking = platform.visibility.onWake(() => {
    // The storage first: a tab that slept may have been logged out, or overtaken (A9).
    waking = auth.wake().then(follow).then(journeys.wake).catch(report);
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
      const experiences = await journeys.active();
      return { session: module.getSession(), experiences };
    },
    resume: journeys.resumeAll,
    destroy() {
      cancelRelease();
      stopFollowing();
      stopWaking();
      journeys.destroy();
      auth.stop();
      tabs.close();
      emitter.clear();
    },
  });
  return { sdk, releaseEvents };
}

function readPage(): ConfigPage {
  const meta = typeof document === "object" ? document.querySelector('meta[name="fanfare-api-url"]') : null;
  return { metaApiUrl: meta?.getAttribute("content") || null, origin: typeof location === "object" ? location.origin : null };
}
