import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { DatabaseError } from "../data/database.ts";
import type { QueueKey } from "../data/queue-entries.ts";
import { createFollower } from "./follow.ts";
import { newConsumers, openLineWorld } from "./testing/line-world.ts";
import { startTestNode } from "./testing/test-node.ts";

const world = openLineWorld();
let key: QueueKey;

describe("following", () => {
  test("shows no position of a version that it has not told, whoever leaves while it reads (I6)", async () => {
    key = await world.makeQueue({ admitRate: 0 });
    const there = await world.startNode("a");
    const [first = "", second = "", third = ""] = newConsumers(3);
    let leaveNow = true;
    const crossed = async <Row>(statement: string, parameters: readonly unknown[]): Promise<readonly Row[]> => {
      if (leaveNow && parameters[0] === key.organizationId && statement.includes("state = 'waiting' order by ticket")) {
        leaveNow = false;
        await there.lines.leave(await world.lineOn(there, key), first);
      }
      return world.db.run(statement, parameters);
    };
    const running = await startTestNode({ ...world.db, run: crossed }, world.clock, "b");
    for (const consumer of [first, second, third]) await world.joinAll(there, key, [consumer]);
    await running.follower.catchUp(key);
    const before = { status: "QUEUED", ticket: 3, version: 0, position: 3 };
    const after = { status: "QUEUED", ticket: 3, version: 1, position: 2 };
    expect(await running.lines.standing(await world.lineOn(running, key), third)).toMatchObject(before);
    expect(await running.lines.standing(await world.lineOn(running, key), third, 1)).toMatchObject(after);
    leaveNow = true;
    await world.joinAll(there, key, [first]);
    const starting = await startTestNode({ ...world.db, run: crossed }, world.clock, "c");
    expect(await starting.lines.standing(await world.lineOn(starting, key), third)).toMatchObject({ ...after, version: 2 });
  });

  test("goes on with the other lines when one cannot be read", async () => {
    const broken = await world.makeQueue();
    key = broken;
    await world.joinAll(await world.startNode("a"), key, newConsumers(1));
    const sound = await world.makeQueue();
    const failing = async <Row>(statement: string, parameters: readonly unknown[]): Promise<readonly Row[]> => {
      if (statement.includes("state = 'waiting' order by ticket") && parameters[0] === broken.organizationId) throw new DatabaseError("57014", "Timed out.");
      return world.db.run(statement, parameters);
    };
    const faults: unknown[] = [];
    const follower = createFollower({
      db: { ...world.db, run: failing },
      clock: world.clock,
      breathe: () => Promise.resolve(),
      onFault: (error) => void faults.push(error),
    });
    await follower.start();
    expect(faults).toHaveLength(1);
    expect([...follower.all()].map((live) => live.key)).toContainEqual(sound);
  });

  test("reads a grant again that it could not read, so that it ends on time", async () => {
    key = await world.makeQueue({ lifetime: 60 });
    let failures = 1;
    const failing = async <Row>(statement: string, parameters: readonly unknown[]): Promise<readonly Row[]> => {
      if (failures > 0 && parameters[0] === key.organizationId && statement.includes("ticket = any($3::bigint[])") && parameters[2] !== null) {
        failures--;
        throw new DatabaseError("connection", "The connection broke.");
      }
      return world.db.run(statement, parameters);
    };
    const other = await world.startNode("a");
    const node = await startTestNode({ ...world.db, run: failing }, world.clock, "b");
    const consumer = randomUUID();
    await world.joinAll(other, key, [consumer]);
    await world.tickUntil(other, 1);
    await expect(node.follower.catchUp(key)).rejects.toThrow("The connection broke.");
    await node.follower.catchUp(key);
    expect((await world.lineOn(node, key)).admitted()).toBe(1);
  });
});
