import type { AuthModule, FanfareEvents, KeyShelf, Platform, Session, SyncKey } from "@fanfare-io/fanfare-contract";
import type { Emitter } from "../lib/emitter.ts";
import type { Report } from "../lib/report.ts";
import type { TextStorage } from "../lib/storage.ts";
import { createAuthorizedTransport } from "../transport/authorized.ts";
import type { AuthorizedTransport } from "../transport/authorized.ts";
import { FanfareError, toFanfareError } from "../transport/fanfare-error.ts";
import type { Transport } from "../transport/transport.ts";
import { createDeviceKeys, keyLost } from "./device-keys.ts";
import { createGuest } from "./guest.ts";
import { createIdentify } from "./identify.ts";
import { createInstallSecret } from "./install-secret.ts";
import { createRenewal } from "./renewal.ts";
import { createRevocations } from "./revocations.ts";
import { createSessionHolder } from "./session-holder.ts";
import { createVault } from "./vault.ts";

/** What the session of one client is built from. */
export interface AuthOptions {
  readonly transport: Transport;
  readonly emitter: Emitter<FanfareEvents>;
  readonly platform: Platform;
  readonly storage: TextStorage;
  /** Where the device key is kept; null where nothing may be. */
  readonly keyShelf: KeyShelf | null;
  /** The documented storage key of a short name. */
  readonly key: (name: string) => string;
  readonly syncs: (key: SyncKey) => boolean;
  readonly announce: (revision: number) => void;
  /** Called at each change of the session, before its event is told. */
  readonly onSession: (session: Session | null) => void;
  readonly report: Report;
  readonly sessionDuration: number | undefined;
}

/** The session of one client: the public module, and what the rest of the SDK needs of it. */
export interface Auth {
  readonly module: AuthModule;
  readonly authorized: AuthorizedTransport;
  /** Reads the stored session. Waits for a renewal only where the stored session may be over, and at most 3 s. */
  restore(): Promise<void>;
  /** Re-reads the storage because another tab changed it. */
  follow(): Promise<void>;
  /** The page woke up: re-reads the storage first, then sends what is due (rule A9). */
  wake(): Promise<void>;
  stop(): void;
}

const restoreDeadlineMs = 3_000;

/** Wires the session's parts; touches neither storage nor network. */
export function createAuth(options: AuthOptions): Auth {
  const { transport, emitter, platform, storage, keyShelf, key, syncs, onSession, report } = options;
  const onCorrupt = (): void =>
    emitter.emit("auth:error", { error: new FanfareError("INVALID_RESPONSE", "The stored session could not be read and was dropped."), context: "storage" });
  const holder = createSessionHolder({
    ...options,
    vault: createVault(storage, key, onCorrupt),
    follows: { session: syncs("session"), refreshToken: syncs("refreshToken") },
    onChange() {
      renewal.plan();
      onSession(holder.current()?.session ?? null);
    },
  });
  const keys = createDeviceKeys({ platform, shelf: keyShelf });
  const renewal = createRenewal({ ...options, holder, keys });
  const authorized = createAuthorizedTransport(transport, renewal);
  const onFailure = (error: unknown): void => emitter.emit("auth:error", { error: toFanfareError(error), context: "logout" });
  const revocations = createRevocations({ ...options, keys, storageKey: key("revoking"), onFailure });
  const installSecret = createInstallSecret(storage, key("install"), platform);
  const guest = createGuest({ ...options, holder, renewal, revocations, keys, installSecret });

  const module: AuthModule = Object.freeze<AuthModule>({
    check() {
      const session = holder.current()?.session;
      return session ? { isAuthenticated: true, isGuest: session.type === "guest", session } : { isAuthenticated: false, isGuest: false };
    },
    getSession: () => holder.current()?.session ?? null,
    guest,
    ...createIdentify({ ...options, holder, authorized }),
    refresh: renewal.refresh,
    async logout() {
      const key = holder.current()?.stored.key;
      // Out of use before anything is awaited: a guest() that follows at once must get a key of its own (A5).
      const retired = key === undefined ? undefined : keys.retire(key);
      const gone = await holder.logout();
      await retired;
      if (gone?.key !== undefined && gone.key !== key) await keys.retire(gone.key);
      if (gone) await revocations.add(gone.refreshToken, gone.key);
    },
  });

  /** Tokens without their key came from another device, or outlived a wiped database: they open nothing, here or anywhere. */
  const settleLostKey = async (): Promise<void> => {
    const live = holder.current();
    if (live?.stored.key !== undefined && (await keys.isLost(live.stored.key))) await holder.refused(live, "revoked", keyLost());
  };

  const settleStale = async (): Promise<void> => {
    const live = holder.current();
    if (!live || platform.clock.monotonic() < live.deadAt || Date.parse(live.session.expiresAt) > transport.serverNow()) return;
    let cancel = (): void => {};
    const deadline = new Promise<void>((resolve) => {
      cancel = platform.clock.setTimeout(resolve, restoreDeadlineMs);
    });
    await Promise.race([renewal.refresh().catch(() => undefined), deadline]);
    cancel();
  };

  return Object.freeze<Auth>({
    module,
    authorized,
    async restore() {
      await holder.reload(true);
      await settleLostKey();
      await settleStale();
      void revocations.retry().catch(report);
    },
    follow: () => holder.reload(),
    async wake() {
      await holder.reload();
      renewal.wake();
      void revocations.retry().catch(report);
    },
    stop: renewal.stop,
  });
}
