import { findAliasChanges } from "../data/aliases.ts";
import type { Database } from "../data/database.ts";
import { accessTokenSeconds } from "../domain/session.ts";
import type { Clock } from "../platform/clock.ts";

/** Whose the tokens are that were issued to guests who have become somebody since. Bounded: an entry is forgotten when the last access token of that guest has run out. */
export interface Aliases {
  /** The consumer behind an id, which is most often the id itself. */
  resolve(organizationId: string, consumerId: string): string;
  /** Known here at once; the other nodes read of it. */
  add(organizationId: string, aliasId: string, consumerId: string): void;
  remove(organizationId: string, aliasId: string): void;
  /** Reads what other nodes linked. Rejects when the database cannot be asked. */
  follow(): Promise<void>;
}

const lifeMs = accessTokenSeconds * 1000;
/** How far back each look goes: clocks of nodes differ, and a commit becomes visible after the instant that it carries. */
const overlapMs = 30_000;

/** How often nodes look, as for sessions that ended. */
export const aliasPeriodMs = 400;

/** Keeps the aliases of all organizations that tokens may still name. Poll tokens live longer: who asks with one is looked up where memory knows nothing of them. */
export function createAliases(db: Database, clock: Clock): Aliases {
  const known = new Map<string, { readonly consumerId: string; readonly until: number }>();
  let lookedAt: number | null = null;
  const nameOf = (organizationId: string, aliasId: string): string => `${organizationId}\0${aliasId}`;
  return Object.freeze<Aliases>({
    resolve: (organizationId, consumerId) => (known.size === 0 ? consumerId : (known.get(nameOf(organizationId, consumerId))?.consumerId ?? consumerId)),
    add: (organizationId, aliasId, consumerId) => void known.set(nameOf(organizationId, aliasId), { consumerId, until: clock.now() + lifeMs + overlapMs }),
    remove: (organizationId, aliasId) => void known.delete(nameOf(organizationId, aliasId)),
    async follow() {
      const now = clock.now();
      const since = lookedAt === null ? now - lifeMs - overlapMs : lookedAt - overlapMs;
      for (const { organizationId, aliasId, consumerId, at, ended } of await findAliasChanges(db, since)) {
        if (ended) known.delete(nameOf(organizationId, aliasId));
        else known.set(nameOf(organizationId, aliasId), { consumerId, until: at + lifeMs + overlapMs });
      }
      lookedAt = now;
      for (const [name, { until }] of known) if (until <= now) known.delete(name);
    },
  });
}
