import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { GrantReceipt, Redemption } from "@fanfare-io/fanfare-contract";
import { ApiRefusal, arrive, createLaunch, merchantOf, readTruth, startService } from "@fanfare-io/fanfare-testing";
import type { RunningService, TestLaunch } from "@fanfare-io/fanfare-testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createOwnDatabase } from "./database.ts";
import type { OwnDatabase } from "./database.ts";

const orders = 1_000;
let dataDir: string;
let database: OwnDatabase;
let nodes: RunningService[];
let launch: TestLaunch;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "fanfare-one-order-"));
  database = await createOwnDatabase();
  const node = () => startService({ dataDir, databaseUrl: database.url });
  nodes = [await node(), ...(await Promise.all([node(), node()]))];
  const [first] = nodes as [RunningService, ...RunningService[]];
  launch = await createLaunch(first.adminUrl, first.operatorKey, { admitRate: 60_000, capacity: 10 });
});
afterAll(async () => {
  await Promise.all(nodes.map((node) => node.stop()));
  await database.drop();
  await rm(dataDir, { recursive: true, force: true });
});

const nodeOf = (number: number): RunningService => nodes[number % nodes.length] as RunningService;

/** A grant that a shop holds. */
async function hold(): Promise<Redemption> {
  const shopper = await arrive(nodeOf(0).consumerUrl, launch);
  await shopper.enter();
  await expect.poll(async () => (await shopper.status()).status, { timeout: 60_000 }).toBe("ADMITTED");
  return merchantOf(nodeOf(1).consumerUrl, launch).validate((await shopper.present()).token);
}

type Outcome = { readonly receipt: GrantReceipt } | { readonly refused: string };

/** One order, asked for until something answers: what a shop's backend does when a node dies under its request. */
async function order(redemptionId: string, number: number, isRetried: boolean): Promise<Outcome> {
  for (let attempt = 0; ; attempt++) {
    try {
      return { receipt: await merchantOf(nodeOf(number + attempt).consumerUrl, launch).complete(redemptionId, `order-${number}`) };
    } catch (error) {
      if (error instanceof ApiRefusal && error.status !== 503) return { refused: error.body?.error ?? "" };
      if (!isRetried && !(error instanceof ApiRefusal)) throw error;
      await pause(20);
    }
  }
}

async function expectOneWinner(redemption: Redemption, outcomes: readonly Outcome[]): Promise<void> {
  const receipts = outcomes.flatMap((outcome) => ("receipt" in outcome ? [outcome.receipt] : []));
  const refusals = outcomes.flatMap((outcome) => ("refused" in outcome ? [outcome.refused] : []));
  expect(receipts).toHaveLength(1);
  expect(refusals).toHaveLength(orders - 1);
  expect(new Set(refusals)).toEqual(new Set(["grant_completed"]));
  const [won] = receipts as [GrantReceipt];
  for (const node of nodes) expect(await merchantOf(node.consumerUrl, launch).complete(redemption.redemptionId, won.orderId)).toEqual(won);
  const truth = await readTruth({ databaseUrl: database.url }, launch.organizationId, launch.queueId);
  expect(truth.grants.find((grant) => grant.id === redemption.grantId)).toMatchObject({ state: "completed", orderId: won.orderId, receiptId: won.receiptId });
  expect(truth.active).toBe(0);
}

test(`of ${orders} orders that complete one grant at once over three nodes exactly one wins, the others are refused honestly, and it gets its receipt again`, async () => {
  const redemption = await hold();
  const outcomes = await Promise.all(Array.from({ length: orders }, (_, number) => order(redemption.redemptionId, number, false)));
  await expectOneWinner(redemption, outcomes);
});

test("a node that is killed in the middle changes nothing of that", async () => {
  const redemption = await hold();
  const [first] = nodes as [RunningService];
  const asked = Promise.all(Array.from({ length: orders }, (_, number) => order(redemption.redemptionId, number, true)));
  await first.kill();
  nodes[0] = await startService({ dataDir, databaseUrl: database.url, ports: first.ports });
  await expectOneWinner(redemption, await asked);
});
