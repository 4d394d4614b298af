import type { ConsumerExport, Mechanism } from "@fanfare-io/fanfare-contract";
import type { Database } from "./database.ts";
import { listSecurityEvents } from "./security-events.ts";

const mostEvents = 1_000;

/** Everything that the database holds about a consumer; null when it holds no such consumer. A table that names consumers belongs in here and in `erasure.ts`. */
export async function readConsumerRecord(db: Database, organizationId: string, consumerId: string, now: number): Promise<ConsumerExport | null> {
  const consumer = await db.queries
    .selectFrom("consumer")
    .select(["id", "type", "email", "phone", "fullName", "createdAt"])
    .where("organizationId", "=", organizationId)
    .where("id", "=", consumerId)
    .executeTakeFirst();
  if (consumer === undefined) return null;
  const [sessions, participations, grants, visits, events] = await Promise.all([
    readSessions(db, organizationId, consumerId),
    readPlaces(db, organizationId, consumerId),
    readGrants(db, organizationId, consumerId),
    readVisits(db, organizationId, consumerId),
    listSecurityEvents(db, organizationId, { consumerId, first: mostEvents }),
  ]);
  return {
    exportedAt: new Date(now).toISOString(),
    consumer: { ...consumer, createdAt: consumer.createdAt.toISOString() },
    sessions,
    participations,
    grants,
    visits,
    securityEvents: events?.data ?? [],
  };
}

async function readSessions(db: Database, organizationId: string, consumerId: string): Promise<ConsumerExport["sessions"]> {
  const rows = await db.queries
    .selectFrom("session")
    .selectAll()
    .where("organizationId", "=", organizationId)
    .where("consumerId", "=", consumerId)
    .orderBy("createdAt")
    .execute();
  return rows.map((row) => ({
    id: row.id,
    createdAt: row.createdAt.toISOString(),
    lastUsedAt: row.refreshedAt.toISOString(),
    expiresAt: row.idleExpiresAt.toISOString(),
    bound: row.keyThumbprint !== null,
    endedAt: row.revokedAt?.toISOString() ?? null,
    endedBecause: row.revokedReason,
  }));
}

async function readPlaces(db: Database, organizationId: string, consumerId: string): Promise<ConsumerExport["participations"]> {
  const rows = await db.queries
    .selectFrom("queueEntry as e")
    .innerJoin("queue as q", (join) => join.onRef("q.organizationId", "=", "e.organizationId").onRef("q.id", "=", "e.queueId"))
    .select(["e.queueId", "q.experienceId", "q.sequenceId", "e.ticket", "e.state", "e.enteredAt", "e.endedAt"])
    .where("e.organizationId", "=", organizationId)
    .where("e.consumerId", "=", consumerId)
    .orderBy("e.enteredAt")
    .execute();
  return rows.map((row) => ({
    mechanism: "queue",
    distributionId: row.queueId,
    experienceId: row.experienceId,
    sequenceId: row.sequenceId,
    ticket: row.ticket,
    status: row.state,
    enteredAt: row.enteredAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
  }));
}

async function readGrants(db: Database, organizationId: string, consumerId: string): Promise<ConsumerExport["grants"]> {
  const rows = await db.queries
    .selectFrom("admissionGrant")
    .selectAll()
    .where("organizationId", "=", organizationId)
    .where("consumerId", "=", consumerId)
    .orderBy("grantedAt")
    .execute();
  return rows.map((row) => ({
    grantId: row.id,
    mechanism: row.mechanism as Mechanism,
    distributionId: row.distributionId,
    experienceId: row.experienceId,
    status: row.state,
    grantedAt: row.grantedAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    orderId: row.orderId,
    orderAmount: row.orderAmount,
    completedAt: row.completedAt?.toISOString() ?? null,
  }));
}

async function readVisits(db: Database, organizationId: string, consumerId: string): Promise<ConsumerExport["visits"]> {
  const rows = await db.queries
    .selectFrom("experienceVisit")
    .select(["experienceId", "visitedAt"])
    .where("organizationId", "=", organizationId)
    .where("consumerId", "=", consumerId)
    .orderBy("visitedAt")
    .execute();
  return rows.map((row) => ({ experienceId: row.experienceId, visitedAt: row.visitedAt.toISOString() }));
}
