import type { CreateQueueRequest, Page, Queue, UpdateQueueRequest } from "@fanfare-io/fanfare-contract";
import { sql } from "kysely";
import type { Compilable, Selectable } from "kysely";
import type { Database } from "./database.ts";
import { planPage, toPage } from "./page.ts";
import type { PageRequest } from "./page.ts";
import type { Tables } from "./tables.ts";

/** A queue as its operator sees it. */
export const showQueue = (row: Selectable<Tables["queue"]>): Queue => ({
  id: row.id,
  organizationId: row.organizationId,
  archived: row.archived,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt?.toISOString() ?? null,
  sequenceId: row.sequenceId,
  experienceId: row.experienceId,
  name: row.name,
  openAt: row.openAt?.toISOString() ?? null,
  closeAt: row.closeAt?.toISOString() ?? null,
  paused: row.paused,
  killed: row.killed,
  passThrough: row.passThrough,
  admitRate: row.admitRate,
  capacity: row.capacity,
  maxWaiting: row.maxWaiting,
  maxAdmissions: row.maxAdmissions,
  admissionExpirationSeconds: row.admissionExpirationSeconds,
  holdSeconds: row.holdSeconds,
  grantExtensions: row.grantExtensions,
  grantExtensionSeconds: row.grantExtensionSeconds,
  positionDisplayMode: row.positionDisplayMode,
  message: row.message,
  ordering: row.ordering,
});

const instantOf = (text: string | null | undefined): Date | null => (text === null || text === undefined ? null : new Date(text));

/** Ten minutes: long enough for an unhurried checkout on a phone. */
const defaultAdmissionExpirationSeconds = 600;
/** Half an hour: a dead battery or a train through tunnels, not a night. */
const defaultHoldSeconds = 1800;
/** Five minutes: somebody who reads or types slowly gets half of a turn again. */
const defaultExtensionSeconds = 300;

/** The statements that make a queue and its counters, for a batch: one without the other would admit nobody. */
export function insertQueue(
  db: Database,
  organizationId: string,
  id: string,
  experienceId: string,
  request: CreateQueueRequest,
  made: { readonly at: Date; readonly orderSeed: Uint8Array },
): readonly Compilable[] {
  return [
    db.queries.insertInto("queue").values({
      organizationId,
      id,
      sequenceId: request.sequenceId,
      experienceId,
      name: request.name,
      openAt: instantOf(request.openAt),
      closeAt: instantOf(request.closeAt),
      paused: request.paused ?? false,
      killed: request.killed ?? false,
      admitRate: request.admitRate,
      capacity: request.capacity ?? null,
      maxWaiting: request.maxWaiting ?? null,
      maxAdmissions: request.maxAdmissions ?? null,
      admissionExpirationSeconds: request.admissionExpirationSeconds ?? defaultAdmissionExpirationSeconds,
      holdSeconds: request.holdSeconds ?? defaultHoldSeconds,
      grantExtensions: request.grantExtensions ?? 0,
      grantExtensionSeconds: request.grantExtensionSeconds ?? defaultExtensionSeconds,
      positionDisplayMode: request.positionDisplayMode ?? "precise",
      message: request.message ?? null,
      ordering: request.ordering ?? "fifo",
      orderSeed: made.orderSeed,
      createdAt: made.at,
    }),
    db.queries.insertInto("distributionCounters").values({ distributionId: id, organizationId }),
  ];
}

/** A queue of this organization. */
export async function findQueue(db: Database, organizationId: string, id: string): Promise<Queue | null> {
  const row = await db.queries.selectFrom("queue").selectAll().where("organizationId", "=", organizationId).where("id", "=", id).executeTakeFirst();
  return row === undefined ? null : showQueue(row);
}

/** The queues of an experience. */
export async function findQueuesOf(db: Database, organizationId: string, experienceId: string): Promise<readonly Queue[]> {
  const rows = await db.queries
    .selectFrom("queue")
    .selectAll()
    .where("organizationId", "=", organizationId)
    .where("experienceId", "=", experienceId)
    .orderBy("createdAt")
    .orderBy("id")
    .execute();
  return rows.map(showQueue);
}

/** A page of queues, newest first; null when the cursor is not one. */
export async function listQueues(db: Database, organizationId: string, request: PageRequest): Promise<Page<Queue> | null> {
  const plan = planPage(request);
  if (plan === null) return null;
  const rows = await db.queries
    .selectFrom("queue")
    .selectAll()
    .where("organizationId", "=", organizationId)
    .where(plan.where)
    .orderBy("createdAt", plan.direction)
    .orderBy("id", plan.direction)
    .limit(plan.limit)
    .execute();
  return toPage(plan, rows, showQueue);
}

/**
 * Changes what the request names, at once for everybody in line; null when there is no such queue, when its ordering was to change
 * after somebody has entered, or when a killed one was to come back to life.
 */
export async function updateQueue(
  db: Database,
  organizationId: string,
  id: string,
  change: UpdateQueueRequest,
  made: { readonly at: Date; readonly orderSeed: Uint8Array },
): Promise<Queue | null> {
  const { openAt, closeAt, ...rest } = change;
  const row = await db.queries
    .updateTable("queue")
    .set({
      ...rest,
      ...(openAt === undefined ? {} : { openAt: instantOf(openAt) }),
      ...(closeAt === undefined ? {} : { closeAt: instantOf(closeAt) }),
      // A queue made before there were seeds gets its own with its first change.
      orderSeed: sql<Uint8Array>`coalesce(order_seed, ${made.orderSeed})`,
      updatedAt: made.at,
    })
    .where("organizationId", "=", organizationId)
    .where("id", "=", id)
    .where((where) => (change.killed === false ? where("killed", "=", false) : where.lit(true)))
    .where((where) => (change.ordering === undefined ? where.lit(true) : where.or([where("ordering", "=", change.ordering), where("nextTicket", "=", 1)])))
    .returningAll()
    .executeTakeFirst();
  return row === undefined ? null : showQueue(row);
}
