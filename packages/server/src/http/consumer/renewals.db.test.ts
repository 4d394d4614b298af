import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database } from "../../data/database.ts";
import type { Renewal } from "../../data/renewals.ts";
import { findSession, insertGuests, revokeSession } from "../../data/sessions.ts";
import type { NewGuest } from "../../data/sessions.ts";
import { openTestDatabase } from "../../data/testing/open-test-database.ts";
import type { TestDatabase } from "../../data/testing/open-test-database.ts";
import { familyMs } from "../../domain/session.ts";
import { createRenewalCommit } from "./renewals.ts";

let opened: TestDatabase;
let db: Database;
beforeAll(async () => {
  opened = await openTestDatabase();
  db = opened.db;
});
afterAll(() => opened.close());

const made = Date.parse("2026-11-22T10:00:00Z");
const now = made + 600_000;
const hour = 3_600_000;

async function guests(count: number, change: Partial<NewGuest> = {}): Promise<readonly NewGuest[]> {
  const fresh = (): NewGuest => ({
    organizationId: "org_a",
    consumerId: randomUUID(),
    sessionId: randomUUID(),
    installKey: null,
    keyThumbprint: null,
    signalsKey: null,
    isDriven: false,
    durationSeconds: 3600,
    idleExpiresAt: made + hour,
    familyExpiresAt: made + familyMs,
    createdAt: made,
    ...change,
  });
  const all = Array.from({ length: count }, fresh);
  await insertGuests(db, all);
  return all;
}

const renewalOf = ({ organizationId, sessionId, keyThumbprint }: NewGuest, change: Partial<Renewal> = {}): Renewal => ({
  organizationId,
  sessionId,
  counter: 0,
  keyThumbprint,
  at: now,
  ...change,
});
const commit = () => createRenewalCommit(db, { now: () => 0, pause: async () => {} });

describe("sessions renewed in a batch", () => {
  test("each get their own next counter and a new idle limit, and the row says the same", async () => {
    const all = await guests(300);
    const renewals = commit();
    const renewed = await Promise.all(all.map((guest) => renewals.submit(renewalOf(guest))));
    for (const [at, session] of renewed.entries()) {
      expect(session).toMatchObject({
        id: all[at]?.sessionId,
        consumerId: all[at]?.consumerId,
        refreshCounter: 1,
        refreshedAt: now,
        idleExpiresAt: now + hour,
      });
    }
    const [first] = all as [NewGuest];
    expect(await findSession(db, "org_a", first.sessionId)).toEqual(renewed[0]);
  });

  test("keep their counter where a key is proved, and never live longer than their family", async () => {
    const keyThumbprint = randomBytes(32).toString("base64url");
    const [guest] = (await guests(1, { keyThumbprint, familyExpiresAt: now + 60_000 })) as [NewGuest];
    expect(await commit().submit(renewalOf(guest))).toMatchObject({ refreshCounter: 0, keyThumbprint, idleExpiresAt: now + 60_000 });
  });

  test("that two ask for at once are renewed once: the other is left to be answered as a parent", async () => {
    const [guest] = (await guests(1)) as [NewGuest];
    const renewals = commit();
    const answers = await Promise.all([renewals.submit(renewalOf(guest)), renewals.submit(renewalOf(guest))]);
    expect(answers.flatMap((answer) => answer?.refreshCounter ?? [])).toEqual([1]);
    expect(await findSession(db, "org_a", guest.sessionId)).toMatchObject({ refreshCounter: 1 });
  });

  const key = randomBytes(32).toString("base64url");
  test.each<{ readonly what: string; readonly guest?: Partial<NewGuest>; readonly asked?: Partial<Renewal> }>([
    { what: "whose token is an older one", asked: { counter: -1 } },
    { what: "whose token is ahead of the row, as after a restored backup", asked: { counter: 3 } },
    { what: "that is bound and asked for without its key", guest: { keyThumbprint: key }, asked: { keyThumbprint: null } },
    { what: "that is bound and asked for with another key", guest: { keyThumbprint: randomBytes(32).toString("base64url") }, asked: { keyThumbprint: key } },
    { what: "past its idle limit, which a place in a line may outlive", guest: { idleExpiresAt: now } },
    { what: "past the end of its family", guest: { familyExpiresAt: now } },
    { what: "of another organization", asked: { organizationId: "org_b" } },
  ])("leave one alone $what", async ({ guest: change, asked }) => {
    const [guest] = (await guests(1, change)) as [NewGuest];
    const before = await findSession(db, "org_a", guest.sessionId);
    expect(await commit().submit(renewalOf(guest, asked))).toBeNull();
    expect(await findSession(db, "org_a", guest.sessionId)).toEqual(before);
  });

  test("leave one alone that was revoked", async () => {
    const [guest] = (await guests(1)) as [NewGuest];
    await revokeSession(db, "org_a", guest.sessionId, "logout", made);
    expect(await commit().submit(renewalOf(guest))).toBeNull();
  });
});
