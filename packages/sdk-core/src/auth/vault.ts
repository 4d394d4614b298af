import type { LogoutReason } from "@fanfare-io/fanfare-contract";
import type { TextStorage } from "../lib/storage.ts";
import { readVersioned, writeVersioned } from "../lib/versioned-json.ts";
import { parseSession, serializeSession } from "./stored-session.ts";
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
      const [sessionText, refreshText, endedText] = await Promise.all([
        storage.getItem(key("session")),
        storage.getItem(key("refresh_token")),
        storage.getItem(key("ended")),
      ]);
      const mark = readVersioned(endedText);
      const ended = mark && typeof mark["revision"] === "number" ? { revision: mark["revision"], reason: mark["reason"] as LogoutReason } : null;
      if (sessionText === null) return { session: null, ended };
      const session = parseSession(sessionText, refreshText);
      if (!session) {
        await remove("session", "refresh_token");
        onCorrupt();
      }
      return { session, ended };
    },
    async write(stored) {
      const texts = serializeSession(stored);
      // The refresh token first: torn in between, an older session with a newer refresh token still renews; the other way round would not.
      await storage.setItem(key("refresh_token"), texts.refreshToken);
      await storage.setItem(key("session"), texts.session);
    },
    async end(mark) {
      await storage.setItem(key("ended"), writeVersioned(mark));
      await remove("session", "refresh_token", "install");
    },
  });
}
