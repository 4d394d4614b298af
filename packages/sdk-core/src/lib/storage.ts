import { ignore } from "./ignore.ts";

/** Text by key, asynchronous, so that anything fits. */
export interface TextStorage {
  getItem(key: string): Promise<string | null>;
  setItem(key: string, value: string): Promise<void>;
  removeItem(key: string): Promise<void>;
}

/** The browser's storage behind the asynchronous interface; null where there is none or where asking for it is refused. */
export function openWebStorage(area: "local" | "session"): TextStorage | null {
  try {
    const web = area === "local" ? globalThis.localStorage : globalThis.sessionStorage;
    if (!web) return null;
    return Object.freeze<TextStorage>({
      getItem: async (key) => web.getItem(key),
      setItem: async (key, value) => web.setItem(key, value),
      removeItem: async (key) => web.removeItem(key),
    });
  } catch {
    ignore("blocked storage throws on access; the caller goes on in memory");
    return null;
  }
}
