import type { Database } from "../data/database.ts";
import { deleteOldSightings, readSightings, writeSightings } from "../data/sightings.ts";
import type { Sighting } from "../data/sightings.ts";
import type { Follower } from "../lines/follow.ts";
import type { Clock } from "../platform/clock.ts";

/** How often nodes tell each other whom they heard of. */
export const sightingPeriodMs = 1_000;

// A node that has not written for this long is dead, or a deploy ago.
const forgottenMs = 60_000;

/** Carries presence between nodes: any of them may be the one that admits, and each hears only those who asked it. */
export interface SightingJob {
  /** Tells and listens once. */
  round(): Promise<void>;
}

/** Makes the job of one node. Clocks of nodes are not compared: what is new to this node was heard of now. */
export function createSightingJob(deps: { readonly db: Database; readonly clock: Clock; readonly follower: Follower; readonly node: string }): SightingJob {
  const turns = new Map<string, number>();
  let turn = 0;
  let cleanedAt: number | null = null;

  async function tell(now: number): Promise<void> {
    turn++;
    const sightings: Sighting[] = [];
    for (const live of deps.follower.all()) {
      const { heard } = live.survey(now);
      if (heard.tickets.length > 0) sightings.push({ key: live.key, node: deps.node, turn, ...heard });
    }
    await writeSightings(deps.db, sightings, new Date(now));
  }

  async function listen(now: number): Promise<void> {
    const heard = await readSightings(deps.db, deps.node);
    const named = new Set<string>();
    for (const sighting of heard) {
      const name = `${sighting.node}\n${sighting.key.organizationId}\n${sighting.key.queueId}`;
      named.add(name);
      const last = turns.get(name);
      turns.set(name, sighting.turn);
      // At the first look nobody can say how old a row is; the next turn will tell.
      if (last !== undefined && last !== sighting.turn) deps.follower.known(sighting.key)?.hearOf(sighting, now);
    }
    for (const name of turns.keys()) if (!named.has(name)) turns.delete(name);
  }

  return Object.freeze<SightingJob>({
    async round() {
      const now = deps.clock.now();
      await tell(now);
      await listen(now);
      if (cleanedAt === null || now - cleanedAt > forgottenMs) {
        await deleteOldSightings(deps.db, new Date(now - forgottenMs));
        cleanedAt = now;
      }
    },
  });
}
