import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import * as grants from "../data/grants.ts";
import { leaveQueue } from "../data/queue-entries.ts";
import type { QueueKey } from "../data/queue-entries.ts";
import { newConsumers, openLineWorld } from "./testing/line-world.ts";
import type { TestNode } from "./testing/test-node.ts";

const world = openLineWorld();
let key: QueueKey;

describe("a grant", () => {
  const order = (redemptionId: string, orderId: string) => ({
    redemptionId,
    orderId,
    receiptId: `rcpt_${randomUUID()}`,
    orderAmount: "10.00",
    at: new Date(world.clock.now()),
  });

  async function heldGrant(node: TestNode): Promise<{ consumerId: string; redemptionId: string; presentationId: string; grantId: string }> {
    const consumerId = randomUUID();
    await world.joinAll(node, key, [consumerId]);
    await world.tickUntil(node, 1);
    const presentationId = randomUUID();
    const presented = await grants.replacePresentation(world.db, key.organizationId, {
      consumerId,
      distributionId: key.queueId,
      presentationId,
      sessionId: null,
      keyThumbprint: null,
      at: new Date(world.clock.now()),
    });
    const hold = {
      distributionId: key.queueId,
      grantId: presented?.id ?? "",
      presentationId,
      redemptionId: `red_${randomUUID()}`,
      at: new Date(world.clock.now()),
      heldUntil: new Date(world.clock.now() + 900_000),
    };
    const held = await grants.holdGrant(world.db, key.organizationId, hold);
    return { consumerId, presentationId, redemptionId: held?.redemptionId ?? "", grantId: held?.id ?? "" };
  }

  test("of many completions at once exactly one order wins, and that order always gets the same receipt (I5)", async () => {
    key = await world.makeQueue({ capacity: 1 });
    const node = await world.startNode("a");
    const { redemptionId, consumerId } = await heldGrant(node);
    const attempts = Array.from({ length: 60 }, (_, index) => order(redemptionId, `order-${index % 20}`));
    const answers = await Promise.all(attempts.map((attempt) => grants.completeGrant(world.db, key.organizationId, attempt)));
    const winners = answers.filter((answer) => answer !== null);
    expect(new Set(winners.map((winner) => winner.orderId)).size).toBe(1);
    expect(new Set(winners.map((winner) => winner.receiptId)).size).toBe(1);
    expect(winners).toHaveLength(3);
    expect(await world.counts(key)).toMatchObject({ active: 0, granted: 1 });
    await node.follower.catchUp(key);
    expect(await node.lines.standing(await world.lineOn(node, key), consumerId)).toEqual({ status: "COMPLETED" });
    expect(await node.lines.join(await world.lineOn(node, key), consumerId)).toMatchObject({ kind: "placed", entry: { state: "completed" } });
  });

  test("a presentation opens a hold once; a newer one voids it, and joins the hold that is open", async () => {
    key = await world.makeQueue();
    const node = await world.startNode("a");
    const { consumerId, presentationId, redemptionId, grantId } = await heldGrant(node);
    const again = {
      distributionId: key.queueId,
      grantId,
      redemptionId: "red_other",
      at: new Date(world.clock.now()),
      heldUntil: new Date(world.clock.now() + 1),
    };
    expect(await grants.holdGrant(world.db, key.organizationId, { ...again, presentationId })).toBeNull();
    const newer = randomUUID();
    await grants.replacePresentation(world.db, key.organizationId, {
      consumerId,
      distributionId: key.queueId,
      presentationId: newer,
      sessionId: null,
      keyThumbprint: null,
      at: new Date(world.clock.now()),
    });
    expect(await grants.holdGrant(world.db, key.organizationId, { ...again, presentationId: newer })).toMatchObject({ redemptionId, state: "held" });
  });

  test("is held by the shop or given up by its holder, never both, however the two cross", async () => {
    key = await world.makeQueue();
    const node = await world.startNode("a");
    const consumers = newConsumers(40);
    await world.joinAll(node, key, consumers);
    await world.tickUntil(node, 1);
    const outcomes = await Promise.all(
      consumers.map(async (consumerId) => {
        const presentationId = randomUUID();
        const at = new Date(world.clock.now());
        const presented = await grants.replacePresentation(world.db, key.organizationId, {
          consumerId,
          distributionId: key.queueId,
          presentationId,
          sessionId: null,
          keyThumbprint: null,
          at,
        });
        const hold = {
          distributionId: key.queueId,
          grantId: presented?.id ?? "",
          presentationId,
          redemptionId: `red_${randomUUID()}`,
          at,
          heldUntil: new Date(world.clock.now() + 900_000),
        };
        const [held, left] = await Promise.all([grants.holdGrant(world.db, key.organizationId, hold), leaveQueue(world.db, key, consumerId, at)]);
        return [held !== null, left];
      }),
    );
    expect(outcomes.filter(([held, left]) => held === left)).toEqual([]);
    const { active, live } = await world.counts(key);
    expect(active).toBe(live);
  });

  test("given back after a failed payment, it can be used again and its old redemption cannot", async () => {
    key = await world.makeQueue({ lifetime: 60 });
    const node = await world.startNode("a");
    const { redemptionId } = await heldGrant(node);
    world.clock.turn(300_000);
    await node.admission.tick();
    const released = await grants.releaseGrant(world.db, key.organizationId, redemptionId, new Date(world.clock.now()), new Date(world.clock.now() + 120_000));
    expect(released).toMatchObject({ state: "active", redemptionId: null, expiresAt: world.clock.now() + 120_000 });
    expect(await grants.completeGrant(world.db, key.organizationId, order(redemptionId, "order-1"))).toBeNull();
    expect(await world.counts(key)).toMatchObject({ active: 1 });
  });

  test("a hold keeps its slot past the grant's own end, and gives it back after its grace", async () => {
    key = await world.makeQueue({ capacity: 1, lifetime: 60 });
    const node = await world.startNode("a");
    const { redemptionId } = await heldGrant(node);
    world.clock.turn(900_000);
    await node.admission.tick();
    expect(await world.counts(key)).toMatchObject({ active: 1 });
    world.clock.turn(31_000);
    await node.admission.tick();
    expect(await world.counts(key)).toMatchObject({ active: 0 });
    expect(await grants.completeGrant(world.db, key.organizationId, order(redemptionId, "order-1"))).toBeNull();
  });

  test("is nobody else's: another organization finds, completes and releases nothing (I7)", async () => {
    key = await world.makeQueue();
    const node = await world.startNode("a");
    const { redemptionId, grantId } = await heldGrant(node);
    expect(await grants.findGrant(world.db, "org_other", key.queueId, grantId)).toBeNull();
    expect(await grants.completeGrant(world.db, "org_other", order(redemptionId, "order-1"))).toBeNull();
    expect(await grants.releaseGrant(world.db, "org_other", redemptionId, new Date(world.clock.now()), new Date(world.clock.now()))).toBeNull();
    expect(await world.counts(key)).toMatchObject({ active: 1 });
  });
});
