import type { FanfareErrorShape, FanfareEvents, Platform, TokenResponse } from "@fanfare-io/fanfare-contract";
import type { Emitter } from "../lib/emitter.ts";
import { bindingOf, storedSessionOf } from "./live-session.ts";
import type { BindingKey, LiveSession } from "./live-session.ts";
import type { SessionHolder } from "./session-holder.ts";
import type { StoredSession } from "./stored-session.ts";
import type { TabSession } from "./tab-session.ts";
import type { Contents, Vault } from "./vault.ts";

/** What the writer needs from outside. */
export interface SessionWriterOptions {
  readonly holder: SessionHolder;
  readonly tab: TabSession;
  readonly vault: Vault;
  readonly emitter: Emitter<FanfareEvents>;
  readonly platform: Pick<Platform, "clock">;
  readonly announce: (revision: number) => void;
}

/** What the service's answers change, each guarded against coming too late. */
export interface SessionWriter extends Pick<SessionHolder, "current" | "epoch" | "reload"> {
  /** Takes a freshly opened session, bound to `binding` where the service says so; null when it was overtaken. `isNew` (true) as its event tells. Prefers what another tab stored meanwhile. */
  commitOpened(answer: TokenResponse, epoch: number, binding: BindingKey | null, isNew?: boolean): Promise<LiveSession | null>;
  /** Takes the tokens that renew `used`, or keeps what has replaced it meanwhile; null when nobody is left. */
  commitRenewed(answer: TokenResponse, used: LiveSession): Promise<LiveSession | null>;
  /**
   * Says in the storage that this tab is about to renew the session; false while another tab does. Nobody has to wait longer than
   * `claimMs` for a tab that crashed, froze or hangs: then the claim is void.
   */
  claim(): Promise<boolean>;
  /** Takes a claim back that came to nothing. */
  release(): Promise<void>;
  /** The service refused `used` for good. Keeps the session where another tab holds a newer one. */
  refused(used: LiveSession, reason: "expired" | "revoked", error: FanfareErrorShape): Promise<void>;
}

/** How long other tabs leave the renewal to one. */
export const claimMs = 2_000;

/** Creates the writer of one client. */
export function createSessionWriter({ holder, tab, vault, emitter, platform, announce }: SessionWriterOptions): SessionWriter {
  const { post, follow, current, epoch, reload } = holder;
  const { clock } = platform;

  /** Stores an answer unless `stands` says that what is there must stay; null then. */
  const store = async (answer: TokenResponse, binding: BindingKey | null, stands: (now: Contents) => boolean): Promise<[StoredSession | null, Contents]> => {
    let mine: StoredSession | null = null;
    const contents = await vault.transact((now) => {
      mine = stands(now) ? null : storedSessionOf(answer, tab.nextRevision(now), clock.now(), binding);
      // The key lies where its session lies, also after the storage was wiped under the page.
      return mine && { session: mine, renewing: 0, ...(mine.key !== undefined && binding && { key: binding.key }) };
    });
    return [mine, contents];
  };

  return Object.freeze<SessionWriter>({
    current,
    epoch,
    reload,
    commitOpened: (answer, startedIn, binding, isNew = true) =>
      post(async () => {
        const opensGuest = answer.session.type === "guest";
        // Overtaken: by a logout, then nobody is here; or by the guest of another tab, then that is who we are (A1).
        const isOvertaken = (): boolean => epoch() !== startedIn;
        const [mine, contents] = await store(answer, binding, (now) => isOvertaken() || (opensGuest && tab.isAhead(now)));
        if (isOvertaken()) return opensGuest ? current() : null;
        if (!mine) {
          // Another tab created a guest at the same time; whoever stored first wins, so that all tabs are one consumer (A1).
          follow(contents);
          return current();
        }
        if (current() && current()?.session.consumerId !== mine.session.consumerId) tab.replace();
        const taken = tab.take(mine, mine.key === undefined ? null : (binding?.key ?? null));
        announce(mine.revision);
        tab.tellAuthenticated(taken, isNew);
        const { session } = taken;
        if (session.type === "authenticated" && session.linked) emitter.emit("auth:linked", { session, outcome: session.linked });
        return taken;
      }),
    commitRenewed: (answer, used) =>
      post(async () => {
        // A slow answer: this or another tab has renewed again, logged out, or become somebody else since. What is there
        // now is at least as new, because a refresh token is answered with nothing but its own child.
        const [mine, contents] = await store(answer, bindingOf(used), (now) => current() !== used || tab.isAhead(now) || tab.isOver(now));
        if (current() !== used) return current();
        if (!mine) {
          follow(contents);
          return current();
        }
        const taken = tab.take(mine, used.key);
        announce(mine.revision);
        emitter.emit("auth:refreshed", { session: taken.session });
        return taken;
      }),
    claim: () =>
      post(async () => {
        const until = clock.now() + claimMs;
        let isFree = true;
        const contents = await vault.transact((now) => {
          // A claim that reaches further than one can was made before the clock was set back.
          isFree = !(now.renewing > clock.now() && now.renewing <= until);
          return isFree && now.session && !tab.isAhead(now) ? { renewing: until } : null;
        });
        follow(contents);
        return isFree;
      }),
    release: () => post(async () => void (await vault.transact((now) => (now.renewing > 0 ? { renewing: 0 } : null)))),
    refused: (used, reason, error) =>
      post(async () => {
        if (current() !== used) return;
        if (!(await holder.end({ reason, stands: tab.isAhead })) || current() !== used) return;
        tab.drop();
        tab.tellEnded(reason, error);
      }),
  });
}
