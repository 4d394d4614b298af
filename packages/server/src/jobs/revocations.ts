import type { Database } from "../data/database.ts";
import { findRevokedSince } from "../data/sessions.ts";
import { accessTokenSeconds } from "../domain/session.ts";
import type { Clock } from "../platform/clock.ts";

/** The sessions that ended before their access tokens did. Bounded: an entry is forgotten when the last such token has run out (contract §6). */
export interface Revocations {
  isRevoked(sessionId: string): boolean;
  /** Known here at once; the other nodes read of it. */
  add(sessionId: string): void;
  /** Reads what other nodes revoked. Rejects when the database cannot be asked. */
  follow(): Promise<void>;
}

const lifeMs = accessTokenSeconds * 1000;
/** How far back each look goes: clocks of nodes differ, and a commit becomes visible after the instant that it carries. */
const overlapMs = 30_000;

/** How often nodes look: well within the second that contract §6 promises. */
export const revocationPeriodMs = 400;

/** Keeps the set of revoked sessions of all organizations on this node. */
export function createRevocations(db: Database, clock: Clock): Revocations {
  const revoked = new Map<string, number>();
  let lookedAt: number | null = null;
  return Object.freeze<Revocations>({
    isRevoked: (sessionId) => revoked.has(sessionId),
    add: (sessionId) => void revoked.set(sessionId, clock.now() + lifeMs),
    async follow() {
      const now = clock.now();
      const since = lookedAt === null ? now - lifeMs - overlapMs : lookedAt - overlapMs;
      for (const { id, revokedAt } of await findRevokedSince(db, since)) revoked.set(id, revokedAt + lifeMs + overlapMs);
      lookedAt = now;
      for (const [id, until] of revoked) if (until <= now) revoked.delete(id);
    },
  });
}
