import type { ConsumerExport, Mechanism } from "@fanfare-io/fanfare-contract";
import { findAliases } from "./aliases.ts";
import type { Database } from "./database.ts";
import { readEntryKeys } from "./entry-keys.ts";
import { readIdentities, readLinks } from "./known-consumers.ts";
import { listSecurityEvents } from "./security-events.ts";
import { bytesText } from "./sessions.ts";

const mostEvents = 1_000;

/** Everything that the database holds about a consumer; null when it holds no such consumer. A table that names consumers belongs in here and in `erasure.ts`. */
export async function readConsumerRecord(db: Database, organizationId: string, consumerId: string, now: number): Promise<ConsumerExport | null> {
  const consumer = await db.queries
    .selectFrom("consumer")
    .select(["id", "type", "email", "phone", "fullName", "lostDraws", "createdAt"])
    .where("organizationId", "=", organizationId)
    .where("id", "=", consumerId)
    .executeTakeFirst();
  if (consumer === undefined) return null;
  const { lostDraws, ...profile } = consumer;
  const aliases = await findAliases(db, organizationId, consumerId);
  // What happened under a guest's id stays under it: a receipt that a shop has names it.
  const ids = [consumerId, ...aliases];
  const [identities, links, sessions, participations, grants, visits, boundEntries, entryChecks, events] = await Promise.all([
    readIdentities(db, organizationId, consumerId),
    readLinks(db, organizationId, consumerId),
    readSessions(db, organizationId, ids),
    readParticipations(db, organizationId, ids),
    readGrants(db, organizationId, ids),
    readVisits(db, organizationId, ids),
    readEntryKeys(db, organizationId, ids),
    readEntryChecks(db, organizationId, ids),
    Promise.all(ids.map((id) => listSecurityEvents(db, organizationId, { consumerId: id, first: mostEvents }))),
  ]);
  return {
    exportedAt: new Date(now).toISOString(),
    consumer: { ...profile, createdAt: profile.createdAt.toISOString() },
    lostDraws,
    identities,
    aliases,
    links,
    sessions,
    participations,
    grants,
    visits,
    entryChecks,
    boundEntries,
    securityEvents: events.flatMap((page) => page?.data ?? []),
  };
}

async function readSessions(db: Database, organizationId: string, consumerIds: readonly string[]): Promise<ConsumerExport["sessions"]> {
  const rows = await db.queries
    .selectFrom("session")
    .selectAll()
    .where("organizationId", "=", organizationId)
    .where("consumerId", "in", consumerIds)
    .orderBy("createdAt")
    .execute();
  return rows.map((row) => ({
    id: row.id,
    createdAt: row.createdAt.toISOString(),
    lastUsedAt: row.refreshedAt.toISOString(),
    expiresAt: row.idleExpiresAt.toISOString(),
    bound: row.keyThumbprint !== null,
    keyThumbprint: row.keyThumbprint && bytesText(row.keyThumbprint),
    signals: row.signalsKey && { hash: bytesText(row.signalsKey), webdriver: row.signalsDriven },
    endedAt: row.revokedAt?.toISOString() ?? null,
    endedBecause: row.revokedReason,
  }));
}

/** Everything that a consumer took part in, under any of these ids. */
export async function readParticipations(db: Database, organizationId: string, consumerIds: readonly string[]): Promise<ConsumerExport["participations"]> {
  const rows = await db.queries
    .selectFrom("queueEntry as e")
    .innerJoin("queue as q", (join) => join.onRef("q.organizationId", "=", "e.organizationId").onRef("q.id", "=", "e.queueId"))
    .select(["e.queueId", "q.experienceId", "q.sequenceId", "e.ticket", "e.state", "e.enteredAt", "e.endedAt"])
    .where("e.organizationId", "=", organizationId)
    .where("e.consumerId", "in", consumerIds)
    .orderBy("e.enteredAt")
    .execute();
  const places = rows.map((row): ConsumerExport["participations"][number] => ({
    mechanism: "queue",
    distributionId: row.queueId,
    experienceId: row.experienceId,
    sequenceId: row.sequenceId,
    ticket: row.ticket,
    status: row.state,
    enteredAt: row.enteredAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
  }));
  return [...places, ...(await readDrawEntries(db, organizationId, consumerIds))];
}

async function readDrawEntries(db: Database, organizationId: string, consumerIds: readonly string[]): Promise<ConsumerExport["participations"]> {
  const rows = await db.run<{
    draw_id: string;
    experience_id: string;
    sequence_id: string;
    ticket: number;
    class: number;
    entered_at: Date;
    ended_at: Date | null;
  }>(
    `select e.draw_id, d.experience_id, d.sequence_id, e.ticket, e.class, e.entered_at, e.ended_at
       from draw_entry e join draw d on d.organization_id = e.organization_id and d.id = e.draw_id
      where e.organization_id = $1 and e.consumer_id = any($2::uuid[]) order by e.entered_at`,
    [organizationId, consumerIds],
  );
  return rows.map((row) => ({
    mechanism: "draw",
    distributionId: row.draw_id,
    experienceId: row.experience_id,
    sequenceId: row.sequence_id,
    ticket: row.ticket,
    status: row.class === 0 ? "waiting" : row.class === 1 ? "left" : "denied",
    enteredAt: row.entered_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
  }));
}

/** Every grant that a consumer had, under any of these ids. */
export async function readGrants(db: Database, organizationId: string, consumerIds: readonly string[]): Promise<ConsumerExport["grants"]> {
  const rows = await db.queries
    .selectFrom("admissionGrant")
    .selectAll()
    .where("organizationId", "=", organizationId)
    .where("consumerId", "in", consumerIds)
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

async function readVisits(db: Database, organizationId: string, consumerIds: readonly string[]): Promise<ConsumerExport["visits"]> {
  const rows = await db.queries
    .selectFrom("experienceVisit")
    .select(["experienceId", "visitedAt"])
    .where("organizationId", "=", organizationId)
    .where("consumerId", "in", consumerIds)
    .orderBy("visitedAt")
    .execute();
  return rows.map((row) => ({ experienceId: row.experienceId, visitedAt: row.visitedAt.toISOString() }));
}

async function readEntryChecks(db: Database, organizationId: string, consumerIds: readonly string[]): Promise<ConsumerExport["entryChecks"]> {
  const rows = await db.queries
    .selectFrom("entryCheck")
    .select(["distributionId", "state", "reasons", "createdAt", "askedAt", "answeredAt", "addressKey", "networkKey", "alikeKey"])
    .where("organizationId", "=", organizationId)
    .where("consumerId", "in", consumerIds)
    .orderBy("createdAt")
    .execute();
  return rows.map(({ addressKey, networkKey, alikeKey, ...row }) => ({
    ...row,
    createdAt: row.createdAt.toISOString(),
    askedAt: row.askedAt?.toISOString() ?? null,
    answeredAt: row.answeredAt?.toISOString() ?? null,
    addressHash: bytesText(addressKey),
    networkHash: bytesText(networkKey),
    signalsHash: alikeKey && bytesText(alikeKey),
  }));
}
