import { routes } from "@fanfare-io/fanfare-contract";
import type { DrawConsumerState } from "@fanfare-io/fanfare-contract";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aReceipt, entered, notSelected, settling, won } from "../../testing/draws.ts";
import { createSimulatedClock } from "../../testing/simulated-clock.ts";
import { blankDisplay, nextDisplay } from "./display.ts";
import { drawEndpoints } from "./endpoints.ts";
import { drawFacts, toldAfter } from "./facts.ts";
import type { ToldStatus } from "./facts.ts";
import { isReceipt, readDrawMemo } from "./memo.ts";
import { paceMs } from "./pace.ts";
import { isDrawState, standingOf } from "./standing.ts";

const clock = createSimulatedClock();
const at = "2026-11-22T10:00:00.000Z";
const cancelled: DrawConsumerState = { status: "CANCELLED", cancelledAt: at };

describe("how often it asks", () => {
  const pace = { state: entered(clock, { pollAfterSeconds: 20 }), failures: 0, retryAfterSeconds: undefined, random: () => 0 };

  test("never before it was told to, and hardly after", () => {
    expect(paceMs(pace)).toBe(20_000);
    expect(paceMs({ ...pace, random: () => 0.999 })).toBeLessThanOrEqual(22_000);
    expect(paceMs({ ...pace, state: entered(clock, { pollAfterSeconds: 86_400 }), random: () => 0.999 })).toBeLessThanOrEqual(86_403_000);
  });

  test("on the reserve as the reserve is told, and not at all once the last word is said", () => {
    expect(paceMs({ ...pace, state: notSelected(clock, 3) })).toBe(30_000);
    for (const state of [notSelected(clock), cancelled, { status: "LEFT" } as const]) expect(paceMs({ ...pace, state })).toBeNull();
  });

  test("after failures the pause grows to a minute, and nonsense from the service does not make a loop", () => {
    expect(paceMs({ ...pace, failures: 1, random: () => 0.5 })).toBeGreaterThanOrEqual(1_000);
    expect(paceMs({ ...pace, failures: 40, random: () => 0.999 })).toBeLessThanOrEqual(61_000);
    for (const pollAfterSeconds of [0, -1, Number.NaN]) expect(paceMs({ ...pace, state: entered(clock, { pollAfterSeconds }) })).toBeGreaterThanOrEqual(500);
  });
});

describe("what is told", () => {
  const ids = { drawId: "draw_1", experienceId: "exp_1" };
  const tell = (told: ToldStatus, state: DrawConsumerState, entering = false): string[] => drawFacts({ told, state, entering, ids }).map(([event]) => event);

  test.each([
    [null, entered(clock), true, ["draw:entered"]],
    [null, entered(clock), false, []],
    ["ENTERED", entered(clock), true, []],
    ["SETTLING", entered(clock), false, ["draw:status-updated"]],
    ["ENTERED", settling(clock), false, ["draw:status-updated"]],
    ["SETTLING", settling(clock), false, []],
    [null, settling(clock), true, ["draw:entered"]],
    ["SETTLING", won(clock), false, ["draw:won"]],
    ["WON", won(clock), false, []],
    [null, won(clock), false, ["draw:won"]],
    ["SETTLING", notSelected(clock, 4), false, ["draw:status-updated"]],
    ["NOT_SELECTED", notSelected(clock, 3), false, []],
    ["NOT_SELECTED", notSelected(clock), false, ["draw:lost"]],
    ["SETTLING", notSelected(clock), false, ["draw:lost"]],
    [null, notSelected(clock), false, []],
    ["WON", { status: "EXPIRED" }, false, ["draw:expired"]],
    [null, { status: "EXPIRED" }, false, []],
    ["WON", { status: "COMPLETED" }, false, []],
    ["ENTERED", { status: "LEFT" }, false, ["draw:left"]],
    ["ENTERED", cancelled, false, ["draw:status-updated"]],
    [null, cancelled, false, []],
    [null, { status: "DENIED", denyReason: "DRAW_CLOSED" }, true, ["draw:status-updated"]],
    [null, { status: "DENIED", denyReason: "DRAW_CLOSED" }, false, []],
  ] as const)("known %s, answer %j, entering %s: %j", (told, state, entering, events) => {
    expect(tell(told, state, entering)).toEqual(events);
  });

  test("over any answers while in it no step is told twice in a row, whatever the order", () => {
    const states = [entered(clock), settling(clock), won(clock), notSelected(clock, 2), notSelected(clock, 1)];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...states)), (history) => {
        let told: ToldStatus = "ENTERED";
        let before = "";
        for (const state of history) {
          for (const [event, payload] of drawFacts({ told, state, entering: false, ids })) {
            const fact = `${event} ${"status" in payload ? payload.status : ""}`;
            expect(fact).not.toBe(before);
            before = fact;
          }
          told = toldAfter(state);
        }
      }),
    );
  });
});

describe("what is shown", () => {
  test("a result keeps what was known of the draw, and a message goes with the answer that brought it", () => {
    const shown = nextDisplay(blankDisplay(null, at), entered(clock, { message: "Good luck" }), aReceipt, at);
    expect(shown).toMatchObject({ status: "entered", receipt: aReceipt, message: "Good luck" });
    const after = nextDisplay(shown, won(clock), aReceipt, at);
    expect(after).toMatchObject({ status: "won", winnerCount: 2, drawAt: shown.drawAt });
    expect("message" in after).toBe(false);
    expect(nextDisplay(shown, settling(clock), aReceipt, at)).toMatchObject({ status: "settling", closeAt: shown.closeAt });
  });
});

describe("what comes from outside", () => {
  test("only states of the contract are taken for one, and each has its standing", () => {
    for (const value of [null, undefined, "ENTERED", {}, { status: "toString" }, { status: "QUEUED" }]) expect(isDrawState(value)).toBe(false);
    expect(standingOf({ status: "DENIED", denyReason: "DRAW_CLOSED" })).toMatchObject({ outcome: "closed", mayEnterAgain: false });
    expect(standingOf({ status: "DENIED", denyReason: "ADMISSION_EXPIRED" })).toMatchObject({ outcome: "expired" });
    expect(standingOf({ status: "DENIED", denyReason: "BOT_DETECTED" })).toMatchObject({ outcome: "denied" });
    expect(standingOf(notSelected(clock, 0))).toEqual({ kind: "settling" });
  });

  test("any memo is read without harm, and a good one whole; a receipt has the form of one", () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(readDrawMemo(value)).toHaveProperty("told");
        expect(typeof isReceipt(value)).toBe("boolean");
      }),
    );
    const memo = { pollToken: "p", state: settling(clock), told: "SETTLING", display: nextDisplay(blankDisplay(aReceipt, at), settling(clock), aReceipt, at) };
    expect(readDrawMemo(JSON.parse(JSON.stringify(memo)))).toEqual(memo);
  });
});

test("every call is a route of the contract", () => {
  for (const [name, { method, path }] of Object.entries(drawEndpoints)) expect(routes[name as keyof typeof drawEndpoints]).toMatchObject({ method, path });
});
