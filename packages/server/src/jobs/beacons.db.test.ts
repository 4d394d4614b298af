import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { verifyTranscript } from "@fanfare-io/fanfare-draw-proof";
import { beaconChains, roundTime, verifyBeacon } from "@fanfare-io/fanfare-draw-proof/beacon";
import type { BeaconTrouble } from "@fanfare-io/fanfare-contract";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { findDraw } from "../data/draws.ts";
import type { DrawKey } from "../data/draws.ts";
import { openTestDatabase } from "../data/testing/open-test-database.ts";
import type { TestDatabase } from "../data/testing/open-test-database.ts";
import type { DrawFacts } from "../domain/draw.ts";
import { conductDraw } from "../draws/conduct.ts";
import { fillDraw, readTestTranscript } from "../draws/testing/conducting.ts";
import { makeTestDraw } from "../draws/testing/make-draw.ts";
import { createTurnedClock } from "../lines/testing/test-node.ts";
import type { TurnedClock } from "../lines/testing/test-node.ts";
import { createFetchJson } from "../platform/fetch-json.ts";
import { createBeaconJob } from "./beacons.ts";
import type { BeaconJob } from "./beacons.ts";

// Round 657,413 of quicknet, as the League of Entropy published it in 2023; the clock of these tests stands before it.
const chain = beaconChains[0] ?? expect.fail("quicknet is known");
const published = { round: 657_413, signature: "b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be41076862b98fad56e91a6b85b89cd97b" };
const publishedAt = roundTime(chain, published.round);
const path = `/${chain.chainHash}/public/${published.round}`;

let opened: TestDatabase;
let clock: TurnedClock;
let key: DrawKey;
let asked: string[];
let answer: { readonly status: number; readonly body: string };
const server = createServer((request, response) => {
  asked.push(request.url ?? "");
  response.writeHead(answer.status, { "content-type": "application/json", location: "/elsewhere" }).end(answer.body);
});
let url: string;
beforeAll(async () => {
  opened = await openTestDatabase();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.close();
  await opened.close();
});
beforeEach(async () => {
  clock = createTurnedClock();
  // It closes in an hour, half a minute before the round.
  clock.turn(publishedAt - 3_630_000 - clock.now());
  const beacon = { chainHash: chain.chainHash, round: published.round, at: new Date(publishedAt) };
  key = await makeTestDraw(opened.db, clock, { winnerCount: 2, seed: 3, beacon });
  await fillDraw(opened.db, key, 9, new Date(clock.now()));
  asked = [];
  answer = { status: 200, body: JSON.stringify({ ...published, randomness: "" }) };
});

const troubles: BeaconTrouble[] = [];
const jobOf = (...sources: string[]): BeaconJob =>
  createBeaconJob({
    db: opened.db,
    clock,
    sources,
    fetchJson: createFetchJson({ timeoutMs: 2_000, maxBytes: 4_096 }),
    onTrouble: (_, trouble) => troubles.push(trouble),
  });
const look = (job: BeaconJob): Promise<void> => job.round(new AbortController().signal);
const conduct = (): Promise<void> => conductDraw({ db: opened.db, clock, newGrantId: () => `grant_${randomUUID()}` }, key);
const current = async (): Promise<DrawFacts> => (await findDraw(opened.db, key)) ?? expect.fail("the draw is there");

test("a closed draw gets its round from the beacon once it is published, and is made under it: everything holds", async () => {
  const job = jobOf(url);
  await look(job);
  clock.turn(3_600_000);
  await conduct();
  await look(job);
  // Closed and rooted, and the round is half a minute away: nobody is asked for what cannot be there.
  expect([asked, (await current()).rootedAt]).toEqual([[], clock.now()]);
  clock.turn(30_000);
  await Promise.all([look(job), look(jobOf(`${url}/`))]);
  expect(new Set(asked)).toEqual(new Set([path]));
  await conduct();
  const told = await readTestTranscript(opened.db, key);
  expect(verifyTranscript(told, { verifyBeacon }).checks.filter(({ holds }) => holds !== true)).toEqual([]);
  expect(JSON.parse(told.result?.text ?? "")).toMatchObject({ beacon: published, drawnAt: new Date(publishedAt).toISOString() });
  const before = asked.length;
  clock.turn(60_000);
  await look(job);
  expect(asked).toHaveLength(before);
});

test.each([
  ["not_published", { status: 404, body: "{}" }],
  ["not_published", { status: 425, body: "{}" }],
  ["unreachable", { status: 503, body: "" }],
  ["unreachable", { status: 302, body: "" }],
  ["unreachable", { status: 200, body: "no json" }],
  ["unreachable", { status: 200, body: `"${"x".repeat(5_000)}"` }],
  ["not_genuine", { status: 200, body: JSON.stringify({ ...published, signature: published.signature.replace("b7", "a7") }) }],
  ["not_genuine", { status: 200, body: "null" }],
  ["not_genuine", { status: 200, body: JSON.stringify({ signature: "zz" }) }],
] as const)("while a beacon is %s (%#) the draw waits, says why, asks ever more seldom, and goes on when it is there", async (trouble, refusal) => {
  const job = jobOf(url);
  clock.turn(3_600_000);
  await conduct();
  clock.turn(30_000);
  const honest = answer;
  answer = refusal;
  await look(job);
  expect(await current()).toMatchObject({ beaconTrouble: trouble, beaconAskedAt: clock.now(), hasBeaconSignature: false });
  await look(job);
  expect(asked).toHaveLength(1);
  for (let seconds = 0; seconds < 600; seconds++) {
    clock.turn(1_000);
    await look(job);
  }
  expect(asked.length).toBeGreaterThan(10);
  expect(asked.length).toBeLessThan(20);
  answer = honest;
  clock.turn(60_000);
  await look(job);
  expect(await current()).toMatchObject({ beaconTrouble: null, hasBeaconSignature: true });
});

test("of several sources one that answers is enough; with none the operator is told that nobody is asked", async () => {
  clock.turn(3_600_000);
  await conduct();
  clock.turn(30_000);
  await look(jobOf());
  expect(await current()).toMatchObject({ beaconTrouble: "not_configured" });
  expect(troubles.at(-1)).toBe("not_configured");
  await look(jobOf("http://127.0.0.1:9", url));
  expect(await current()).toMatchObject({ hasBeaconSignature: true });
});

test("a service that is stopping writes nothing down", async () => {
  clock.turn(3_600_000);
  await conduct();
  clock.turn(30_000);
  await jobOf(url).round(AbortSignal.abort());
  expect(await current()).toMatchObject({ beaconTrouble: null, beaconAskedAt: null, hasBeaconSignature: false });
});
