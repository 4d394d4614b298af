import type { Database } from "../../data/database.ts";
import type { QueueKey } from "../../data/queue-entries.ts";
import { makeTestShop } from "../../data/testing/make-shop.ts";
import type { Clock } from "../../platform/clock.ts";

/** What bounds the queue of a test. */
export interface QueueLimits {
  readonly admitRate?: number;
  readonly capacity?: number;
  readonly maxAdmissions?: number;
  readonly maxWaiting?: number;
  readonly lifetime?: number;
  readonly holdSeconds?: number;
  /** Orders early arrivals by this seed; `openAt` says how long they are early. */
  readonly orderSeed?: Uint8Array;
  readonly openAt?: number;
}

/** Makes an organization of its own with one queue. */
export async function makeTestQueue(db: Database, clock: Clock, limits: QueueLimits = {}): Promise<QueueKey> {
  const { record, place } = await makeTestShop(db, new Date(clock.now()));
  const { organizationId } = record;
  await db.queries
    .insertInto("queue")
    .values({
      ...record,
      ...place,
      id: "queue_a",
      name: "Line",
      admitRate: limits.admitRate ?? 6000,
      capacity: limits.capacity ?? null,
      maxAdmissions: limits.maxAdmissions ?? null,
      maxWaiting: limits.maxWaiting ?? null,
      admissionExpirationSeconds: limits.lifetime ?? 600,
      holdSeconds: limits.holdSeconds ?? 1800,
      positionDisplayMode: "precise",
      ordering: limits.orderSeed === undefined ? "fifo" : "shuffle_early",
      orderSeed: limits.orderSeed ?? null,
      openAt: limits.openAt === undefined ? null : new Date(limits.openAt),
    })
    .execute();
  await db.queries.insertInto("distributionCounters").values({ distributionId: "queue_a", organizationId }).execute();
  return { organizationId, queueId: "queue_a" };
}
