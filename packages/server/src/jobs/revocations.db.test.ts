import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { insertGuests, revokeSession } from "../data/sessions.ts";
import { openTestDatabase } from "../data/testing/open-test-database.ts";
import type { TestDatabase } from "../data/testing/open-test-database.ts";
import { createTurnedClock } from "../lines/testing/test-node.ts";
import { createEmbeddedMaintenance } from "./maintain-embedded.ts";
import { createRevocations } from "./revocations.ts";

let opened: TestDatabase;
beforeAll(async () => {
  opened = await openTestDatabase();
});
afterAll(() => opened.close());

test("what one node revokes the others know after their next look, and forget when no token can be left", async () => {
  const { db } = opened;
  const clock = createTurnedClock();
  const [here, there] = [createRevocations(db, clock), createRevocations(db, clock)];
  await there.follow();
  const sessionId = randomUUID();
  const at = clock.now();
  const guest = {
    organizationId: "org_a",
    consumerId: randomUUID(),
    sessionId,
    installKey: null,
    keyThumbprint: null,
    signalsKey: null,
    isDriven: false,
    durationSeconds: 60,
  };
  await insertGuests(db, [{ ...guest, idleExpiresAt: at + 60_000, familyExpiresAt: at + 60_000, createdAt: at }]);
  await revokeSession(db, "org_a", sessionId, "logout", at);
  here.add(sessionId);
  expect([here.isRevoked(sessionId), there.isRevoked(sessionId)]).toEqual([true, false]);
  clock.turn(400);
  await there.follow();
  expect(there.isRevoked(sessionId)).toBe(true);
  const restarted = createRevocations(db, clock);
  await restarted.follow();
  expect(restarted.isRevoked(sessionId)).toBe(true);
  clock.turn(700_000);
  await Promise.all([here.follow(), there.follow()]);
  expect([here.isRevoked(sessionId), there.isRevoked(sessionId)]).toEqual([false, false]);
});

test("the embedded database's upkeep runs on a database that has grown", async () => {
  const { db } = opened;
  if (db.profile !== "embedded") return;
  const at = Date.now();
  const guests = Array.from({ length: 2_000 }, () => ({
    organizationId: "org_grown",
    consumerId: randomUUID(),
    sessionId: randomUUID(),
    installKey: null,
    keyThumbprint: null,
    signalsKey: null,
    isDriven: false,
    durationSeconds: 60,
    idleExpiresAt: at,
    familyExpiresAt: at,
    createdAt: at,
  }));
  await insertGuests(db, guests);
  const maintenance = createEmbeddedMaintenance(db);
  const estimate = async () => (await db.run<{ rows: number }>("select reltuples::int8 as rows from pg_class where relname = 'session'", []))[0]?.rows;
  await maintenance.round(at);
  expect(await estimate()).toBeGreaterThanOrEqual(2_000);
  await maintenance.round(at + 3_600_000);
});
