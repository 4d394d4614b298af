import type { FanfareConfig } from "@fanfare-io/fanfare-contract";
import { ignore } from "./lib/ignore.ts";
import { createMemoryShelf } from "./lib/shelf.ts";
import type { Changes, Kept, Shelf } from "./lib/shelf.ts";
import type { TextStorage } from "./lib/storage.ts";
import { createSureShelf } from "./lib/sure-shelf.ts";
import { isNewer, parsed, versioned } from "./lib/versioned-json.ts";
import { partMissing } from "./transport/fanfare-error.ts";
import type { PagePlatform } from "./transport/platform.ts";

/** What this device keeps for one organization: one place, one transaction. */
export interface Device extends Shelf {
  /** Whether a key kept here outlives the page. */
  keepsKeys(): boolean;
  /** The copy of a name in localStorage, for integrators and for a database that was wiped alone; null where it is missing, undefined where none is made. */
  copyOf(name: string): Promise<unknown>;
  /** Writes, or with null removes, the copy. */
  copy(name: string, value: unknown): Promise<void>;
}

/** What a device is opened with. */
export interface DeviceOptions {
  readonly organizationId: string;
  readonly storage: NonNullable<FanfareConfig["storage"]>;
  readonly platform: PagePlatform;
  /** Hears, once, that the storage which the host chose refuses. */
  readonly onRefused: (cause: unknown) => void;
  /** Hears, once, that a newer SDK has taken the device over. */
  readonly onNewer: () => void;
}

/** What is copied to localStorage where a database is the truth. */
const copied = new Set(["session", "state", "journeys"]);

const isNewers = (kept: Kept): boolean => ["session", "key"].some((name) => isNewer(kept.get(name)));

/** Opens nothing yet: reading leaves no trace, and writing waits for the shopper's act (rule A10). */
export function openDevice({ organizationId, storage, platform, onRefused, onNewer }: DeviceOptions): Device {
  const keyOf = (name: string): string => `fanfare:${organizationId}:${name}`;
  const memory = createMemoryShelf();
  const inMemory = async (): Promise<Shelf> => memory;
  const database = storage === "memory" ? null : platform.shelf(`fanfare:${organizationId}`);
  const web: TextStorage | null = storage === "local" ? platform.storage("local") : null;
  const isTruth = storage === "local" && database !== null;

  const keys = createSureShelf(database, inMemory, platform.clock);
  const asTexts = async (): Promise<Shelf> => {
    const { openDeviceTexts } = await import("./device-texts.ts").catch(partMissing);
    const chosen = typeof storage === "object" ? storage : platform.storage(storage as "local" | "session");
    const givenUp = isTruth ? database : null;
    return openDeviceTexts({
      storage: chosen,
      keyOf,
      rest: isTruth ? memory : keys,
      onRefused,
      clock: platform.clock,
      givenUp,
      isPerTab: storage === "session",
    });
  };
  let alone = false;
  const shelf = storage === "memory" ? createSureShelf(null, inMemory, platform.clock) : createSureShelf(isTruth ? database : null, asTexts, platform.clock);
  /** What a newer SDK of another tab keeps is neither read nor written over: from there on this page keeps to itself. */
  const apart = async (act: (shelf: Shelf) => Promise<Kept>): Promise<Kept> => {
    const kept = await act(alone ? memory : shelf);
    if (!isNewers(kept)) return kept;
    if (!alone) onNewer();
    alone = true;
    return act(memory);
  };

  const copy = async (name: string, value: unknown): Promise<void> => {
    try {
      if (value !== null) return await web?.setItem(keyOf(name), JSON.stringify(value));
    } catch {
      ignore("the database is the truth; a copy that cannot be renewed is removed, so that it does not pass for new");
    }
    await web?.removeItem(keyOf(name)).catch(() => {
      ignore("blocked storage holds nothing of ours");
    });
  };
  const copyOf = async (name: string): Promise<unknown> => parsed((await web?.getItem(keyOf(name)).catch(() => null)) ?? null);
  const copyAll = async (changes: Changes): Promise<void> => {
    for (const [name, value] of Object.entries(changes)) {
      if (!copied.has(name) || isNewer(await copyOf(name))) continue;
      await copy(name, value);
      // The documented key for the refresh token alone; this SDK reads the one above.
      if (name === "session") await copy("refresh_token", value && versioned({ refreshToken: (value as { refreshToken: string }).refreshToken }));
    }
  };

  return Object.freeze<Device>({
    read: () => apart((it) => it.read()),
    async transact(decide) {
      let changes: Changes = {};
      const kept = await apart((it) => it.transact((now) => (changes = isNewers(now) ? {} : decide(now))));
      if (!alone && isTruth && shelf.isFirst()) await copyAll(changes);
      return kept;
    },
    keepsKeys: () => !alone && storage !== "memory" && (isTruth ? shelf.isFirst() : database !== null && keys.isFirst()),
    copyOf: async (name) => (!alone && isTruth && shelf.isFirst() ? copyOf(name) : undefined),
    copy,
  });
}
