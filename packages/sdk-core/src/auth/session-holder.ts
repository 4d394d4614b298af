import type { FanfareErrorShape, FanfareEvents, LogoutReason, Platform, TokenResponse } from "@fanfare-io/fanfare-contract";
import type { Emitter } from "../lib/emitter.ts";
import { createMailbox } from "../lib/mailbox.ts";
import { FanfareError } from "../transport/fanfare-error.ts";
import { liveSessionOf, storedSessionOf } from "./live-session.ts";
import type { LiveSession } from "./live-session.ts";
import type { StoredSession } from "./stored-session.ts";
import type { Vault, VaultContents } from "./vault.ts";

/** What the holder needs from outside. */
export interface SessionHolderOptions {
  readonly vault: Vault;
  readonly emitter: Emitter<FanfareEvents>;
  readonly platform: Pick<Platform, "clock" | "random">;
  /** Whether logins and logouts, and whether renewed tokens, are taken over from other tabs. */
  readonly follows: { readonly session: boolean; readonly refreshToken: boolean };
  /** Tells the other tabs that the storage has changed. */
  readonly announce: (revision: number) => void;
  /** Called after each change of the session in this tab. */
  readonly onChange: () => void;
}

/**
 * The one place where the session of this tab changes: every change goes through it, tells its event once, and is
 * guarded against answers that come too late.
 */
export interface SessionHolder {
  current(): LiveSession | null;
  /** Grows whenever the identity in this tab changes; an operation that finds it grown was overtaken. */
  epoch(): number;
  /** Takes a freshly opened session; null when it was overtaken. Prefers what another tab stored meanwhile. */
  commitOpened(answer: TokenResponse, epoch: number): Promise<LiveSession | null>;
  /** Takes the tokens that renew `used`, or keeps what has replaced it meanwhile; null when nobody is left. */
  commitRenewed(answer: TokenResponse, used: LiveSession): Promise<LiveSession | null>;
  /** Re-reads the storage and follows what other tabs did (rule A9). `always` also where syncing is off. */
  reload(always?: boolean): Promise<void>;
  /** The shopper logs out: gone in this tab before the call returns; the promise is for the storage. */
  logout(): Promise<StoredSession | null>;
  /** The service refused `used` for good. Keeps the session where another tab holds a newer one. */
  refused(used: LiveSession, reason: "expired" | "revoked", error: FanfareErrorShape): Promise<void>;
}

/** Creates the holder; nothing is read before `reload`. */
export function createSessionHolder({ vault, emitter, platform, follows, announce, onChange }: SessionHolderOptions): SessionHolder {
  const { clock, random } = platform;
  const post = createMailbox();
  let live: LiveSession | null = null;
  let epoch = 0;
  let lastRevision = 0;
  /** Who this tab was before its session ended (rule A8). */
  let endedConsumerId: string | null = null;
  /** Logouts whose storage is not cleared yet: what is still stored, or just now written by a tab that has not heard, must not log us in again. */
  let leaving = 0;

  const take = (stored: StoredSession): LiveSession => {
    if (live?.session.consumerId !== stored.session.consumerId || live.session.type !== stored.session.type) epoch++;
    live = liveSessionOf(stored, clock, random);
    lastRevision = stored.revision;
    onChange();
    return live;
  };
  const drop = (revision: number): void => {
    endedConsumerId = live?.session.consumerId ?? endedConsumerId;
    live = null;
    epoch++;
    lastRevision = revision;
    onChange();
  };
  const tellAuthenticated = (taken: LiveSession, isNew: boolean): void => {
    const { session } = taken;
    const previous = endedConsumerId !== null && endedConsumerId !== session.consumerId ? { previousConsumerId: endedConsumerId } : {};
    endedConsumerId = null;
    emitter.emit("auth:authenticated", { session, isNew, ...previous });
  };
  const tellEnded = (reason: LogoutReason, error: FanfareErrorShape): void => {
    emitter.emit("auth:error", { error, context: "unauthorized" });
    emitter.emit("auth:logout", { reason });
  };
  const nextRevision = ({ session, ended }: VaultContents): number => Math.max(lastRevision, session?.revision ?? 0, ended?.revision ?? 0) + 1;
  const save = async (answer: TokenResponse, contents: VaultContents): Promise<LiveSession> => {
    const stored = storedSessionOf(answer, nextRevision(contents), clock.now());
    const taken = take(stored);
    await vault.write(stored);
    announce(stored.revision);
    return taken;
  };

  /** Makes this tab agree with the storage; true when it changed something. */
  const follow = ({ session, ended }: VaultContents, always: boolean): boolean => {
    if (leaving > 0) return false;
    const before = live;
    // The same revision with other tokens: two tabs wrote at once, and all go by the one that stayed.
    const tied = session?.revision === lastRevision && before !== null && before.stored.refreshToken !== session.refreshToken;
    if (session && (session.revision > lastRevision || tied)) {
      const same = before?.session.consumerId === session.session.consumerId && before.session.type === session.session.type;
      if (!always && !(same ? follows.refreshToken : follows.session)) return false;
      if (before && !same) {
        drop(lastRevision);
        emitter.emit("auth:logout", { reason: "replaced" });
      }
      const taken = take(session);
      if (same) emitter.emit("auth:refreshed", { session: taken.session });
      else tellAuthenticated(taken, false);
      return true;
    }
    if (before && !session && ended && ended.revision >= lastRevision && (always || follows.session)) {
      drop(ended.revision);
      if (ended.reason === "expired" || ended.reason === "revoked") tellEnded(ended.reason, sessionEnded());
      else emitter.emit("auth:logout", { reason: "other_tab" });
      return true;
    }
    return false;
  };

  return Object.freeze<SessionHolder>({
    current: () => live,
    epoch: () => epoch,
    commitOpened: (answer, startedIn) =>
      post(async () => {
        const contents = await vault.read();
        const opensGuest = answer.session.type === "guest";
        // Overtaken: by a logout, then nobody is here; or by the guest of another tab, then that is who we are (A1).
        if (epoch !== startedIn) return opensGuest ? live : null;
        if (opensGuest && contents.session && contents.session.revision > lastRevision) {
          // Another tab created a guest at the same time; whoever stored first wins, so that all tabs are one consumer (A1).
          follow(contents, true);
          return live;
        }
        if (live && live.session.consumerId !== answer.session.consumerId) {
          drop(lastRevision);
          emitter.emit("auth:logout", { reason: "replaced" });
        }
        const taken = await save(answer, contents);
        tellAuthenticated(taken, true);
        if (taken.session.type === "authenticated" && taken.session.linked)
          emitter.emit("auth:linked", { session: taken.session, outcome: taken.session.linked });
        return taken;
      }),
    commitRenewed: (answer, used) =>
      post(async () => {
        const contents = await vault.read();
        // A slow answer: this or another tab has renewed again, logged out, or become somebody else since. What is there
        // now is at least as new, because a refresh token is answered with nothing but its own child.
        if (live !== used) return live;
        if (follow(contents, true)) return live;
        const taken = await save(answer, contents);
        emitter.emit("auth:refreshed", { session: taken.session });
        return taken;
      }),
    reload: (always = false) => post(async () => void follow(await vault.read(), always)),
    async logout() {
      const mine = live?.stored ?? null;
      if (mine) {
        drop(lastRevision);
        emitter.emit("auth:logout", { reason: "user" });
      } else {
        epoch++;
      }
      leaving++;
      return post(async () => {
        const contents = await vault.read();
        const revision = nextRevision(contents);
        const gone = mine ?? contents.session;
        if (!gone) return null;
        // Newer than anything stored, so that a tab which is slow to hear does not follow what it finds.
        lastRevision = Math.max(lastRevision, revision);
        await vault.end({ revision, reason: "user" });
        announce(revision);
        return contents.session?.session.consumerId === gone.session.consumerId ? contents.session : gone;
      }).finally(() => leaving--);
    },
    refused: (used, reason, error) =>
      post(async () => {
        if (live !== used) return;
        const contents = await vault.read();
        if (follow(contents, true)) return;
        const revision = nextRevision(contents);
        drop(revision);
        await vault.end({ revision, reason });
        announce(revision);
        tellEnded(reason, error);
      }),
  });
}

function sessionEnded(): FanfareErrorShape {
  return new FanfareError("SESSION_ENDED", "The session has ended; call auth.guest() to begin a new one.");
}
