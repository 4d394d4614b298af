import type { AuthModule, FanfareConfig, FanfareErrorShape, FanfareEvents, Session, SyncKey } from "@fanfare-io/fanfare-contract";
import { createAlarm } from "../lib/alarm.ts";
import type { Emitter } from "../lib/emitter.ts";
import { inTime } from "../lib/in-time.ts";
import { createLazy } from "../lib/lazy.ts";
import type { Report } from "../lib/report.ts";
import { partMissing } from "../transport/fanfare-error.ts";
import { isDead, isDue } from "./live-session.ts";
import type { Act, Online } from "./online.ts";
import { createSessionHolder } from "./session-holder.ts";
import { createTabSession, sessionEnded } from "./tab-session.ts";
import { createVault } from "./vault.ts";
import type { Contents, VaultOptions } from "./vault.ts";
import type { PagePlatform } from "../transport/platform.ts";

/** What the session of one client is built from. */
export interface AuthOptions {
  readonly apiUrl: string;
  readonly publishableKey: string;
  readonly sessionDuration: number | undefined;
  readonly privacy?: FanfareConfig["privacy"];
  readonly emitter: Emitter<FanfareEvents>;
  readonly platform: PagePlatform;
  readonly device: VaultOptions["device"] & {
    keepsKeys(): boolean;
    copyOf(name: string): Promise<unknown>;
    copy(name: string, value: unknown): Promise<void>;
  };
  readonly syncs: (key: SyncKey) => boolean;
  readonly announce: (revision: number) => void;
  /** Called at each change of the session, before its event is told. */
  readonly onSession: (session: Session | null) => void;
  /** Tells the host that what was stored is no session. */
  readonly tellUnreadable: (what: "dropped") => void;
  readonly report: Report;
}

/** The session of one client: the public module, and what the rest of the SDK needs of it. */
export interface Auth {
  readonly module: AuthModule;
  /** What talks to the service. */
  online(): Promise<Pick<Online, "platform" | "transport" | "authorized">>;
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
  const { emitter, platform, device, syncs, onSession, tellUnreadable, report } = options;
  const { clock } = platform;
  let stopped = false;
  const vault = createVault({ device, onUnreadable: tellUnreadable });
  const alarm = createAlarm(clock);
  const tab = createTabSession({
    ...options,
    follows: { session: syncs("session"), refreshToken: syncs("refreshToken") },
    onChange() {
      plan();
      onSession(tab.current()?.session ?? null);
    },
  });
  const holder = createSessionHolder({ ...options, vault, tab });
  const lazy = createLazy<Online>(async () => {
    const { createOnline } = await import("./online.ts").catch(partMissing);
    const online = await createOnline({ ...options, vault, tab, holder, keepsKeys: device.keepsKeys });
    alarm.cancel();
    if (stopped) online.stop();
    else online.renewal.plan();
    return online;
  });
  /** Until the code for it is here, all there is to a renewal is when to fetch that code. */
  const plan = (): void => {
    const live = holder.current();
    const online = lazy.now();
    if (online) return online.renewal.plan();
    alarm.cancel();
    if (live && !stopped) alarm.set(live.renewAt - clock.monotonic(), () => void lazy.load().catch(() => alarm.set(retryMs, plan)));
  };
  /** An act whose code arrives after the shopper has left is not done any more. */
  const act = <A extends Act>(name: A): AuthModule[A] =>
    (async (argument: never) => {
      const epoch = holder.epoch();
      const run = (await (await lazy.load()).act(name)) as (argument: never) => Promise<unknown>;
      if (epoch !== holder.epoch() && !holder.current()) throw sessionEnded();
      return run(argument);
    }) as AuthModule[A];
  const revoke = async ({ revoking }: Pick<Contents, "revoking">): Promise<void> => {
    if (revoking.length > 0) await (await lazy.load()).revocations.send();
  };

  const module: AuthModule = Object.freeze<AuthModule>({
    check() {
      const session = holder.current()?.session;
      return session ? { isAuthenticated: true, isGuest: session.type === "guest", session } : { isAuthenticated: false, isGuest: false };
    },
    getSession: () => holder.current()?.session ?? null,
    guest: act("guest"),
    requestOtp: act("requestOtp"),
    verifyOtp: act("verifyOtp"),
    beginExternal: act("beginExternal"),
    exchangeExternal: act("exchangeExternal"),
    refresh: async () => (await lazy.load()).renewal.refresh(),
    async logout() {
      await holder.logout();
      await revoke(await vault.read()).catch((error: FanfareErrorShape) => emitter.emit("auth:error", { error, context: "logout" }));
    },
  });

  /** A session that may be over is asked about before it is shown (rule A4). */
  const settleStale = async (): Promise<void> => {
    const live = holder.current();
    if (!live || !isDead(live, clock)) return;
    const settled = lazy.load().then(async ({ renewal, transport }) => {
      if (Date.parse(live.session.expiresAt) <= transport.serverNow()) await renewal.refresh();
    });
    await inTime(clock, restoreDeadlineMs, settled);
  };

  return Object.freeze<Auth>({
    module,
    online: lazy.load,
    async restore() {
      const contents = await holder.reload(true);
      const copy = await device.copyOf("session");
      const stored = contents.session;
      const { revision } = (copy ?? {}) as { readonly revision?: unknown };
      const isCopyRight = copy === undefined || (stored ? revision === stored.revision : copy === null);
      if (!isCopyRight || (stored && !holder.current())) {
        // What cannot be mended now is found like that again at the next start; the database is the truth meanwhile.
        await import("./mending.ts").catch(partMissing).then(
          ({ mend }) => mend({ device, vault, holder, tab, contents, copy, tellUnreadable }),
          (error: FanfareErrorShape) => emitter.emit("auth:error", { error, context: "restore" }),
        );
      }
      await settleStale();
      void revoke(contents).catch(report);
    },
    async follow() {
      await holder.reload();
    },
    async wake() {
      const contents = await holder.reload();
      const live = holder.current();
      if (live && isDue(live, clock)) void lazy.load().then(({ renewal }) => renewal.wake(), report);
      void revoke(contents).catch(report);
    },
    stop() {
      stopped = true;
      alarm.cancel();
      lazy.now()?.stop();
    },
  });
}

/** A page that could not fetch the code of renewals tries again after this. */
const retryMs = 10_000;
