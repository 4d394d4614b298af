import type { LinkOutcome } from "@fanfare-io/fanfare-contract";
import { findAliasOwner, findStrays, findStraysOf, findWinningAliases, holdAlias } from "../data/aliases.ts";
import { isPassing, refusedItself } from "../data/conflicts.ts";
import type { Database } from "../data/database.ts";
import { DatabaseError } from "../data/database.ts";
import { holdConsumers } from "../data/identities.ts";
import type { Statement } from "../data/identities.ts";
import { mergeStatements, readParts } from "../data/merging.ts";
import type { Pair, Parts } from "../data/merging.ts";
import { outcomeOfMerge, planMerge } from "../domain/linking.ts";
import type { Planned } from "../domain/linking.ts";
import type { Follower } from "../lines/follow.ts";
import type { Clock } from "../platform/clock.ts";
import { meetingsOf } from "./meetings.ts";
import type { PlaceOf } from "./meetings.ts";

/** How what a guest has comes together with what the consumer has who it turned out to be. */
export interface PlannedMerge {
  readonly plan: readonly Planned[];
  readonly outcome: LinkOutcome;
  /** For a transaction; they roll it back where the plan's ground has moved. */
  readonly statements: readonly Statement[];
}

/** Brings participations together: when a guest is linked, and once more for what was being written at that moment. */
export interface Merger {
  plan(pair: Pair, at: Date): Promise<PlannedMerge>;
  /** Tells this node's lines; the others follow. */
  tell(pair: Pair, plan: readonly Planned[]): Promise<void>;
  /** Brings over what stands under aliases made lately. */
  round(): Promise<void>;
  /** Brings over what stands under the aliases of a consumer, or under an id that is one; answers the consumer's own. */
  settle(organizationId: string, consumerId: string): Promise<string>;
  /** Brings over what aliases have won in a draw. */
  settleDraw(organizationId: string, drawId: string): Promise<void>;
}

export interface MergerDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly follower: Pick<Follower, "known" | "catchUp">;
}

/** How often nodes look for strays, and how old the link may be: longer than any statement runs. */
export const strayPeriodMs = 1_000;
const strayMs = 15_000;
const maxLooks = 6;

/** Makes the merger of a node. */
export function createMerger({ db, clock, follower }: MergerDeps): Merger {
  const keyOf = (pair: Pair, queueId: string) => ({ organizationId: pair.organizationId, queueId });

  /** Drawn orders are in memory: once it has caught up, a line knows the place of everybody in it. */
  async function placesOf(pair: Pair, { queues }: Parts): Promise<PlaceOf> {
    for (const id of new Set(queues.filter(({ ordered }) => ordered).map((part) => part.id))) await follower.catchUp(keyOf(pair, id));
    return (queueId, ofGuest) => follower.known(keyOf(pair, queueId))?.line.waiterOf(ofGuest ? pair.guestId : pair.consumerId)?.ticket;
  }

  async function plan(pair: Pair, at: Date): Promise<PlannedMerge> {
    const parts = await readParts(db, pair);
    const planned = planMerge(meetingsOf(parts, await placesOf(pair, parts)));
    return { plan: planned, outcome: outcomeOfMerge(pair.guestId, planned), statements: mergeStatements(pair, parts.fingerprint, planned, at) };
  }

  async function tell(pair: Pair, planned: readonly Planned[]): Promise<void> {
    const touched = planned.filter(({ mechanism, better, other }) => mechanism === "queue" && (better === "guest" || other === "close"));
    await Promise.all(touched.map(({ distributionId }) => follower.catchUp(keyOf(pair, distributionId))));
  }

  async function bringOver(pair: Pair): Promise<void> {
    for (let look = 1; ; look++) {
      try {
        const merge = await plan(pair, new Date(clock.now()));
        if (merge.plan.every(({ better, other }) => better !== "guest" && other !== "close")) return;
        await db.batch([holdConsumers(pair.organizationId, [{ id: pair.consumerId, type: "identified" }]), holdAlias(pair), ...merge.statements]);
        await tell(pair, merge.plan);
        return;
      } catch (error) {
        const passing = refusedItself(error) || isPassing(error) || (error instanceof DatabaseError && error.code === "23505");
        if (!passing || look === maxLooks) throw error;
      }
    }
  }

  const bringAll = async (pairs: readonly Pair[]): Promise<void> => {
    for (const pair of pairs) await bringOver(pair);
  };

  return Object.freeze<Merger>({
    plan,
    tell,
    round: async () => bringAll(await findStrays(db, clock.now() - strayMs)),
    async settle(organizationId, consumerId) {
      await bringAll(await findStraysOf(db, organizationId, consumerId));
      return (await findAliasOwner(db, organizationId, consumerId)) ?? consumerId;
    },
    settleDraw: async (organizationId, drawId) => bringAll(await findWinningAliases(db, organizationId, drawId)),
  });
}
