import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "../data/database.ts";
import { advanceCounter, findSession, insertGuests } from "../data/sessions.ts";
import type { NewGuest } from "../data/sessions.ts";
import { openTestDatabase } from "../data/testing/open-test-database.ts";
import type { TestDatabase } from "../data/testing/open-test-database.ts";
import { familyMs } from "../domain/session.ts";
import { retain } from "./retain.ts";

let opened: TestDatabase;
let db: Database;
beforeAll(async () => {
  opened = await openTestDatabase();
  db = opened.db;
});
afterAll(() => opened.close());

const organizationId = "org_forgets";
const now = Date.parse("2026-11-22T10:00:00Z");
const clock = { now: () => now, every: () => () => undefined };
const newcomer = (): NewGuest => ({
  organizationId,
  consumerId: randomUUID(),
  sessionId: randomUUID(),
  installKey: null,
  keyThumbprint: null,
  signalsKey: null,
  isDriven: false,
  durationSeconds: 3600,
  idleExpiresAt: now + 3_600_000,
  familyExpiresAt: now + familyMs,
  createdAt: now,
});

/** Guests who came forty days ago and never again. */
async function makeForgotten(count: number): Promise<void> {
  await db.run(
    "insert into organization (id, name, session_duration_seconds, checkout_seconds, retention_days, created_at) values ($1, 'Shop', 60, 60, 30, now())",
    [organizationId],
  );
  await db.run(
    `with came as (select gen_random_uuid() as consumer, gen_random_uuid() as session, n from generate_series(1, $2::int) n),
          made as (insert into consumer (organization_id, id, type, created_at) select $1, consumer, 'guest', $3 from came)
     insert into session (organization_id, id, consumer_id, refresh_counter, refreshed_at, duration_seconds, idle_expires_at, family_expires_at, created_at)
     select $1, session, consumer, 0, $3::timestamptz, 3600, $3::timestamptz + n * interval '1 millisecond', $3::timestamptz + interval '30 days', $3::timestamptz from came`,
    [organizationId, count, new Date(now - 40 * 24 * 3600 * 1000)],
  );
  await db.run("analyze session, consumer", []);
}

async function left(): Promise<readonly number[]> {
  const [row] = await db.run<{ sessions: number; consumers: number }>(
    `select (select count(*) from session where organization_id = $1)::int as sessions, (select count(*) from consumer where organization_id = $1)::int as consumers`,
    [organizationId],
  );
  return [row?.sessions ?? -1, row?.consumers ?? -1];
}

/** The database, with something done before each tenth statement and its answers looked at. */
function watch(
  before: () => Promise<void>,
  after: <Row>(statement: string, parameters: readonly unknown[], rows: readonly Row[]) => Promise<readonly Row[]>,
): Database {
  let statements = 0;
  return {
    ...db,
    async run<Row>(statement: string, parameters: readonly unknown[]): Promise<readonly Row[]> {
      if (statements++ % 10 === 0) await before();
      return after(statement, parameters, await db.run<Row>(statement, parameters));
    },
  };
}

test("forgotten guests go two thousand a statement, along an index, while others come and renew in between", async () => {
  await makeForgotten(2_500);
  const renewing = newcomer();
  await insertGuests(db, [renewing]);
  const session = await findSession(db, organizationId, renewing.sessionId);
  if (session === null) throw new Error("The session is missing.");
  const deleted: number[] = [];
  let came = 1;
  let renewals = 0;
  let plan = "";
  const comeAndRenew = async (): Promise<void> => {
    await insertGuests(db, [newcomer()]);
    came += 1;
    if (await advanceCounter(db, { ...session, refreshCounter: renewals }, { to: renewals + 1, idleExpiresAt: now + 1, at: now })) renewals += 1;
  };
  const watched = watch(comeAndRenew, async (statement, parameters, rows) => {
    if (!statement.includes("delete from session t")) return rows;
    deleted.push(rows.length);
    plan ||= (await db.run<{ "QUERY PLAN": string }>(`explain ${statement}`, parameters)).map((line) => line["QUERY PLAN"]).join("\n");
    return rows;
  });
  await retain(watched, clock);
  expect([deleted, renewals]).toEqual([[2_000, 500], came - 1]);
  expect(plan).toContain("Index Scan using session_ended on session");
  expect(await left()).toEqual([came, came]);
});

test("however many guests are forgotten, a round ends after forty thousand, and the next one goes on", async () => {
  let rounds = 0;
  const nobody = { organization_id: organizationId, consumer_id: randomUUID() };
  const endless = watch(
    () => Promise.resolve(),
    async (statement, _parameters, rows) => {
      if (!statement.includes("delete from session t")) return rows;
      rounds += 1;
      return Array.from({ length: 2_000 }, () => nobody as (typeof rows)[number]);
    },
  );
  await retain(endless, clock);
  expect(rounds).toBe(20);
});
