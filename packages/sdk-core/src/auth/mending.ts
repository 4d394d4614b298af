import { isNewer } from "../lib/versioned-json.ts";
import { FanfareError } from "../transport/fanfare-error.ts";
import type { SessionHolder } from "./session-holder.ts";
import { readSession } from "./stored-session.ts";
import type { StoredSession } from "./stored-session.ts";
import type { TabSession } from "./tab-session.ts";
import type { Contents, Vault } from "./vault.ts";

/** Something stored that is not whole: a session without its key, or a copy in localStorage that does not say what the database says. */
export interface MendingOptions {
  readonly device: { copy(name: string, value: unknown): Promise<void> };
  readonly vault: Vault;
  readonly holder: SessionHolder;
  readonly tab: TabSession;
  /** What the database says. */
  readonly contents: Contents;
  readonly copy: unknown;
  readonly tellUnreadable: (what: "dropped") => void;
}

/**
 * The database is the truth; but where it knows of no session and of no end, it was wiped, or the copy was brought here from another
 * browser. An unbound session goes on from its copy; a bound one cannot without its key, and is told as ended before anybody else begins.
 */
export async function mend(options: MendingOptions): Promise<void> {
  const { device, vault, holder, contents, copy, tellUnreadable } = options;
  if (!holder.current() && contents.session) return endLost(options, contents.session, true);
  if (isNewer(copy)) return;
  const stored = readSession(copy);
  if (stored && contents.session && isLater(stored, contents.session)) {
    await vault.transact(({ session }) => (session && isLater(stored, session) ? { session: stored } : null));
    return void (await holder.reload(true));
  }
  const isWiped = !contents.session && !(contents.ended && contents.ended.revision >= (stored?.revision ?? 0));
  if (stored && isWiped && stored.key === undefined) {
    await vault.transact((now) => (now.session || now.ended ? null : { session: stored }));
    return void (await holder.reload(true));
  }
  if (contents.session) await vault.transact(({ session }) => (session ? { session } : null));
  else await Promise.all([device.copy("session", null), device.copy("refresh_token", null)]);
  if (!stored) return tellUnreadable("dropped");
  if (isWiped) await endLost(options, stored);
}

/**
 * An unbound session that a page went on with after its database had refused to store more: the token of before is replaced, and shown again would end it.
 */
function isLater(copy: StoredSession, stored: StoredSession): boolean {
  const isUnbound = copy.key === undefined && stored.key === undefined;
  return isUnbound && copy.session.consumerId === stored.session.consumerId && copy.revision > stored.revision;
}

/** Ends a session whose key is not on this device: copied here, or left over from a wiped database. It is told, never shown. */
function endLost({ holder, tab }: MendingOptions, lost: StoredSession, isStored = false): Promise<void> {
  const isWhole = (now: Contents): boolean => now.session !== null && tab.keyFor(now.session, now) !== undefined;
  // Somebody has logged it out, or begun anew, since it was read.
  const isGone = ({ session }: Contents): boolean => isStored && session?.revision !== lost.revision;
  return holder.post(async () => {
    let wasGone = false;
    await holder.end({ reason: "revoked", stands: (now) => (wasGone = isGone(now)) || isWhole(now) });
    if (!wasGone && !tab.current()) tab.tellEnded("revoked", keyLost(), lost);
  });
}

function keyLost(): FanfareError {
  return new FanfareError("SESSION_ENDED", "The key of this session is not on this device; call auth.guest() to begin a new one.", {
    details: { reason: "key" },
  });
}
