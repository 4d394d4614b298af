import { ignore } from "./ignore.ts";
import type { Kept, Shelf } from "./shelf.ts";
import { unversioned, versioned } from "./versioned-json.ts";

/** What is kept on this device for somebody, by id, for as long as they are here. */
export interface Keepsakes {
  put(owner: string, id: string, value: unknown): void;
  /** Undefined for whoever has none, or where it belongs to somebody else. */
  get(owner: string, id: string): Promise<unknown>;
  /** What was the guest's is its successor's. */
  inherit(owner: string, formerly: string): void;
  /** Forgets what is theirs. */
  clear(owner: string): void;
}

/** Enough for everything that somebody takes part in; beyond that the oldest go. */
const most = 50;

/** Kept under `keepsakes`. */
export function createKeepsakes(device: Shelf): Keepsakes {
  const change = (decide: Parameters<Shelf["transact"]>[0]): void =>
    void device.transact(decide).catch(() => {
      ignore("a keepsake that cannot be stored is still on the page");
    });
  return Object.freeze<Keepsakes>({
    put(owner, id, value) {
      change((now) => {
        const { [id]: _older, ...others } = keptFor(owner, now);
        return { keepsakes: versioned({ owner, kept: Object.fromEntries([...Object.entries(others), [id, value] as const].slice(-most)) }) };
      });
    },
    get: async (owner, id) => keptFor(owner, await device.read())[id],
    inherit(owner, formerly) {
      change((now) => {
        const left = keptFor(formerly, now);
        return Object.keys(left).length > 0 ? { keepsakes: versioned({ owner, kept: left }) } : {};
      });
    },
    clear(owner) {
      // Another tab may have begun anew as somebody else; only what belongs to the one who left goes.
      change((now) => (unversioned(now.get("keepsakes"))?.["owner"] === owner ? { keepsakes: null } : {}));
    },
  });
}

function keptFor(owner: string, now: Kept): Record<string, unknown> {
  const stored = unversioned(now.get("keepsakes"));
  return stored?.["owner"] === owner && typeof stored["kept"] === "object" ? { ...stored["kept"] } : {};
}
