import { routes } from "@fanfare-io/fanfare-contract";
import type { QueueConsumerState } from "@fanfare-io/fanfare-contract";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { queued } from "../../testing/launch.ts";
import { blankDisplay, honestEstimate, nextShown } from "./display.ts";
import type { Shown } from "./display.ts";
import { queueEndpoints } from "./endpoints.ts";
import { queueFacts } from "./facts.ts";
import { readQueueMemo } from "./memo.ts";
import { paceMs } from "./pace.ts";
import { isQueueState, standingOf } from "./standing.ts";

const at = "2026-11-22T10:00:00.000Z";
type Queued = Extract<QueueConsumerState, { status: "QUEUED" }>;
const place = (position: number, changes: Partial<Queued> = {}): Queued => queued(position, changes) as Queued;

describe("what is shown", () => {
  test("over any answers for one ticket the position never rises and the progress never falls (I6)", () => {
    const answers = fc.array(fc.record({ position: fc.option(fc.integer({ min: 1, max: 1e6 })), progress: fc.double({ min: 0, max: 1, noNaN: true }) }));
    fc.assert(
      fc.property(answers, (history) => {
        let shown: Shown | null = null;
        let lowest = Infinity;
        let farthest = 0;
        for (const { position, progress } of history) {
          shown = nextShown(shown, { ...place(1), position, waitingAhead: position === null ? null : position - 1, progress }, at);
          if (position === null) expect(shown.display.position).toBeNull();
          else expect(shown.display.position).toBe((lowest = Math.min(lowest, position)));
          expect(shown.display.progress).toBe((farthest = Math.max(farthest, progress)));
        }
      }),
    );
  });

  test("another ticket is another place, also behind", () => {
    const shown = nextShown(nextShown(null, place(2), at), place(50, { ticket: 99 }), at);
    expect(shown.display.position).toBe(50);
    expect(nextShown(shown, place(60, { ticket: 99 }), at).display.position).toBe(50);
  });

  test("an early arrival that gets its ticket at the opening keeps its display", () => {
    const early = nextShown(null, place(1, { ticket: null, position: null, waitingAhead: null, progress: 0, placesDrawnAt: at }), at);
    expect(early.display).toMatchObject({ position: null, waitingAhead: null, placesDrawnAt: at });
    const drawn = nextShown(early, place(40), at).display;
    expect(drawn.position).toBe(40);
    expect(drawn).not.toHaveProperty("placesDrawnAt");
  });

  test("a wait that becomes longer says why, in the service's words where it has any, and by next to nothing it does not become longer", () => {
    expect(honestEstimate({ low: 80, high: 100 }, { low: 90, high: 120 })).toMatchObject({ high: 120, reason: expect.stringContaining("slowly") as string });
    expect(honestEstimate({ low: 80, high: 100 }, { low: 90, high: 120, reason: "Paused twice." })).toEqual({ low: 90, high: 120, reason: "Paused twice." });
    expect(honestEstimate({ low: 80, high: 100 }, { low: 85, high: 104 })).toEqual({ low: 80, high: 100 });
    expect(honestEstimate({ low: 80, high: 100 }, { low: 60, high: 70 })).toEqual({ low: 60, high: 70 });
    expect([honestEstimate(null, { low: 1, high: 2 }), honestEstimate({ low: 1, high: 2 }, null)]).toEqual([{ low: 1, high: 2 }, null]);
  });

  test("a message comes and goes with the answers", () => {
    const said = nextShown(null, place(2, { message: "Paused" }), at);
    expect(said.display.message).toBe("Paused");
    expect("message" in nextShown(said, place(2), at).display).toBe(false);
  });
});

describe("how often it asks", () => {
  const pace = { state: place(2, { pollAfterSeconds: 10 }), failures: 0, retryAfterSeconds: undefined, visible: true, random: () => 0.5 };

  test("as often as told, within a tenth", () => {
    expect(paceMs(pace)).toBe(10_000);
    expect(paceMs({ ...pace, random: () => 0 })).toBe(9_000);
  });

  test("a hidden page asks less often, never more than 30 s apart near the front, and stays present", () => {
    expect(paceMs({ ...pace, visible: false })).toBe(15_000);
    expect(paceMs({ ...pace, visible: false, state: place(2, { pollAfterSeconds: 25 }) })).toBe(30_000);
    expect(paceMs({ ...pace, visible: false, state: place(900, { pollAfterSeconds: 120 }) })).toBe(120_000);
  });

  test("after failures the pause grows to 30 s and waits for what Retry-After says", () => {
    expect(paceMs({ ...pace, failures: 1 })).toBe(2_000);
    expect(paceMs({ ...pace, failures: 30 })).toBe(16_000);
    expect(paceMs({ ...pace, failures: 1, retryAfterSeconds: 60 })).toBe(61_000);
  });

  test("whoever is out asks no more, and nonsense from the service does not make a loop", () => {
    expect(paceMs({ ...pace, state: { status: "LEFT" } })).toBeNull();
    for (const pollAfterSeconds of [0, -1, Number.NaN]) expect(paceMs({ ...pace, state: place(2, { pollAfterSeconds }) })).toBeGreaterThanOrEqual(400);
  });
});

test("every call of a line is a route of the contract", () => {
  for (const [name, { method, path }] of Object.entries(queueEndpoints)) expect(routes[name as keyof typeof queueEndpoints]).toMatchObject({ method, path });
});

describe("what is told", () => {
  const ids = { queueId: "queue_1", experienceId: "exp_1" };
  const blank = blankDisplay(at);
  const tell = (told: "participating" | "admitted" | null, state: QueueConsumerState, entering = false): string[] =>
    queueFacts({ told, state, entering, before: blank, after: blank, ids }).facts.map(([event]) => event);
  const turn = { status: "ADMITTED", admittedAt: at, grantId: "grant_1", expiresAt: at, pollAfterSeconds: 10 } as const;

  test.each([
    [null, place(3), true, ["queue:entered"]],
    [null, place(3), false, []],
    ["participating", place(3), true, []],
    [null, turn, true, ["queue:entered", "queue:admitted"]],
    [null, turn, false, ["queue:admitted"]],
    ["participating", turn, false, ["queue:admitted"]],
    ["admitted", turn, false, []],
    [null, { status: "DENIED", denyReason: "QUEUE_CLOSED" }, true, ["queue:denied"]],
    [null, { status: "DENIED", denyReason: "QUEUE_CLOSED" }, false, []],
    ["participating", { status: "LEFT" }, false, ["queue:left"]],
    [null, { status: "LEFT" }, false, []],
    ["admitted", { status: "EXPIRED" }, false, ["queue:expired"]],
    [null, { status: "EXPIRED" }, false, []],
    ["admitted", { status: "COMPLETED" }, false, []],
  ] as const)("known %s, answer %j, entering %s: %j", (told, state, entering, events) => {
    expect(tell(told, state, entering)).toEqual(events);
  });
});

describe("what comes from outside", () => {
  test("only states of the contract are taken for one", () => {
    expect(isQueueState(place(1))).toBe(true);
    for (const value of [null, undefined, "QUEUED", {}, { status: "toString" }, { status: "SOMETHING" }]) expect(isQueueState(value)).toBe(false);
    expect(standingOf({ status: "DENIED", denyReason: "BOT_DETECTED" })).toEqual({
      kind: "ended",
      outcome: "denied",
      mayEnterAgain: false,
      denyReason: "BOT_DETECTED",
    });
  });

  test("any memo is read without harm, and a good one whole", () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(readQueueMemo(value)).toHaveProperty("version");
      }),
    );
    const memo = { pollToken: "p", version: 4, state: place(3), shown: nextShown(null, place(3), at) };
    expect(readQueueMemo(JSON.parse(JSON.stringify(memo)))).toEqual(memo);
  });
});
