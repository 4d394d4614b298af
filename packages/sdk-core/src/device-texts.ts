import { ignore } from "./lib/ignore.ts";
import { createTextShelf } from "./lib/text-shelf.ts";
import type { TextShelfOptions } from "./lib/text-shelf.ts";
import type { Changes, Shelf } from "./lib/shelf.ts";
import { versioned } from "./lib/versioned-json.ts";

/** What of a session is text, where it is text. */
const texts = ["session", "refresh_token", "ended", "install", "state", "journeys", "keepsakes", "external"];

/** What texts are opened with. */
export interface DeviceTextsOptions extends Omit<TextShelfOptions, "texts" | "isOfThisPage"> {
  /** The database that was given up; null where there was none. */
  readonly givenUp: Shelf | null;
}

/** The device where no database holds everything; apart from it, because few pages need this. */
export function openDeviceTexts({ givenUp, ...options }: DeviceTextsOptions): Shelf {
  const shelf = createTextShelf({ ...options, texts, isOfThisPage });
  return {
    ...shelf,
    async transact(decide) {
      let changes: Changes = {};
      const kept = await shelf.transact((now) => (changes = withRefreshToken(decide(now))));
      if (givenUp && changes["ended"]) void endIn(givenUp, changes["ended"]);
      return kept;
    },
  };
}

/** The documented key for the refresh token alone; nobody here reads it. */
function withRefreshToken(changes: Changes): Changes {
  const session = changes["session"] as { readonly refreshToken: string } | null | undefined;
  return session === undefined ? changes : { ...changes, refresh_token: session && versioned({ refreshToken: session.refreshToken }) };
}

/** What a database that is full cannot store it can still forget: whoever has left must not be there again at the next start. */
async function endIn(database: Shelf, ended: unknown): Promise<void> {
  const revisionOf = (value: unknown): number => Number((value as { readonly revision?: unknown } | undefined)?.revision ?? 0);
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
