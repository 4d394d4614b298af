import { ignore } from "./ignore.ts";
import type { SigningKey } from "./signing.ts";

type Kept = ReadonlyMap<string, SigningKey>;
type Decide = (kept: Kept) => Readonly<Record<string, SigningKey | null>>;

/** Keys by slot, kept between pages and tabs. */
export interface KeyShelf {
  /** One transaction: shows what is kept, stores what `decide` answers at once (null removes), resolves with what is kept after it. */
  transact(decide: Decide): Promise<Kept>;
}

/** Keeps keys as long as the page lives. */
export function createMemoryShelf(): KeyShelf {
  const kept = new Map<string, SigningKey>();
  return { transact: async (decide) => applied(kept, decide(kept)) };
}

/** Keys in an IndexedDB of their own; null where there is none. A refusal is a rejection of `transact`. */
export function openKeyShelf(database: string): KeyShelf | null {
  try {
    const factory = globalThis.indexedDB;
    return factory ? { transact: (decide) => transact(factory, database, decide) } : null;
  } catch {
    ignore("blocked storage throws on access; the caller goes on in memory");
    return null;
  }
}

const storeName = "keys";

function transact(factory: IDBFactory, database: string, decide: Decide): Promise<Kept> {
  return new Promise((resolve, reject) => {
    // Whatever its version: a newer SDK of another tab may have added stores of its own.
    const opening = factory.open(database);
    opening.addEventListener("upgradeneeded", () => opening.result.createObjectStore(storeName));
    opening.addEventListener("error", () => reject(opening.error));
    opening.addEventListener("success", () => {
      const db = opening.result;
      // Else this tab would hold up the other tab's newer version.
      db.addEventListener("versionchange", () => db.close());
      const end = (settle: () => void): void => {
        db.close();
        settle();
      };
      try {
        const kept = new Map<string, SigningKey>();
        const transaction = db.transaction(storeName, "readwrite");
        const store = transaction.objectStore(storeName);
        const slots = store.getAllKeys();
        const keys = store.getAll();
        keys.addEventListener("success", () => {
          slots.result.forEach((slot, index) => kept.set(slot as string, keys.result[index] as SigningKey));
          const changes = decide(kept);
          for (const [slot, key] of Object.entries(changes)) void (key ? store.put(key, slot) : store.delete(slot));
          applied(kept, changes);
        });
        transaction.addEventListener("complete", () => end(() => resolve(kept)));
        transaction.addEventListener("abort", () => end(() => reject(transaction.error)));
      } catch (error) {
        end(() => reject(error));
      }
    });
  });
}

function applied(kept: Map<string, SigningKey>, changes: ReturnType<Decide>): Kept {
  for (const [slot, key] of Object.entries(changes)) {
    if (key) kept.set(slot, key);
    else kept.delete(slot);
  }
  return new Map(kept);
}
