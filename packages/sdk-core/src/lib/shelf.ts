import { ignore } from "./ignore.ts";

/** What is kept, by name. */
export type Kept = ReadonlyMap<string, unknown>;
/** What is to change: null removes. */
export type Changes = Readonly<Record<string, unknown>>;

/** Values by name, kept between pages and tabs. */
export interface Shelf {
  read(): Promise<Kept>;
  /** One transaction: shows what is kept, stores what `decide` answers at once, resolves with what is kept after it. */
  transact(decide: (kept: Kept) => Changes): Promise<Kept>;
}

/** Keeps values as long as the page lives. */
export function createMemoryShelf(): Shelf {
  const kept = new Map<string, unknown>();
  return {
    read: async () => new Map(kept),
    transact: async (decide) => applied(kept, decide(kept)),
  };
}

/** What is kept after a change. */
export function applied(kept: Map<string, unknown>, changes: Changes): Kept {
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) kept.delete(name);
    else kept.set(name, value);
  }
  return new Map(kept);
}

/** An IndexedDB of its own; null where there is none. A refusal is a rejection. */
export function openShelf(database: string): Shelf | null {
  try {
    const factory = globalThis.indexedDB;
    return factory
      ? {
          read: () => run(factory, database, null),
          transact: (decide) => run(factory, database, decide),
        }
      : null;
  } catch {
    ignore("blocked storage throws on access; the caller goes on in memory");
    return null;
  }
}

const storeName = "device";

const on = (target: EventTarget, type: string, handle: (event: Event) => void): void => target.addEventListener(type, handle);

function run(factory: IDBFactory, database: string, decide: ((kept: Kept) => Changes) | null, version?: number): Promise<Kept> {
  return new Promise((resolve, reject) => {
    let isNothing = false;
    // Whatever its version: a newer SDK of another tab may have added stores of its own.
    const opening = factory.open(database, version);
    on(opening, "upgradeneeded", () => {
      isNothing = decide === null;
      // Reading must not leave even an empty database behind (rule A10); an aborted creation has not happened.
      if (isNothing) opening.transaction?.abort();
      else opening.result.createObjectStore(storeName);
    });
    on(opening, "error", (event) => {
      event.preventDefault();
      if (isNothing) resolve(new Map());
      else reject(opening.error);
    });
    on(opening, "success", () => {
      const db = opening.result;
      const close = (): void => db.close();
      // Else this tab would hold up the other tab's newer version.
      on(db, "versionchange", close);
      // Somebody else's database, or another version's: ours is added to it when there is something to keep.
      const isOurs = db.objectStoreNames.contains(storeName);
      const next = db.version + 1;
      const done = isOurs ? use(db, decide) : Promise.resolve(new Map<string, unknown>());
      done.finally(close).then((kept) => resolve(isOurs || !decide ? kept : run(factory, database, decide, next)), reject);
    });
  });
}

function use(db: IDBDatabase, decide: ((kept: Kept) => Changes) | null): Promise<Kept> {
  return new Promise((resolve, reject) => {
    const kept = new Map<string, unknown>();
    const transaction = db.transaction(storeName, decide ? "readwrite" : "readonly");
    const store = transaction.objectStore(storeName);
    const names = store.getAllKeys();
    const values = store.getAll();
    on(values, "success", () => {
      names.result.forEach((name, index) => kept.set(name as string, values.result[index]));
      const changes = decide?.(kept) ?? {};
      for (const [name, value] of Object.entries(changes)) void (value === null ? store.delete(name) : store.put(value, name));
      applied(kept, changes);
    });
    on(transaction, "complete", () => resolve(kept));
    on(transaction, "abort", () => reject(transaction.error));
  });
}
