import { randomInt } from "node:crypto";
import fc from "fast-check";
import { test } from "vitest";
import { mildHistories, playHistory, wildHistories } from "../testing/session-history.ts";

// `FANFARE_MODEL_RUNS=50000` plays that many of each; `FANFARE_MODEL_SEED` plays a failed run again.
const runs = Number(process.env["FANFARE_MODEL_RUNS"] ?? 250);
const seed = Number(process.env["FANFARE_MODEL_SEED"] ?? randomInt(2 ** 31));
const delays = fc.array(fc.nat(30), { maxLength: 5 });
const patienceMs = 60_000 + runs * 200;

test(
  `over any history of four tabs, lost, slow and hung answers, reloads and long waits, all tabs end as one consumer and nobody honest is logged out (S17, A1, A3, I8): ${runs} histories, seed ${seed}`,
  () =>
    fc.assert(
      fc.asyncProperty(mildHistories, delays, (history, storageDelaysMs) => playHistory(false, history, storageDelaysMs)),
      { numRuns: runs, seed },
    ),
  patienceMs,
);

test(
  `and so with sessions bound to a device key, over crashes, frozen tabs, clocks that jump and storage that is wiped (S17, S18, S32): ${runs} histories, seed ${seed}`,
  () =>
    fc.assert(
      fc.asyncProperty(wildHistories, delays, (history, storageDelaysMs) => playHistory(true, history, storageDelaysMs)),
      { numRuns: runs, seed },
    ),
  patienceMs,
);
