import { afterAll, beforeAll, expect, test } from "vitest";
import { startPostgres } from "../tools/postgres.mjs";
import { bareGround, beginningOf, faults, startOnSmallDisk } from "./faults/faults.ts";
import { checkOutOlder } from "./faults/older-version.ts";
import { play } from "./faults/world.ts";
import type { Server } from "./faults/world.ts";

// A few of them, because each takes seconds; `npm run soak -- faults` tries all of them, again and again.
let server: Server;
beforeAll(async () => {
  // Of its own: the one that other tests share is not to be killed.
  server = await startPostgres();
});
afterAll(() => server.stop());

test.each(faults.filter((fault) => fault.always === true && fault.smallDisk !== true && fault.fromOlder !== true))(
  "nothing is lost, given twice, over the cap or out of order when $name (I1 to I6)",
  async (fault) => {
    const outcome = await play(server, (world) => fault.inject(world, bareGround), { steadyMs: 700, ...beginningOf(fault, bareGround) });
    expect(outcome.violations).toEqual([]);
    expect(outcome.completed).toBeGreaterThan(0);
  },
);

test.each(faults.filter((fault) => fault.always === true && fault.smallDisk === true))(
  "nothing is lost, given twice, over the cap or out of order when $name (I1 to I6)",
  async (fault) => {
    const small = await startOnSmallDisk();
    if (small === null) return console.warn("  no disk can be mounted here without root: a full disk is not tried");
    try {
      const outcome = await play(small.server, (world) => fault.inject(world, { ...bareGround, disk: small.disk }), { steadyMs: 700 });
      expect(outcome.violations).toEqual([]);
      expect(outcome.completed).toBeGreaterThan(0);
    } finally {
      await small.stop();
    }
  },
);

test.each(faults.filter((fault) => fault.always === true && fault.fromOlder === true))(
  "nothing is lost, given twice, over the cap or out of order when $name (I1 to I6)",
  async (fault) => {
    const older = checkOutOlder();
    if (older === null) return console.warn("  the repository has no past here: an upgrade is not tried");
    try {
      const outcome = await play(server, (world) => fault.inject(world, { ...bareGround, older: older.main }), {
        steadyMs: 700,
        ...beginningOf(fault, { ...bareGround, older: older.main }),
      });
      expect(outcome.violations).toEqual([]);
      expect(outcome.completed).toBeGreaterThan(0);
    } finally {
      older.remove();
    }
  },
);
