import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestDatabase } from "../data/testing/open-test-database.ts";
import type { TestDatabase } from "../data/testing/open-test-database.ts";
import type { Database } from "../data/database.ts";
import { revokeSession } from "../data/sessions.ts";
import { createTurnedClock } from "../lines/testing/test-node.ts";
import { createIdentityWorld, email, phone } from "./testing/world.ts";
import type { IdentityWorld } from "./testing/world.ts";

const clock = createTurnedClock();
let opened: TestDatabase;
let world: IdentityWorld;
beforeAll(async () => {
  opened = await openTestDatabase();
  world = await createIdentityWorld(opened.db, clock);
});
afterAll(() => opened.close());

test("a guest who proves a new address stays who it is, under new tokens of the same session, and is told so again", async () => {
  const guest = await world.guest();
  const proved = await world.prove(guest, email("new"));
  expect(proved).toMatchObject({
    session: {
      id: guest.id,
      consumerId: guest.consumerId,
      guestId: guest.consumerId,
      consumerType: "identified",
      email: "new@example.com",
      refreshCounter: guest.refreshCounter + 1,
      keyThumbprint: guest.keyThumbprint,
    },
    linked: { kind: "upgraded", moved: [], kept: [] },
  });
  expect(await world.prove(guest, email("new"))).toEqual(proved);
  expect(world.ended).not.toContain(guest.id);
});

test("a session without a key ends at the upgrade, so that a copy of its tokens becomes nobody's", async () => {
  const guest = await world.guest(false);
  const { session } = await world.prove(guest, email("unbound"));
  expect(session).toMatchObject({ consumerId: guest.consumerId, consumerType: "identified", keyThumbprint: null });
  expect(session.id).not.toBe(guest.id);
  expect(await world.look(guest)).toMatchObject({ revokedReason: "upgraded" });
  expect(world.ended).toContain(guest.id);
});

test("whoever comes without a session becomes a new consumer, and comes back to it", async () => {
  const made = await world.prove(null, email("walk-in"));
  expect(made).toMatchObject({ linked: { kind: "created" }, session: { consumerType: "identified", guestId: null } });
  const back = await world.prove(null, email("walk-in"));
  expect(back).toMatchObject({ linked: null, session: { consumerId: made.session.consumerId } });
  expect(back.session.id).not.toBe(made.session.id);
});

test("an identified session learns what it lacks, and switches for what is another's, which moves nothing", async () => {
  const { session: ada } = await world.prove(await world.guest(), email("ada"));
  expect(await world.prove(ada, phone("1"))).toMatchObject({
    session: { id: ada.id, email: "ada@example.com", phone: "+49151" },
    linked: { kind: "upgraded" },
  });
  const { session: bob } = await world.prove(null, email("bob"));
  const switched = await world.prove(ada, email("bob"));
  expect(switched).toMatchObject({
    session: { consumerId: bob.consumerId, keyThumbprint: ada.keyThumbprint, guestId: null },
    linked: { kind: "switched", fromConsumerId: ada.consumerId, moved: [], kept: [] },
  });
  expect(await world.look(ada)).toMatchObject({ revokedReason: "replaced", consumerId: ada.consumerId, keyThumbprint: null });
  const fresh = await world.prove(switched.session, email("third"));
  expect(fresh.session.consumerId).not.toBe(bob.consumerId);
  expect(fresh).toMatchObject({ linked: { kind: "switched", fromConsumerId: bob.consumerId }, session: { email: "third@example.com", phone: null } });
});

test("verified claims fill what is empty and take nothing from anybody", async () => {
  const { session: ada } = await world.prove(null, email("claims"));
  const shopify = { kind: "external", value: "shopify:1" } as const;
  const met = await world.prove(null, shopify, email("claims"), phone("2"));
  expect(met.session).toMatchObject({ consumerId: ada.consumerId, phone: "+49152" });
  const other = await world.prove(null, { kind: "external", value: "shopify:2" }, phone("3"));
  expect(other.session.consumerId).not.toBe(ada.consumerId);
  const again = await world.prove(null, { kind: "external", value: "shopify:2" }, email("claims"));
  expect(again.session).toMatchObject({ consumerId: other.session.consumerId, email: null, phone: "+49153" });
});

test("of many proofs of one new address at once, all are one consumer", async () => {
  const nobody = await Promise.all(Array.from({ length: 8 }, async () => world.prove(null, email("rush"))));
  expect(new Set(nobody.map(({ session }) => session.consumerId)).size).toBe(1);
  const guest = await world.guest();
  const twice = await Promise.all(Array.from({ length: 8 }, async () => world.prove(guest, email("rush-guest"))));
  expect(new Set(twice.map(({ session }) => `${session.id} ${session.consumerId} ${session.refreshCounter}`)).size).toBe(1);
  expect((await world.look(guest)).refreshCounter).toBe(guest.refreshCounter + 1);
});

test("a tab that looks while another tab proves the same answers with the session as the other has left it, bound or not", async () => {
  for (const bound of [true, false]) {
    const guest = await world.guest(bound);
    const address = email(`torn-${bound}`);
    let first: Promise<unknown> | undefined;
    const slow: Database = {
      ...opened.db,
      async run(statement, parameters) {
        if (statement.includes("with ordinality as asked")) await (first ??= world.prove(guest, address));
        return opened.db.run(statement, parameters);
      },
    };
    const { session } = await world.provingWith(slow)(guest, address);
    expect(session).toMatchObject({ consumerId: guest.consumerId, consumerType: "identified", revokedReason: null });
  }
});

test("a device whose session has ended shows the same key and gets a session all the same; a key of another's live session is refused", async () => {
  const guest = await world.guest();
  await revokeSession(opened.db, world.organizationId, guest.id, "logout", clock.now());
  const proved = await world.prove(guest, email("after-logout"));
  expect(proved.session).toMatchObject({ keyThumbprint: guest.keyThumbprint, guestId: null });
  expect(proved.session.consumerId).not.toBe(guest.consumerId);
  const neighbour = await world.guest();
  const asked = {
    organization: { id: world.organizationId, sessionDurationSeconds: 3600 },
    caller: { sessionId: (await world.guest(false)).id },
    provedKey: neighbour.keyThumbprint,
    identities: [email("thief")],
    address: "203.0.113.7",
    requestId: "req_test",
  };
  await expect(world.identities.prove(asked)).rejects.toMatchObject({ code: "key_in_use" });
  expect(await world.prove(null, email("thief"))).toMatchObject({ linked: { kind: "created" } });
  const unbound = { ...asked, provedKey: randomBytes(32).toString("base64url"), identities: [email("now-bound")] };
  expect((await world.identities.prove(unbound)).session.keyThumbprint).toBe(unbound.provedKey);
});
