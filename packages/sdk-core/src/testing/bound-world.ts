import { scriptBoundSessions } from "./bound-service.ts";
import type { BoundService } from "./bound-service.ts";
import { startSdk } from "./launch.ts";
import type { TestSdk } from "./launch.ts";
import { createTabWorld } from "./tab-world.ts";
import type { TabWorld } from "./tab-world.ts";

/** A profile, with what its service can be told to do. */
export type BoundWorld = TabWorld & { readonly bound: BoundService };

/** A profile with WebCrypto, unless it is without, and a service that binds sessions to keys. */
export function boundWorld(canSign = true): BoundWorld {
  const made = createTabWorld({ canSign });
  return { ...made, bound: scriptBoundSessions(made.service, made.clock) };
}

/** Starts the SDK in a new tab. */
export const open = (w: TabWorld): Promise<TestSdk> => startSdk(w, w.openTab());
