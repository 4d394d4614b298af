import type { Platform } from "@fanfare-io/fanfare-contract";
import { openChannel } from "./lib/channel.ts";
import { systemClock } from "./lib/clock.ts";
import { randomBytes, systemRandom } from "./lib/random.ts";
import { openKeyShelf } from "./lib/key-shelf.ts";
import { openSigning } from "./lib/signing.ts";
import { openWebStorage } from "./lib/storage.ts";
import { pageVisibility } from "./lib/visibility.ts";

const page: Platform = {
  clock: systemClock,
  random: systemRandom,
  randomBytes,
  // Read at each call, so that instrumentation which replaces fetch later is honoured.
  fetch: (input, init) => globalThis.fetch(input, init),
  channel: openChannel,
  storage: openWebStorage,
  visibility: pageVisibility,
  signing: openSigning,
  keyShelf: openKeyShelf,
};

/** The page's own platform, with what the host injected in its place. Touches nothing until a member is called. */
export function resolvePlatform(injected?: Partial<Platform>): Platform {
  return Object.freeze<Platform>({ ...page, ...injected });
}
