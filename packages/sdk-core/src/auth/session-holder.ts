import type { FanfareEvents, LogoutReason, Platform } from "@fanfare-io/fanfare-contract";
import type { Emitter } from "../lib/emitter.ts";
import { createMailbox } from "../lib/mailbox.ts";
import type { Mailbox } from "../lib/mailbox.ts";
import type { LiveSession } from "./live-session.ts";
import type { TabSession } from "./tab-session.ts";
import type { Contents, Revoking, Vault } from "./vault.ts";

/** What the holder needs from outside. */
export interface SessionHolderOptions {
  readonly vault: Vault;
  readonly tab: TabSession;
  readonly emitter: Emitter<FanfareEvents>;
  readonly platform: Pick<Platform, "clock">;
  /** Tells the other tabs that the storage has changed. */
  readonly announce: (revision: number) => void;
}

/** How a session is ended in the storage. */
export interface Ending {
  readonly reason: LogoutReason;
  /** What the service has to hear of then. */
  readonly revokes?: (now: Contents) => readonly Revoking[];
  /** Whether what is stored must stay. */
  readonly stands: (now: Contents) => boolean;
}

/** The tab and the storage, one change after the other: reading, following, leaving. What only the service's answers bring is in the writer. */
export interface SessionHolder {
  readonly post: Mailbox;
  current(): LiveSession | null;
  epoch(): number;
  /** How often the shopper has logged out in this tab: an act that finds it grown was asked for before, and is not done any more. */
  logouts(): number;
  /** Re-reads the storage and follows what other tabs did (rule A9). `always` also where syncing is off. */
  reload(always?: boolean): Promise<Contents>;
  /** Follows what a transaction has found; a tab that is leaving follows nobody. */
  follow(contents: Contents): void;
  /** Ends what is stored; whether it did. To be called inside the mailbox. */
  end(ending: Ending): Promise<boolean>;
  /** The shopper logs out: gone in this tab before the call returns; the promise is for the storage. */
  logout(): Promise<void>;
}

/** Creates the holder; nothing is read before `reload`. */
export function createSessionHolder({ vault, tab, emitter, platform, announce }: SessionHolderOptions): SessionHolder {
  const post = createMailbox();
  /** Logouts whose storage is not cleared yet: what is still stored, or just now written by a tab that has not heard, must not log us in again. */
  let leaving = 0;
  let logouts = 0;
  const follow = (contents: Contents, always: boolean): void => {
    if (leaving === 0) tab.follow(contents, always);
  };

  const end = async ({ reason, revokes = () => [], stands }: Ending): Promise<boolean> => {
    let revision = 0;
    const contents = await vault.transact((now) => {
      revision = stands(now) ? 0 : tab.nextRevision(now);
      if (revision === 0) return null;
      return { session: null, key: null, install: null, renewing: 0, ended: { revision, reason }, revoking: [...now.revoking, ...revokes(now)] };
    });
    if (revision === 0) {
      follow(contents, true);
      return false;
    }
    // Newer than anything stored, so that a tab which is slow to hear does not follow what it finds.
    tab.seen(revision);
    announce(revision);
    return true;
  };

  /** What the service has to hear of when `mine`, or whoever is stored, logs out: the newest tokens of each. */
  const revokedBy =
    (mine: LiveSession | null) =>
    (now: Contents): readonly Revoking[] => {
      const since = platform.clock.now();
      const stored = now.session;
      const isMine = stored !== null && stored.session.consumerId === mine?.session.consumerId;
      return [
        ...(mine && !isMine ? [{ refreshToken: mine.stored.refreshToken, key: mine.key, since }] : []),
        ...(stored ? [{ refreshToken: stored.refreshToken, key: tab.keyFor(stored, now) ?? mine?.key ?? null, since }] : []),
      ];
    };

  return Object.freeze<SessionHolder>({
    post,
    current: tab.current,
    epoch: tab.epoch,
    logouts: () => logouts,
    end,
    follow: (contents) => follow(contents, true),
    reload: (always = false) =>
      post(async () => {
        const contents = await vault.read();
        follow(contents, always);
        return contents;
      }),
    async logout() {
      const mine = tab.current();
      tab.drop();
      if (mine) emitter.emit("auth:logout", { reason: "user" });
      leaving++;
      logouts++;
      await post(async () => {
        // Nobody to log out: not even an empty database is left behind (A10).
        if (!mine && !(await vault.read()).session) return;
        await end({ reason: "user", revokes: revokedBy(mine), stands: ({ session }) => !mine && !session });
      }).finally(() => leaving--);
    },
  });
}
