import type { FanfareErrorShape, FanfareEvents, LogoutReason, Platform, SigningKey } from "@fanfare-io/fanfare-contract";
import type { Emitter } from "../lib/emitter.ts";
import { isSuccessor } from "./successor.ts";
import { FanfareError } from "../transport/fanfare-error.ts";
import { liveSessionOf } from "./live-session.ts";
import type { LiveSession } from "./live-session.ts";
import type { StoredSession } from "./stored-session.ts";
import type { Contents } from "./vault.ts";

/** What the session of a tab needs from outside. */
export interface TabSessionOptions {
  readonly emitter: Emitter<FanfareEvents>;
  readonly platform: Pick<Platform, "clock" | "random">;
  /** Whether logins and logouts, and whether renewed tokens, are taken over from other tabs. */
  readonly follows: { readonly session: boolean; readonly refreshToken: boolean };
  /** Called after each change of the session in this tab. */
  readonly onChange: () => void;
}

/** Who this tab is: changed at once, without waiting for anything, and each change told once. */
export interface TabSession {
  current(): LiveSession | null;
  /** Grows whenever the identity in this tab changes; an operation that finds it grown was overtaken. */
  epoch(): number;
  /** The revision that the next write gets: newer than all that this tab has seen, stored or not. */
  nextRevision(contents: Contents): number;
  /** Whether the storage holds a newer session than this tab, with its key. */
  isAhead(contents: Contents): boolean;
  /** Whether somebody has logged out that this tab has not heard of: what was asked for before is not brought back. */
  isOut(contents: Contents): boolean;
  /** Whether the storage says that this tab's session has ended. */
  isOver(contents: Contents): boolean;
  /** The key that goes with a stored session; null for an unbound one, undefined where it is not on this device. */
  keyFor(stored: StoredSession, contents: Contents): SigningKey | null | undefined;
  /** Makes this tab agree with the storage. `always` also where syncing is off. */
  follow(contents: Contents, always: boolean): void;
  /**
   * The tab is this session's now, and says what that means: renewed, somebody new, the same shopper known by now, or another one. `isNew`: it
   * was opened here.
   */
  become(stored: StoredSession, key: SigningKey | null, isNew: boolean): LiveSession;
  /** This tab is nobody now; told by the caller. */
  drop(): void;
  /** This tab has ended what was stored: nothing older than this revision is followed any more. */
  seen(revision: number): void;
  /** The session is gone for good. `stored`: one that was never shown. */
  tellEnded(reason: LogoutReason, error: FanfareErrorShape, stored?: StoredSession): void;
}

/** Nobody, until something is taken. */
export function createTabSession({ emitter, platform, follows, onChange }: TabSessionOptions): TabSession {
  let live: LiveSession | null = null;
  let epoch = 0;
  let lastRevision = 0;
  /** The last end that this tab knows of, by its revision, which begins anew where the storage was wiped; null until it has looked. */
  let lastEnd: number | null = null;
  /** Who this tab was before its session ended (rule A8). */
  let endedConsumerId: string | null = null;

  const tab: TabSession = Object.freeze<TabSession>({
    current: () => live,
    epoch: () => epoch,
    nextRevision: ({ session, ended }) => Math.max(lastRevision, session?.revision ?? 0, ended?.revision ?? 0) + 1,
    // Nobody follows whoever is there, since revisions begin anew where the storage was wiped; what has ended is marked as that.
    isAhead: (contents) => {
      const { session } = contents;
      return session !== null && (!live || session.revision > lastRevision) && tab.keyFor(session, contents) !== undefined;
    },
    isOut: ({ ended }) => ended !== null && lastEnd !== null && ended.revision !== lastEnd,
    isOver: ({ session, ended }) => !session && ended !== null && ended.revision >= lastRevision,
    // A page goes on with a key that was wiped under it.
    keyFor: (stored, { key }) => (stored.key === undefined ? null : [key, live?.key].find((it) => it?.id === stored.key)),
    become(stored, key, isNew) {
      const before = live?.session;
      const { session: next } = stored;
      const isSame = live !== null && isSameIdentity(live, stored);
      if (!isSame) {
        // Whoever was a guest and is known by now has not left: the places are theirs still.
        if (before && isSuccessor(before, next)) endedConsumerId = before.consumerId;
        else if (before) {
          tab.drop();
          emitter.emit("auth:logout", { reason: "replaced" });
        }
        epoch++;
      }
      live = liveSessionOf(stored, key, platform.clock, platform.random);
      lastRevision = stored.revision;
      onChange();
      const taken = live;
      const { session } = taken;
      if (isSame) emitter.emit("auth:refreshed", { session });
      else {
        const previous = endedConsumerId !== null && endedConsumerId !== session.consumerId ? { previousConsumerId: endedConsumerId } : {};
        endedConsumerId = null;
        emitter.emit("auth:authenticated", { session, isNew, ...previous });
        if (session.type === "authenticated" && session.linked && (isNew || before)) emitter.emit("auth:linked", { session, outcome: session.linked });
      }
      return taken;
    },
    drop() {
      endedConsumerId = live?.session.consumerId ?? endedConsumerId;
      live = null;
      epoch++;
      onChange();
    },
    seen(revision) {
      lastEnd = revision;
      lastRevision = Math.max(lastRevision, revision);
    },
    tellEnded(reason, error, stored) {
      endedConsumerId = stored?.session.consumerId ?? endedConsumerId;
      emitter.emit("auth:error", { error, context: "unauthorized" });
      emitter.emit("auth:logout", { reason });
    },
    follow(contents, always) {
      const { session, ended } = contents;
      if (tab.isOut(contents)) epoch++;
      lastEnd = ended?.revision ?? lastEnd ?? 0;
      // The same revision with other tokens: two tabs without a database wrote at once, and all go by the one that stayed.
      const isTied = session?.revision === lastRevision && live !== null && live.stored.refreshToken !== session.refreshToken;
      const key = session && tab.keyFor(session, contents);
      if (session && key !== undefined && (tab.isAhead(contents) || isTied)) {
        const isSame = live !== null && isSameIdentity(live, session);
        if (!always && !(isSame ? follows.refreshToken : follows.session)) return;
        tab.become(session, key, false);
      } else if (live && ended && tab.isOver(contents) && (always || follows.session)) {
        lastRevision = ended.revision;
        tab.drop();
        if (ended.reason === "expired" || ended.reason === "revoked") tab.tellEnded(ended.reason, sessionEnded());
        else emitter.emit("auth:logout", { reason: "other_tab" });
      }
    },
  });
  return tab;
}

/** Whether two sessions are of one consumer, as the same kind. */
export function isSameIdentity({ session }: Pick<LiveSession, "session">, { session: other }: Pick<StoredSession, "session">): boolean {
  return session.consumerId === other.consumerId && session.type === other.type;
}

/** The session of this tab is over, whoever ended it. */
export function sessionEnded(): FanfareError {
  return new FanfareError("SESSION_ENDED", "The session has ended; call auth.guest() to begin a new one.");
}
