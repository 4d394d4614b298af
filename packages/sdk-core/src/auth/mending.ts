import { isNewer } from "../lib/versioned-json.ts";
import type { SessionHolder } from "./session-holder.ts";
import { readSession } from "./stored-session.ts";
import type { Contents, Vault } from "./vault.ts";

/** A copy in localStorage that does not say what the database says. */
export interface MendingOptions {
  readonly device: { copy(name: string, value: unknown): Promise<void> };
  readonly vault: Vault;
  readonly holder: SessionHolder;
  /** What the database says. */
  readonly contents: Contents;
  readonly copy: unknown;
  readonly tellUnreadable: (what: "dropped") => void;
}

/**
 * The database is the truth; but where it knows of no session and of no end, it was wiped, or the copy was brought here from another
 * browser. An unbound session goes on from its copy; a bound one cannot without its key, and is told as ended before anybody else begins.
 */
export async function mend({ device, vault, holder, contents, copy, tellUnreadable }: MendingOptions): Promise<void> {
  if (isNewer(copy)) return;
  const stored = readSession(copy);
  const isWiped = !contents.session && !(contents.ended && contents.ended.revision >= (stored?.revision ?? 0));
  if (stored && isWiped && stored.key === undefined) {
    await vault.transact((now) => (now.session || now.ended ? null : { session: stored }));
    return void (await holder.reload(true));
  }
  if (contents.session) await vault.transact(({ session }) => (session ? { session } : null));
  else await Promise.all([device.copy("session", null), device.copy("refresh_token", null)]);
  if (!stored) return tellUnreadable("dropped");
  if (isWiped) await holder.lost(stored);
}
