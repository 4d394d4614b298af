import { ignore } from "./lib/ignore.ts";
import { createTextShelf } from "./lib/text-shelf.ts";
import type { TextShelfOptions } from "./lib/text-shelf.ts";
import type { Changes, Kept, Shelf } from "./lib/shelf.ts";
import { unversioned, versioned } from "./lib/versioned-json.ts";

/** What of a session is text, where it is text. */
const texts = ["session", "refresh_token", "ended", "install", "state", "journeys", "keepsakes", "external"];

/** What texts are opened with. */
export interface DeviceTextsOptions extends Omit<TextShelfOptions, "texts" | "isOfThisPage"> {
  /** The database that was given up; null where there was none. */
  readonly givenUp: Shelf | null;
  /** Whether each tab has texts of its own, beside a key that all share. */
  readonly isPerTab: boolean;
}

/** The device where no database holds everything; apart from it, because few pages need this. */
export function openDeviceTexts({ givenUp, isPerTab, ...options }: DeviceTextsOptions): Shelf {
  const shelf = createTextShelf({ ...options, texts, isOfThisPage });
  const read = async (): Promise<Kept> => {
    const kept = await shelf.read();
    return isPerTab && hasLeft(kept) ? shelf.transact((now) => (hasLeft(now) ? endedElsewhere(now) : {})) : kept;
  };
  return {
    read,
    async transact(decide) {
      let changes: Changes = {};
      await read();
      const kept = await shelf.transact((now) => {
        changes = withRefreshToken(decide(now));
        const left = markOf(unversioned(now.get("key"))?.["id"]);
        return isPerTab && changes["ended"] && left !== null ? { ...changes, left: versioned({ key: left }) } : changes;
      });
      if (givenUp && changes["ended"]) void endIn(givenUp, changes["ended"]);
      return kept;
    },
  };
}

/** Enough of a key's id to know it again, and too little to be one. */
const markOf = (id: unknown): string | null => (typeof id === "string" ? id.slice(0, 8) : null);

/** Whether this tab's session goes with a key that another tab has logged out. A key that is only not there was wiped, or replaced, which is something else. */
function hasLeft(kept: Kept): boolean {
  const { key } = unversioned(kept.get("session")) ?? {};
  const left = unversioned(kept.get("left"))?.["key"];
  return left !== undefined && left === markOf(key) && unversioned(kept.get("key"))?.["id"] !== key;
}

/** The end that the other tab could not write down here. */
function endedElsewhere(kept: Kept): Changes {
  const revision = Math.max(revisionOf(kept.get("session")), revisionOf(kept.get("ended")));
  return withRefreshToken({ session: null, ended: versioned({ revision, reason: "other_tab" }) });
}

const revisionOf = (value: unknown): number => Number((value as { readonly revision?: unknown } | undefined)?.revision ?? 0);

/** The documented key for the refresh token alone; nobody here reads it. */
function withRefreshToken(changes: Changes): Changes {
  const session = changes["session"] as { readonly refreshToken: string } | null | undefined;
  return session === undefined ? changes : { ...changes, refresh_token: session && versioned({ refreshToken: session.refreshToken }) };
}

/** What a database that is full cannot store it can still forget: whoever has left must not be there again at the next start. */
async function endIn(database: Shelf, ended: unknown): Promise<void> {
  const forgotten = { session: null, key: null, install: null, state: null, journeys: null, keepsakes: null };
  await database
    .transact((now) => (revisionOf(now.get("session")) < revisionOf(ended) ? forgotten : {}))
    .catch(() => {
      ignore("it forgets nothing either; the service knows the end");
    });
}

function isOfThisPage(name: string, value: unknown): boolean {
  return name === "session" && (value as { session?: { bound?: unknown } } | null)?.session?.bound === "page";
}
