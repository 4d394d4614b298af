import type { FanfareErrorShape, Platform, TokenResponse } from "@fanfare-io/fanfare-contract";
import { bindingOf, storedSessionOf } from "./answered-session.ts";
import type { BindingKey, LiveSession } from "./live-session.ts";
import type { SessionHolder } from "./session-holder.ts";
import type { StoredSession } from "./stored-session.ts";
import { isSameIdentity } from "./tab-session.ts";
import type { TabSession } from "./tab-session.ts";
import type { Contents, Vault } from "./vault.ts";

/** What the writer needs from outside. */
export interface SessionWriterOptions {
  readonly holder: SessionHolder;
  readonly tab: TabSession;
  readonly vault: Vault;
  readonly platform: Pick<Platform, "clock">;
  readonly announce: (revision: number) => void;
}

/** What the service's answers change, each guarded against coming too late. */
export interface SessionWriter extends Pick<SessionHolder, "current" | "epoch" | "logouts" | "reload"> {
  /** Takes a freshly opened session, bound to `binding` where the service says so; null when it was overtaken. `isNew` (true): whether its event tells it as new in any case, not only where nobody was stored with this credential before. Prefers what another tab stored meanwhile. */
  commitOpened(answer: TokenResponse, epoch: number, binding: BindingKey | null, isNew?: boolean): Promise<LiveSession | null>;
  /** Takes the tokens that renew `used`, or keeps what has replaced it meanwhile; null when nobody is left. */
  commitRenewed(answer: TokenResponse, used: LiveSession): Promise<LiveSession | null>;
  /**
   * Says in the storage that this tab is about to renew the session: 0, or for how many milliseconds more another tab says so. Nobody has
   * to wait longer than `claimMs` for a tab that crashed, froze or hangs: then the claim is void.
   */
  claim(): Promise<number>;
  /** Takes a claim back that came to nothing. */
  release(): Promise<void>;
  /** The service refused `used` for good. Keeps the session where another tab holds a newer one. */
  refused(used: LiveSession, reason: "expired" | "revoked", error: FanfareErrorShape): Promise<void>;
}

/** What became of an answer: null where what is there must stay. */
interface Stored {
  readonly mine: StoredSession | null;
  readonly contents: Contents;
  /** It is the first session of its key or secret on this device. */
  readonly isFirst: boolean;
}

/** A key or secret that somebody is stored with. */
const used = <T extends object>(credential: T): T => ({ ...credential, isUnused: false });

/** How long other tabs leave the renewal to one. */
export const claimMs = 2_000;

/** Creates the writer of one client. */
export function createSessionWriter({ holder, tab, vault, platform, announce }: SessionWriterOptions): SessionWriter {
  const { post, follow, current, epoch } = holder;
  const { clock } = platform;

  /** Stores an answer unless `stands` says that what is there must stay; null then. */
  const store = async (answer: TokenResponse, binding: BindingKey | null, stands: (now: Contents) => boolean): Promise<Stored> => {
    let mine: StoredSession | null = null;
    let isFirst = false;
    const contents = await vault.transact((now) => {
      mine = stands(now) ? null : storedSessionOf(answer, tab.nextRevision(now), clock.now(), binding);
      const { key, install } = now;
      isFirst = (binding ? key : install)?.isUnused === true;
      // The key lies where its session lies, also after the storage was wiped under the page.
      return mine && { session: mine, renewing: 0, ...(binding ? { key: used(binding.key) } : isFirst && install && { install: used(install) }) };
    });
    return { mine, contents, isFirst };
  };

  return Object.freeze<SessionWriter>({
    ...holder,
    commitOpened: (answer, startedIn, binding, isNew = true) =>
      post(async () => {
        const opensGuest = answer.session.type === "guest";
        // Overtaken: by a logout, then nobody is here; or by the guest of another tab, then that is who we are (A1). What this browser's key
        // was given meanwhile overtakes nobody who has proved who they are: it is the same session, and the last word about it counts.
        const isSameShopper = (): boolean => !opensGuest && binding !== null && current()?.key?.id === binding.key.id;
        const isOvertaken = (): boolean => epoch() !== startedIn && !isSameShopper();
        const { mine, contents, isFirst } = await store(answer, binding, (now) => isOvertaken() || tab.isOut(now) || (opensGuest && tab.isAhead(now)));
        if (isOvertaken()) {
          const now = current();
          // The same code typed in two tabs: the other one was faster, and both are whom it names.
          return opensGuest || (now && isSameIdentity(now, answer)) ? now : null;
        }
        if (!mine) {
          // Another tab created a guest at the same time; whoever stored first wins, so that all tabs are one consumer (A1).
          follow(contents);
          return current();
        }
        announce(mine.revision);
        return tab.become(mine, mine.key === undefined ? null : (binding?.key ?? null), isNew || isFirst);
      }),
    commitRenewed: (answer, used) =>
      post(async () => {
        // A slow answer: this or another tab has renewed again, logged out, or become somebody else since. What is there
        // now is at least as new, because a refresh token is answered with nothing but its own child.
        const { mine, contents } = await store(withOutcome(answer, used), bindingOf(used), (now) => current() !== used || tab.isAhead(now) || tab.isOver(now));
        if (current() !== used) return current();
        if (!mine) {
          follow(contents);
          return current();
        }
        announce(mine.revision);
        return tab.become(mine, used.key, false);
      }),
    claim: () =>
      post(async () => {
        let heldMs = 0;
        const contents = await vault.transact((now) => {
          // Asked for here: a transaction may have waited for those of the other tabs, which is not the claim's time.
          const at = clock.now();
          // A claim that reaches much further than one can was made before the clock was set back. A little: tabs do not read quite the same time.
          heldMs = now.renewing > at + 2 * claimMs ? 0 : Math.max(0, now.renewing - at);
          return heldMs === 0 && now.session && !tab.isAhead(now) ? { renewing: at + claimMs } : null;
        });
        follow(contents);
        return heldMs;
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

/**
 * What became of the guest is told with the upgrade only, and once when an operator undid it; kept, a tab that slept over it still knows that it is
 * the same shopper, and a page that is opened again still says why the place is another.
 */
function withOutcome(answer: TokenResponse, { session: before }: LiveSession): TokenResponse {
  const { type, consumerId } = answer.session;
  if (before.type !== type || before.consumerId !== consumerId) return answer;
  const kept = before.type === "guest" ? before.unlinked && { unlinked: before.unlinked } : before.linked && { linked: before.linked };
  return { ...answer, session: { ...kept, ...answer.session } };
}
