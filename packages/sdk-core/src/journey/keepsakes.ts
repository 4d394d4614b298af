import { ignore } from "../lib/ignore.ts";
import { createMailbox } from "../lib/mailbox.ts";
import type { TextStorage } from "../lib/storage.ts";
import { readVersioned, writeVersioned } from "../lib/versioned-json.ts";

/** What a participation leaves to the consumer when it is over, a draw's receipt say: kept on this device for as long as the session lives. */
export interface Keepsakes {
  put(consumerId: string, distributionId: string, value: unknown): void;
  /** Undefined for whoever has none, or where it belongs to somebody else. */
  get(consumerId: string, distributionId: string): Promise<unknown>;
  /** Forgets those of this consumer. */
  clear(consumerId: string): void;
}

/** Enough for everything that one session takes part in; beyond that the oldest go. */
const most = 50;

/** Kept under `:keepsakes`. */
export function createKeepsakes(storage: TextStorage, key: (name: string) => string): Keepsakes {
  const post = createMailbox();
  const at = key("keepsakes");
  const read = async (consumerId: string): Promise<Record<string, unknown>> => {
    const stored = readVersioned(await storage.getItem(at));
    return stored?.["consumerId"] === consumerId && typeof stored["kept"] === "object" ? { ...stored["kept"] } : {};
  };
  const change = (task: () => Promise<void>): void => void post(task).catch(() => ignore("a keepsake that cannot be stored is still on the page"));
  return Object.freeze<Keepsakes>({
    put(consumerId, distributionId, value) {
      change(async () => {
        const { [distributionId]: _older, ...others } = await read(consumerId);
        const kept = Object.fromEntries([...Object.entries(others), [distributionId, value] as const].slice(-most));
        await storage.setItem(at, writeVersioned({ consumerId, kept }));
      });
    },
    get: (consumerId, distributionId) => post(async () => (await read(consumerId))[distributionId]),
    clear(consumerId) {
      change(async () => {
        // Another tab may have begun anew as somebody else; only what belongs to the one who left goes.
        if (readVersioned(await storage.getItem(at))?.["consumerId"] === consumerId) await storage.removeItem(at);
      });
    },
  });
}
