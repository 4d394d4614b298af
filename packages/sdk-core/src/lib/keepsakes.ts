import { ignore } from "./ignore.ts";
import { createMailbox } from "./mailbox.ts";
import type { TextStorage } from "./storage.ts";
import { readVersioned, writeVersioned } from "./versioned-json.ts";

/** What is kept on this device for somebody, by id, for as long as they are here. */
export interface Keepsakes {
  put(owner: string, id: string, value: unknown): void;
  /** Undefined for whoever has none, or where it belongs to somebody else. */
  get(owner: string, id: string): Promise<unknown>;
  /** Forgets what is theirs. */
  clear(owner: string): void;
}

/** Enough for everything that somebody takes part in; beyond that the oldest go. */
const most = 50;

/** Kept under `:keepsakes`. */
export function createKeepsakes(storage: TextStorage, key: (name: string) => string): Keepsakes {
  const post = createMailbox();
  const at = key("keepsakes");
  const read = async (owner: string): Promise<Record<string, unknown>> => {
    const stored = readVersioned(await storage.getItem(at));
    return stored?.["owner"] === owner && typeof stored["kept"] === "object" ? { ...stored["kept"] } : {};
  };
  const change = (task: () => Promise<void>): void => void post(task).catch(() => ignore("a keepsake that cannot be stored is still on the page"));
  return Object.freeze<Keepsakes>({
    put(owner, id, value) {
      change(async () => {
        const { [id]: _older, ...others } = await read(owner);
        const kept = Object.fromEntries([...Object.entries(others), [id, value] as const].slice(-most));
        await storage.setItem(at, writeVersioned({ owner, kept }));
      });
    },
    get: (owner, id) => post(async () => (await read(owner))[id]),
    clear(owner) {
      change(async () => {
        // Another tab may have begun anew as somebody else; only what belongs to the one who left goes.
        if (readVersioned(await storage.getItem(at))?.["owner"] === owner) await storage.removeItem(at);
      });
    },
  });
}
