import type { Database } from "../data/database.ts";
import { createAliases } from "../identities/aliases.ts";
import type { Aliases } from "../identities/aliases.ts";
import { createIdentities } from "../identities/identities.ts";
import { createMerger } from "../identities/merger.ts";
import type { Merger } from "../identities/merger.ts";
import type { Identities } from "../identities/proving.ts";
import type { Audit } from "../jobs/audit.ts";
import type { Revocations } from "../jobs/revocations.ts";
import type { Follower } from "../lines/follow.ts";
import type { Clock } from "../platform/clock.ts";

/** Who people are: the door of those who prove it, and what follows from it everywhere else. */
export interface IdentitiesRoom {
  readonly identities: Identities;
  readonly aliases: Aliases;
  readonly merger: Merger;
}

/** Wires the identities. */
export function wireIdentities(deps: {
  readonly db: Database;
  readonly clock: Clock;
  readonly newUuid: () => string;
  readonly follower: Follower;
  readonly revocations: Revocations;
  readonly audit: Audit;
}): IdentitiesRoom {
  const aliases = createAliases(deps.db, deps.clock);
  const merger = createMerger(deps);
  return { aliases, merger, identities: createIdentities({ ...deps, aliases, merger }) };
}
