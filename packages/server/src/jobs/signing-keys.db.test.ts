import { afterEach, beforeEach, expect, test } from "vitest";
import { openTestDatabase } from "../data/testing/open-test-database.ts";
import type { TestDatabase } from "../data/testing/open-test-database.ts";
import { createTurnedClock } from "../lines/testing/test-node.ts";
import { createLog } from "../platform/log.ts";
import { createPresentationKeys, kidOf } from "../platform/presentation-keys.ts";
import { createSeals } from "../platform/seals.ts";
import { createSigningKeys } from "./signing-keys.ts";

let opened: TestDatabase;
beforeEach(async () => {
  opened = await openTestDatabase();
});
afterEach(() => opened.close());

const clock = createTurnedClock();
const silent = createLog("silent");
const first = new Uint8Array(32).fill(1);

/** A node, with what it was set up with. */
function node(configured = first, tokenSecret = new Uint8Array(32).fill(9)) {
  const keys = createPresentationKeys(configured, clock.now);
  return { keys, signing: createSigningKeys({ db: opened.db, clock, log: silent, keys, seals: createSeals(tokenSecret, "signing key"), configured }) };
}
type Node = ReturnType<typeof node>;

const sign = ({ keys }: Node) =>
  keys.signPresentation({
    organizationId: "org_a",
    consumerId: "018f0000-0000-7000-8000-000000000001",
    presentationId: "018f0000-0000-7000-8000-000000000003",
    grantId: "grant_1",
    experienceId: "exp_1",
    distributionId: "queue_1",
    mechanism: "queue",
    issuedAt: clock.now(),
    expiresAt: clock.now() + 120_000,
  });
const accepts = ({ keys }: Node, token: string) => keys.readPresentation(token, "org_a", clock.now()) !== null;
const published = ({ keys }: Node) => keys.jwks().keys.map((key) => key["kid"]);

test("a key is replaced while two nodes go on signing and reading: no token is refused at any moment, and the secret of the old one is forgotten", async () => {
  const [here, there] = [node(), node()];
  await here.signing.start();
  await there.signing.start();
  await here.signing.rotate(false);
  const next = published(here)[1];
  for (let minute = 0; minute <= 22; minute++) {
    const tokens = [sign(here), sign(there)];
    // One node looks, the other is a little behind.
    await there.signing.follow();
    expect(
      tokens.every((token) => accepts(here, token) && accepts(there, token)),
      `minute ${minute}`,
    ).toBe(true);
    expect(published(there)).toContain(next);
    clock.turn(60_000);
    await here.signing.follow();
  }
  expect(published(there)).toEqual([next]);
  const rows = await opened.db.run<{ kid: string; forgotten: boolean }>("select kid, sealed is null as forgotten from signing_key", []);
  expect(rows.find((row) => row.kid === kidOf(first))?.forgotten).toBe(true);
  // A node that still has the old setting does not bring it back.
  const restarted = node();
  await restarted.signing.start();
  expect(published(restarted)).toEqual([next]);
  expect(accepts(here, sign(restarted))).toBe(true);
});

test("a compromised key and what it signed are worth nothing from the next look on", async () => {
  const [here, there] = [node(), node()];
  await here.signing.start();
  await there.signing.start();
  const token = sign(there);
  await here.signing.rotate(true);
  await there.signing.follow();
  expect([accepts(here, token), accepts(there, token)]).toEqual([false, false]);
  expect(published(here)).toEqual(published(there));
  expect(accepts(there, sign(here))).toBe(true);
});

test("a node that is set up with another key signs with it only when the others can know it", async () => {
  const [old, updated] = [node(), node(new Uint8Array(32).fill(2))];
  await old.signing.start();
  await updated.signing.start();
  await old.signing.follow();
  expect(accepts(old, sign(updated))).toBe(true);
  expect(published(old)).toEqual(published(updated));
});

test("with another token secret nothing sealed can be read, and a new key is made", async () => {
  const here = node();
  await here.signing.start();
  await here.signing.rotate(true);
  const sealed = await opened.db.run<{ sealed: Uint8Array }>("select sealed from signing_key where sealed is not null", []);
  expect(createSeals(new Uint8Array(32).fill(8), "signing key").open(sealed[0]?.sealed ?? new Uint8Array())).toBeNull();
  const elsewhere = node(first, new Uint8Array(32).fill(8));
  await elsewhere.signing.start();
  expect(accepts(elsewhere, sign(elsewhere))).toBe(true);
});
