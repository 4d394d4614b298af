import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { ApiRefusal, arrive, checkHistory, createLaunch, merchantOf, readTruth, startService } from "@fanfare-io/fanfare-testing";
import type { Observation, RunningService, Shopper, TestLaunch } from "@fanfare-io/fanfare-testing";
import { expect, test } from "vitest";
import { createOwnDatabase } from "./database.ts";

const shoppers = 2_000;
const capacity = 100;
const atOnce = 64;

/** Repeats until something answers: what a browser does while the service is down. A refusal is an answer. */
async function persist<Result>(ask: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof ApiRefusal && error.status !== 503) throw error;
      await pause(25);
    }
  }
}

/** One shopper from arrival to order, noting what was acknowledged. */
async function goThrough(consumerUrl: string, launch: TestLaunch, number: number, seen: Observation[]): Promise<void> {
  const shopper = await persist(() => arrive(consumerUrl, launch));
  await enter(shopper, seen);
  if (number % 3 === 0) await enter(shopper, seen);
  const habit = number % 10;
  if (habit < 2) await buy(consumerUrl, launch, shopper, number, seen);
  else if (habit < 9) await persist(() => shopper.leave());
}

async function enter(shopper: Shopper, seen: Observation[]): Promise<void> {
  const askedAt = performance.now();
  const entered = await persist(() => shopper.enter());
  if (entered.status !== "QUEUED" || entered.ticket === null || entered.position === null) return;
  const { ticket, position } = entered;
  seen.push({ kind: "entered", consumerId: shopper.consumerId, ticket, askedAt, answeredAt: performance.now() });
  seen.push({ kind: "shown", consumerId: shopper.consumerId, ticket, position });
}

async function buy(consumerUrl: string, launch: TestLaunch, shopper: Shopper, number: number, seen: Observation[]): Promise<void> {
  for (;;) {
    const state = await persist(() => shopper.status());
    if (state.status === "ADMITTED") break;
    if (state.status !== "QUEUED") return;
    if (state.ticket !== null && state.position !== null)
      seen.push({ kind: "shown", consumerId: shopper.consumerId, ticket: state.ticket, position: state.position });
    await pause(100);
  }
  const merchant = merchantOf(consumerUrl, launch);
  const held = await persist(async () => merchant.validate((await shopper.present()).token)).catch(unlessRunOut);
  if (held === null) return;
  const orders = [`order-${number}-a`, `order-${number}-b`, `order-${number}-a`];
  await Promise.all(
    orders.map(async (orderId) => {
      try {
        const receipt = await persist(() => merchant.complete(held.redemptionId, orderId));
        seen.push({ kind: "completed", grantId: receipt.grantId, orderId, receiptId: receipt.receiptId });
      } catch (error) {
        if (!(error instanceof ApiRefusal) || error.status !== 409) throw error;
        seen.push({ kind: "refused", grantId: held.grantId, orderId });
      }
    }),
  );
}

/** While the service was away a grant may have run out: then there is nothing to buy with. */
function unlessRunOut(error: unknown): null {
  if (error instanceof ApiRefusal && ["grant_not_active", "grant_expired"].includes(error.body?.error ?? "")) return null;
  throw error;
}

async function killAndRestart(database: { readonly dataDir: string; readonly databaseUrl?: string }): Promise<void> {
  let service: RunningService = await startService(database);
  const { consumerUrl, adminUrl, operatorKey, ports } = service;
  // Ten seconds for the tenth that never buys nor leaves: grants come back all the time, so the cap is pushed at from both sides.
  const launch = await createLaunch(adminUrl, operatorKey, { admitRate: 60_000, capacity, admissionExpirationSeconds: 10 });
  const seen: Observation[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let number = next++; number < shoppers; number = next++) await goThrough(consumerUrl, launch, number, seen);
  };
  const running = Promise.all(Array.from({ length: atOnce }, lane));
  running.catch(() => undefined);
  for (let kill = 0; kill < 3; kill++) {
    await pause(300 + Math.random() * 1200);
    await service.kill();
    service = await startService({ ...database, ports });
  }
  await running;
  expect(await service.stop()).toBe(0);
  const rows = database.databaseUrl === undefined ? { dataDir: joinPath(database.dataDir, "database") } : { databaseUrl: database.databaseUrl };
  const truth = await readTruth(rows, launch.organizationId, launch.queueId);
  expect(checkHistory(seen, truth)).toEqual([]);
  expect(truth.entries).toHaveLength(shoppers);
  expect(seen.filter((each) => each.kind === "completed").length).toBeGreaterThan(0);
}

test("a service killed three times under 2,000 shoppers keeps I1 to I6, on the embedded database", async () => {
  const dataDir = await mkdtemp(joinPath(tmpdir(), "fanfare-killed-"));
  try {
    await killAndRestart({ dataDir });
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
});

test("a service killed three times under 2,000 shoppers keeps I1 to I6, on PostgreSQL", async () => {
  const dataDir = await mkdtemp(joinPath(tmpdir(), "fanfare-killed-"));
  const database = await createOwnDatabase();
  try {
    await killAndRestart({ dataDir, databaseUrl: database.url });
  } finally {
    await database.drop();
    await rm(dataDir, { recursive: true, force: true });
  }
});
