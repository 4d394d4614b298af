import { scriptSessions } from "./launch.ts";
import { createTabWorld } from "./tab-world.ts";
import type { TabWorld } from "./tab-world.ts";

/** A profile without WebCrypto, and a service that knows one guest. */
export function unboundWorld(): TabWorld {
  const made = createTabWorld();
  scriptSessions(made.service, made.clock);
  return made;
}
