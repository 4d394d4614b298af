import type { LogoutReason } from "@fanfare-io/fanfare-contract";
import type { TextStorage } from "../lib/storage.ts";
import { readVersioned, writeVersioned } from "../lib/versioned-json.ts";
import { parseSession } from "./stored-session.ts";
import type { StoredSession } from "./stored-session.ts";

/** Why and when the last session of this device ended: what tells "logged out elsewhere" from "storage was wiped". */
export interface EndedMark {
  readonly revision: number;
  readonly reason: LogoutReason;
}

/** What the storage says. */
export interface VaultContents {
  readonly session: StoredSession | null;
  readonly ended: EndedMark | null;
}

/** The session on the device. The only place that knows its keys; a truer store can stand in behind the same three calls. */
export interface Vault {
  read(): Promise<VaultContents>;
  write(stored: StoredSession): Promise<void>;
  /** Removes tokens, session and install secret, and leaves the mark. */
  end(mark: EndedMark): Promise<void>;
}

/** `key` turns a short name into the documented storage key; `onCorrupt` hears of text that was dropped as unreadable. */
export function createVault(storage: TextStorage, key: (name: string) => string, onCorrupt: () => void): Vault {
  const remove = (...names: string[]): Promise<unknown> => Promise.all(names.map((name) => storage.removeItem(key(name))));

  return Object.freeze<Vault>({
    async read() {
      const text = await storage.getItem(key("session"));
      // After the session: whoever reads it in the middle of an end finds the mark.
      const mark = readVersioned(await storage.getItem(key("ended")));
      const ended = mark && typeof mark["revision"] === "number" ? { revision: mark["revision"], reason: mark["reason"] as LogoutReason } : null;
      if (text === null) return { session: null, ended };
      const session = parseSession(text);
      // A renewal in another tab that had read before the session was ended, and wrote after: the end stands.
      const isOver = session !== null && ended !== null && ended.revision >= session.revision;
      if (session && !isOver) return { session, ended };
      await remove("session", "refresh_token");
      if (!session) onCorrupt();
      return { session: null, ended };
    },
    async write(stored) {
      await storage.setItem(key("session"), writeVersioned(stored));
      // The documented key for the refresh token alone; this SDK reads the one above.
      await storage.setItem(key("refresh_token"), writeVersioned({ revision: stored.revision, refreshToken: stored.refreshToken }));
    },
    async end(mark) {
      await storage.setItem(key("ended"), writeVersioned(mark));
      await remove("session", "refresh_token", "install");
    },
  });
}
