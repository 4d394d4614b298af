import { describe, expect, test } from "vitest";
import { admitTickets, holdLease } from "../data/admissions.ts";
import type { QueueKey } from "../data/queue-entries.ts";
import { newConsumers, openLineWorld } from "./testing/line-world.ts";
import { lostAnswer } from "./testing/test-node.ts";

const world = openLineWorld();
let key: QueueKey;

describe("admission", () => {
  test("never passes capacity or total, with two nodes admitting and slots coming back all the time (I4)", async () => {
    key = await world.makeQueue({ admitRate: 60_000, capacity: 5, maxAdmissions: 40, lifetime: 1 });
    const nodes = [await world.startNode("a"), await world.startNode("b")] as const;
    await world.joinAll(nodes[0], key, newConsumers(80));
    for (let round = 0; round < 40; round++) {
      world.clock.turn(400);
      await Promise.all(nodes.map((node) => node.admission.tick()));
      const { active, granted, live, all } = await world.counts(key);
      expect(active).toBeLessThanOrEqual(5);
      expect({ active, granted }).toEqual({ active: live, granted: all });
    }
    expect(await world.counts(key)).toMatchObject({ granted: 40, active: 0 });
  });

  test("an owner whose epoch has passed admits nobody", async () => {
    key = await world.makeQueue();
    const node = await world.startNode("a");
    await world.joinAll(node, key, newConsumers(2));
    const at = new Date(world.clock.now());
    const frozen = await holdLease(world.db, key, "frozen", at, new Date(world.clock.now() + 1000));
    world.clock.turn(2000);
    const taken = await holdLease(world.db, key, "a", new Date(world.clock.now()), new Date(world.clock.now() + 1000));
    expect(taken?.epoch).toBe((frozen?.epoch ?? 0) + 1);
    const late = { epoch: frozen?.epoch ?? 0, tickets: [1], grantIds: ["grant_late"], at, tokensLeft: 0 };
    expect(await admitTickets(world.db, key, late)).toBeNull();
    expect(await world.counts(key)).toMatchObject({ active: 0, all: 0 });
  });

  test("goes on within two seconds when the node that lets people in is no more", async () => {
    key = await world.makeQueue({ admitRate: 60_000 });
    const [owner, other] = [await world.startNode("a"), await world.startNode("b")];
    await world.joinAll(owner, key, newConsumers(1));
    await other.follower.catchUp(key);
    await owner.admission.tick();
    await other.admission.tick();
    expect(await world.counts(key)).toMatchObject({ active: 1 });
    await world.joinAll(other, key, newConsumers(1));
    let gone = 0;
    for (; (await world.counts(key)).active < 2; gone += 100) {
      world.clock.turn(100);
      await other.admission.tick();
    }
    expect(gone).toBeLessThanOrEqual(2_000);
    // And not before the lease of the other has ended.
    expect(gone).toBeGreaterThan(1_000);
  });

  test("a line whose rows somebody holds locked keeps no other line from moving", async () => {
    const [stuck, moving] = [await world.makeQueue(), await world.makeQueue()];
    const released = Promise.withResolvers<void>();
    const node = await world.startNode("a", (store) => ({
      ...store,
      holdLease: async (of, ...rest) => {
        if (of.organizationId === stuck.organizationId) await released.promise;
        return store.holdLease(of, ...rest);
      },
    }));
    for (const each of [stuck, moving]) await world.joinAll(node, each, newConsumers(2));
    const ticks = [node.admission.tick()];
    await expect.poll(() => world.counts(moving)).toMatchObject({ active: 1 });
    world.clock.turn(1_000);
    // The first turn of this line may have committed and not have ended yet: a tick that comes then leaves the line to it.
    const tickAndCount = (): ReturnType<typeof world.counts> => {
      ticks.push(node.admission.tick());
      return world.counts(moving);
    };
    await expect.poll(tickAndCount).toMatchObject({ active: 2 });
    expect(await world.counts(stuck)).toMatchObject({ active: 0 });
    released.resolve();
    await Promise.all(ticks);
    expect(await world.counts(stuck)).toMatchObject({ active: 1 });
  });

  test.each([
    ["before it was carried out", false],
    ["after it was carried out", true],
  ])("an admission whose answer is lost %s costs nobody their turn, and lets nobody in too many", async (_when, carriedOut) => {
    key = await world.makeQueue({ admitRate: 600 });
    let losing = false;
    const node = await world.startNode("a", (store) => ({
      ...store,
      async admitTickets(of, admission) {
        if (losing && !carriedOut) throw lostAnswer;
        const waits = await store.admitTickets(of, admission);
        if (losing) throw lostAnswer;
        return waits;
      },
    }));
    await node.admission.tick();
    await world.joinAll(node, key, newConsumers(200));
    await world.tickUntil(node, 4);
    losing = true;
    await world.tickUntil(node, 2);
    losing = false;
    await world.tickUntil(node, 6);
    // Ten a second for twelve seconds, and the one that may go in at once.
    expect(Math.abs((await world.counts(key)).granted - 121)).toBeLessThanOrEqual(1);
  });

  test("whoever has left by then is passed over, and keeps nobody else from going in", async () => {
    key = await world.makeQueue({ admitRate: 60_000 });
    const [owner, other] = [await world.startNode("a"), await world.startNode("b")];
    const [first = "", second = "", third = ""] = newConsumers(3);
    await owner.admission.tick();
    for (const consumer of [first, second, third]) await world.joinAll(owner, key, [consumer]);
    world.clock.turn(1_000);
    // The owner has not heard of it when it decides.
    await other.lines.leave(await world.lineOn(other, key), second);
    await owner.admission.tick();
    expect(await world.counts(key)).toMatchObject({ active: 2, granted: 2, live: 2 });
    const live = await world.lineOn(owner, key);
    const standings = await Promise.all([first, second, third].map((consumer) => owner.lines.standing(live, consumer)));
    expect(standings.map((standing) => standing.status)).toEqual(["ADMITTED", "LEFT", "ADMITTED"]);
  });

  test("lets people in in the order of their tickets, at the rate", async () => {
    key = await world.makeQueue({ admitRate: 60 });
    const node = await world.startNode("a");
    const consumers = newConsumers(5);
    for (const consumer of consumers) await world.joinAll(node, key, [consumer]);
    await world.tickUntil(node, 2);
    const live = await world.lineOn(node, key);
    const standings = await Promise.all(consumers.map((consumer) => node.lines.standing(live, consumer)));
    expect(standings.map((standing) => standing.status)).toEqual(["ADMITTED", "ADMITTED", "QUEUED", "QUEUED", "QUEUED"]);
    expect(standings[2]).toMatchObject({ position: 1, waitingAhead: 0 });
  });

  test("a grant that nobody used ends on time, frees its slot, and its holder may join again at the tail", async () => {
    key = await world.makeQueue({ capacity: 1, lifetime: 30 });
    const node = await world.startNode("a");
    const [first = "", second = ""] = newConsumers(2);
    for (const consumer of [first, second]) await world.joinAll(node, key, [consumer]);
    await world.tickUntil(node, 1);
    const live = await world.lineOn(node, key);
    expect(await node.lines.standing(live, first)).toMatchObject({ status: "ADMITTED" });
    await world.tickUntil(node, 30);
    expect(await node.lines.standing(live, first)).toEqual({ status: "EXPIRED" });
    expect(await node.lines.standing(live, second)).toMatchObject({ status: "ADMITTED" });
    await world.joinAll(node, key, [first]);
    expect(await node.lines.standing(live, first)).toMatchObject({ status: "QUEUED", ticket: 3 });
  });
});
