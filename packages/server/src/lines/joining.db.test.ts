import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { QueueKey } from "../data/queue-entries.ts";
import { newConsumers, openLineWorld } from "./testing/line-world.ts";

const world = openLineWorld();
let key: QueueKey;

describe("joining", () => {
  test("gives dense tickets in order, one place a consumer however often it asks, on two nodes at once (I2, I3)", async () => {
    key = await world.makeQueue({ admitRate: 0 });
    const nodes = [await world.startNode("a"), await world.startNode("b")] as const;
    const consumers = newConsumers(200);
    await Promise.all(
      [...consumers, ...consumers.slice(50), ...consumers].map(async (consumer, index) => {
        const node = nodes[index % 2 === 0 ? 0 : 1];
        await node.lines.join(await world.lineOn(node, key), consumer);
      }),
    );
    const rows = await world.db.run<{ ticket: number; consumer_id: string }>(
      `select ticket, consumer_id from queue_entry where organization_id = $1 order by ticket`,
      [key.organizationId],
    );
    expect(rows.map((row) => row.ticket)).toEqual(consumers.map((_, index) => index + 1));
    expect(new Set(rows.map((row) => row.consumer_id))).toEqual(new Set(consumers));
    for (const node of nodes) {
      const live = await world.lineOn(node, key);
      await node.follower.catchUp(key);
      for (const row of rows)
        expect(await node.lines.standing(live, row.consumer_id)).toMatchObject({ status: "QUEUED", ticket: row.ticket, position: row.ticket });
    }
  });

  test("whoever leaves may come back, at the tail, and those behind move up", async () => {
    key = await world.makeQueue({ admitRate: 0 });
    const node = await world.startNode("a");
    const [first = "", second = "", third = ""] = newConsumers(3);
    for (const consumer of [first, second, third]) await world.joinAll(node, key, [consumer]);
    const live = await world.lineOn(node, key);
    expect(await node.lines.leave(live, first)).toBe(true);
    expect(await node.lines.leave(live, first)).toBe(false);
    expect(await node.lines.standing(live, first)).toEqual({ status: "LEFT" });
    expect(await node.lines.standing(live, third)).toMatchObject({ position: 2, progress: 0.5 });
    await world.joinAll(node, key, [first]);
    expect(await node.lines.standing(live, first)).toMatchObject({ ticket: 4, position: 3 });
  });

  test("a place given up through another node is not told again to whoever comes back", async () => {
    key = await world.makeQueue({ admitRate: 0 });
    const [here, there] = [await world.startNode("a"), await world.startNode("b")];
    const consumer = randomUUID();
    await world.joinAll(here, key, [consumer]);
    await there.lines.leave(await world.lineOn(there, key), consumer);
    expect(await here.lines.knownPlace(await world.lineOn(here, key), consumer)).toBeNull();
  });

  test("who enters again on a node that has heard of nothing yet is shown no worse a position than before (I6)", async () => {
    key = await world.makeQueue({ admitRate: 0 });
    const [here, there] = [await world.startNode("a"), await world.startNode("b")];
    const [first = "", second = "", third = ""] = newConsumers(3);
    for (const consumer of [first, second]) await world.joinAll(here, key, [consumer]);
    await there.follower.catchUp(key);
    await world.joinAll(here, key, [third]);
    await here.lines.leave(await world.lineOn(here, key), first);
    expect(await here.lines.standing(await world.lineOn(here, key), third)).toMatchObject({ position: 2 });
    await there.lines.join(await world.lineOn(there, key), third);
    expect(await there.lines.standing(await world.lineOn(there, key), third)).toMatchObject({ position: 2 });
  });

  test("no more wait than may, however many come in one batch, and a second one counts who is there", async () => {
    key = await world.makeQueue({ admitRate: 0, maxWaiting: 10 });
    const node = await world.startNode("a");
    const live = await world.lineOn(node, key);
    const consumers = newConsumers(50);
    const outcomes = await Promise.all(consumers.map((consumer) => node.lines.join(live, consumer)));
    expect(outcomes.map((outcome) => outcome.kind)).toEqual(consumers.map((_, index) => (index < 10 ? "placed" : "full")));
    expect(await node.lines.join(live, consumers[3] ?? "")).toMatchObject({ kind: "placed", entry: { ticket: 4 } });
    expect(await node.lines.join(live, randomUUID())).toEqual({ kind: "full" });
    await node.lines.leave(live, consumers[3] ?? "");
    expect(await node.lines.join(live, randomUUID())).toMatchObject({ kind: "placed", entry: { ticket: 11 } });
  });

  test("no more wait than may, on nodes that have not heard of each other's people, and a place that is given up is free at once", async () => {
    key = await world.makeQueue({ admitRate: 0, maxWaiting: 10 });
    const nodes = [await world.startNode("a"), await world.startNode("b"), await world.startNode("c")];
    const batches = nodes.map(() => newConsumers(6));
    const outcomes = await Promise.all(
      nodes.map(async (node, index) => {
        const live = await world.lineOn(node, key);
        return Promise.all((batches[index] ?? []).map((consumer) => node.lines.join(live, consumer)));
      }),
    );
    const kinds = outcomes.flat().map((outcome) => outcome.kind);
    expect([kinds.filter((kind) => kind === "placed").length, kinds.filter((kind) => kind === "full").length]).toEqual([10, 8]);
    const [first] = nodes;
    if (first === undefined) throw new Error("There is no node.");
    const inside = outcomes.flat().find((outcome) => outcome.kind === "placed");
    await first.follower.catchUp(key);
    const live = await world.lineOn(first, key);
    await first.lines.leave(live, inside?.kind === "placed" ? inside.entry.consumerId : "");
    expect((await first.lines.join(live, randomUUID())).kind).toBe("placed");
    expect(await first.lines.join(live, randomUUID())).toEqual({ kind: "full" });
  });

  test("a line that closed while it was full says that it is closed", async () => {
    key = await world.makeQueue({ admitRate: 0, maxWaiting: 2 });
    const [here, there] = [await world.startNode("a"), await world.startNode("b")];
    const live = await world.lineOn(there, key);
    await world.joinAll(here, key, newConsumers(2));
    await world.db.queries
      .updateTable("queue")
      .set({ closeAt: new Date(world.clock.now()) })
      .where("organizationId", "=", key.organizationId)
      .execute();
    expect(await there.lines.join(live, randomUUID())).toEqual({ kind: "closed" });
  });

  test("a line that closed takes nobody, whatever this node believed", async () => {
    key = await world.makeQueue();
    const node = await world.startNode("a");
    const live = await world.lineOn(node, key);
    await world.db.queries
      .updateTable("queue")
      .set({ closeAt: new Date(world.clock.now()) })
      .where("organizationId", "=", key.organizationId)
      .execute();
    expect(await node.lines.join(live, randomUUID())).toEqual({ kind: "closed" });
    expect(live.state(world.clock.now())).toBe("ended");
  });

  test("a node that starts later knows the same line", async () => {
    key = await world.makeQueue({ admitRate: 240, capacity: 3 });
    const first = await world.startNode("a");
    const consumers = newConsumers(20);
    for (const consumer of consumers) await world.joinAll(first, key, [consumer]);
    await world.tickUntil(first, 2);
    await first.lines.leave(await world.lineOn(first, key), consumers[10] ?? "");
    const second = await world.startNode("b");
    for (const consumer of consumers) {
      const there = await second.lines.standing(await world.lineOn(second, key), consumer);
      const here = await first.lines.standing(await world.lineOn(first, key), consumer);
      // What it expects of the line, and what follows from that, it learns for itself.
      const learned = { estimate: null, estimatedWaitTimeInSeconds: null, pollAfterSeconds: 0, stream: true };
      expect({ ...there, ...learned }).toEqual({ ...here, ...learned });
    }
  });
});
