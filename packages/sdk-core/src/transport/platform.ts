import type { Platform } from "@fanfare-io/fanfare-contract";
import { openChannel } from "../lib/channel.ts";
import { systemClock } from "../lib/clock.ts";
import { randomBytes, systemRandom } from "../lib/random.ts";
import { openShelf } from "../lib/shelf.ts";
import { openWebStorage } from "../lib/storage.ts";
import { pageVisibility } from "../lib/visibility.ts";

/** Everything outside that the SDK touches; what only talking to the service needs is filled in there. */
export type PagePlatform = Omit<Platform, "signing" | "shown"> & Partial<Pick<Platform, "signing" | "shown">>;

const page: PagePlatform = {
  clock: systemClock,
  random: systemRandom,
  randomBytes,
  // Read at each call, so that instrumentation which replaces fetch later is honoured.
  fetch: (input, init) => globalThis.fetch(input, init),
  channel: openChannel,
  storage: openWebStorage,
  visibility: pageVisibility,
  shelf: openShelf,
};

/** The page's own platform, with what the host injected in its place. Touches nothing until a member is called. */
export function resolvePlatform(injected?: Partial<Platform>): PagePlatform {
  return Object.freeze<PagePlatform>({ ...page, ...injected });
}
