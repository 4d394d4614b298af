import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createGuestCommit } from "../http/consumer/guests.ts";
import { familyMs } from "../domain/session.ts";
import { hashSecret } from "../platform/hashes.ts";
import type { Database } from "./database.ts";
import { deleteEnded, deleteOldChanges } from "./retention.ts";
import { advanceCounter, findRevokedSince, findSession, insertGuests, revokeSession } from "./sessions.ts";
import type { NewGuest } from "./sessions.ts";
import { openTestDatabase } from "./testing/open-test-database.ts";
import type { TestDatabase } from "./testing/open-test-database.ts";

let opened: TestDatabase;
let db: Database;
beforeAll(async () => {
  opened = await openTestDatabase();
  db = opened.db;
});
afterAll(() => opened.close());

const now = Date.parse("2026-11-22T10:00:00Z");
function guest(change: Partial<NewGuest> & { readonly secret?: string } = {}): NewGuest {
  const { secret, ...rest } = change;
  return {
    organizationId: "org_a",
    consumerId: randomUUID(),
    sessionId: randomUUID(),
    installKey: secret === undefined ? null : hashSecret(secret),
    keyThumbprint: null,
    signalsKey: null,
    isDriven: false,
    durationSeconds: 3600,
    idleExpiresAt: now + 3_600_000,
    familyExpiresAt: now + familyMs,
    createdAt: now,
    ...rest,
  };
}
const commit = () => createGuestCommit(db, { now: () => 0, pause: async () => {} });
async function counted(table: string, organizationId: string): Promise<number> {
  const [row] = await db.run<{ count: number }>(`select count(*) as count from ${table} where organization_id = $1`, [organizationId]);
  return row?.count ?? -1;
}

describe("guests", () => {
  test("of one batch become sessions and consumers together, with what was asked for", async () => {
    const guests = Array.from({ length: 300 }, () => guest({ organizationId: "org_batch" }));
    expect((await insertGuests(db, guests)).size).toBe(300);
    expect([await counted("session", "org_batch"), await counted("consumer", "org_batch")]).toEqual([300, 300]);
    const [first] = guests as [NewGuest];
    expect(await findSession(db, "org_batch", first.sessionId)).toMatchObject({
      consumerId: first.consumerId,
      consumerType: "guest",
      refreshCounter: 0,
      idleExpiresAt: first.idleExpiresAt,
      familyExpiresAt: first.familyExpiresAt,
      revokedReason: null,
    });
    expect(await findSession(db, "org_other", first.sessionId)).toBeNull();
  });

  test("with one install secret are one guest, in one batch and over several, and each organization has its own", async () => {
    const guests = commit();
    const asked = Array.from({ length: 16 }, () => guest({ organizationId: "org_same", secret: "s" }));
    const outcomes = await Promise.all(asked.map((each) => guests.submit(each)));
    const made = asked.filter((_, index) => outcomes[index]?.kind === "made");
    expect(made).toHaveLength(1);
    const consumerId = made[0]?.consumerId;
    for (const outcome of outcomes) if (outcome.kind === "found") expect(outcome.session.consumerId).toBe(consumerId);
    expect(await guests.submit(guest({ organizationId: "org_same", secret: "s" }))).toMatchObject({ kind: "found", session: { consumerId } });
    expect(await guests.submit(guest({ organizationId: "org_else", secret: "s" }))).toEqual({ kind: "made" });
    expect(await counted("consumer", "org_same")).toBe(1);
  });

  test("with one device key are one guest, in one batch and over several, and each organization has its own", async () => {
    const keyThumbprint = hashSecret("a key").toString("base64url");
    const guests = commit();
    const asked = Array.from({ length: 16 }, (_, index) => guest({ organizationId: "org_key", keyThumbprint, secret: `s${index}` }));
    const outcomes = await Promise.all(asked.map((each) => guests.submit(each)));
    expect(outcomes.filter(({ kind }) => kind === "made")).toHaveLength(1);
    expect(await guests.submit(guest({ organizationId: "org_key", keyThumbprint }))).toMatchObject({ kind: "found", session: { keyThumbprint } });
    expect(await guests.submit(guest({ organizationId: "org_key_too", keyThumbprint }))).toEqual({ kind: "made" });
    expect([await counted("consumer", "org_key"), await counted("session", "org_key")]).toEqual([1, 1]);
  });

  test("asked for again after a lost answer are the same guests, as if made now", async () => {
    const lost = [guest({ organizationId: "org_lost" }), guest({ organizationId: "org_lost", secret: "lost" })];
    await insertGuests(db, lost);
    const guests = commit();
    expect(await Promise.all(lost.map((each) => guests.submit(each)))).toEqual([{ kind: "made" }, { kind: "made" }]);
    expect(await counted("consumer", "org_lost")).toBe(2);
  });

  test("that cannot be stored fail alone", async () => {
    const guests = commit();
    const asked = Array.from({ length: 9 }, (_, index) => guest({ organizationId: "org_bad", ...(index === 4 ? { durationSeconds: 1e12 } : {}) }));
    const results = await Promise.allSettled(asked.map((each) => guests.submit(each)));
    expect(results.map((result) => result.status === "fulfilled")).toEqual(asked.map((_, index) => index !== 4));
    expect(await counted("consumer", "org_bad")).toBe(8);
  });
});

test("of two refreshes at once one moves the counter, and none moves that of an ended session", async () => {
  const asked = guest();
  await insertGuests(db, [asked]);
  const session = await findSession(db, "org_a", asked.sessionId);
  if (session === null) throw new Error("The session is missing.");
  const advance = () => advanceCounter(db, session, { to: 1, idleExpiresAt: now + 1, at: now });
  expect((await Promise.all([advance(), advance(), advance()])).filter(Boolean)).toEqual([true]);
  await revokeSession(db, "org_b", asked.sessionId, "logout", now);
  expect(await findSession(db, "org_a", asked.sessionId)).toMatchObject({ refreshCounter: 1, revokedReason: null });
  await revokeSession(db, "org_a", asked.sessionId, "logout", now);
  await revokeSession(db, "org_a", asked.sessionId, "reused", now + 5);
  const ended = await findSession(db, "org_a", asked.sessionId);
  expect(ended).toMatchObject({ revokedReason: "logout" });
  expect(await advanceCounter(db, { ...session, refreshCounter: 1 }, { to: 2, idleExpiresAt: now, at: now })).toBe(false);
  expect(await findRevokedSince(db, now - 1)).toEqual([{ id: asked.sessionId, revokedAt: now }]);
  expect(await findRevokedSince(db, now)).toEqual([]);
});

test("what ended is forgotten when its organization says: the guest with everything of it, but for a live place, a purchase of a queue that goes on, and other guests", async () => {
  const organizationId = "org_retain";
  const day = 24 * 3600 * 1000;
  for (const [id, days] of [
    [organizationId, 7],
    ["org_patient", 60],
  ] as const)
    await db.run(
      "insert into organization (id, name, session_duration_seconds, checkout_seconds, retention_days, created_at) values ($1, 'Shop', 60, 60, $2, now())",
      [id, days],
    );
  await db.run("insert into experience (organization_id, id, name, time_zone, created_at) values ($1, 'exp_r', 'E', 'UTC', now())", [organizationId]);
  await db.run("insert into sequence (organization_id, id, experience_id, name, priority, created_at) values ($1, 'seq_r', 'exp_r', 'S', 0, now())", [
    organizationId,
  ]);
  await db.run(
    `insert into queue (organization_id, id, sequence_id, experience_id, name, admit_rate, admission_expiration_seconds, position_display_mode, created_at)
     values ($1, 'queue_r', 'seq_r', 'exp_r', 'Q', 1, 60, 'precise', now())`,
    [organizationId],
  );
  const old = { organizationId, idleExpiresAt: now - 8 * day, familyExpiresAt: now + 22 * day };
  const [gone, took, bought, waits, back, recent] = [guest(old), guest(old), guest(old), guest(old), guest(old), guest({ organizationId })];
  const patient = guest({ ...old, organizationId: "org_patient" });
  await insertGuests(db, [gone, took, bought, waits, back, recent, patient]);
  await db.run("update session set consumer_id = $1 where organization_id = $2 and id = $3", [back.consumerId, organizationId, recent.sessionId]);
  const entries = [
    [1, took, "left", false],
    [2, bought, "completed", true],
    [3, waits, "waiting", true],
  ] as const;
  for (const [ticket, { consumerId }, state, live] of entries)
    await db.run(
      `insert into queue_entry (queue_id, organization_id, ticket, consumer_id, state, live, ahead_at_entry, entered_at, ended_at)
       values ('queue_r', $1, $2, $3, $4, $5, 0, $6, case when $4 = 'waiting' then null else $6::timestamptz end)`,
      [organizationId, ticket, consumerId, state, live, new Date(now - 8 * day)],
    );
  await db.run("insert into experience_visit (organization_id, experience_id, consumer_id, visited_at) values ($1, 'exp_r', $2, $3)", [
    organizationId,
    gone.consumerId,
    new Date(now - 8 * day),
  ]);
  const left = async () => {
    while ((await deleteEnded(db, new Date(now), 2)) > 0);
    const rows = await db.run<{ id: string }>("select id from consumer where organization_id = any($1)", [[organizationId, "org_patient"]]);
    return rows.map((row) => row.id).toSorted();
  };
  const ids = (...guests: { readonly consumerId: string }[]) => guests.map(({ consumerId }) => consumerId).toSorted();
  expect(await left()).toEqual(ids(bought, waits, back, recent, patient));
  await db.run("update queue set close_at = $2 where organization_id = $1", [organizationId, new Date(now - 8 * day)]);
  expect(await left()).toEqual(ids(waits, back, recent, patient));
});

test("old line changes go in batches", async () => {
  for (const version of [1, 2, 3]) {
    await db.run(
      "insert into distribution_change (distribution_id, organization_id, version, kind, tickets, at) values ('queue_c', 'org_c', $1, 'left', $2, $3)",
      [version, [version], new Date(now + version)],
    );
  }
  expect(await deleteOldChanges(db, new Date(now + 3), 1)).toBe(1);
  expect(await deleteOldChanges(db, new Date(now + 3), 10)).toBe(1);
  expect(await counted("distribution_change", "org_c")).toBe(1);
});
