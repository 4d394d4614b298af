import type { DrawConsumerState, DrawReceipt, RouteOffer } from "@fanfare-io/fanfare-contract";
import { offer } from "./launch.ts";
import type { SimulatedClock } from "./simulated-clock.ts";

type StateOf<S extends DrawConsumerState["status"]> = Extract<DrawConsumerState, { status: S }>;

const after = (clock: SimulatedClock, ms: number): string => new Date(clock.now() + ms).toISOString();

/** The offer of a draw whose entries close in a minute and which draws half a minute later. */
export function drawOffer(clock: SimulatedClock, changes: Partial<RouteOffer["distribution"]> = {}): RouteOffer {
  return offer({ distribution: { id: "draw_1", type: "draw", closeAt: after(clock, 60_000), drawAt: after(clock, 90_000), ...changes } });
}

/** An entry in that draw, told to come back after the drawing. */
export function entered(clock: SimulatedClock, changes: Partial<StateOf<"ENTERED">> = {}): StateOf<"ENTERED"> {
  return {
    status: "ENTERED",
    enteredAt: after(clock, 0),
    closeAt: after(clock, 60_000),
    drawAt: after(clock, 90_000),
    winnerCount: 2,
    entrants: 5,
    weight: 1,
    pollAfterSeconds: 92,
    ...changes,
  };
}

/** The same entry once the entries are closed. */
export function settling(clock: SimulatedClock, changes: Partial<StateOf<"SETTLING">> = {}): StateOf<"SETTLING"> {
  const { closeAt: _over, ...entry } = entered(clock);
  return { ...entry, status: "SETTLING", pollAfterSeconds: 10, ...changes };
}

/** The win. */
export function won(clock: SimulatedClock): StateOf<"WON"> {
  return { status: "WON", wonAt: after(clock, 0), grantId: "grant_1", expiresAt: after(clock, 600_000), pollAfterSeconds: 20 };
}

/** What was not selected; `ahead` puts it on the reserve. */
export function notSelected(clock: SimulatedClock, ahead: number | null = null): StateOf<"NOT_SELECTED"> {
  return { status: "NOT_SELECTED", drawnAt: after(clock, 0), reserve: ahead === null ? null : { ahead, pollAfterSeconds: 30 } };
}

/** The receipt that the scripted service hands out. */
export const aReceipt: DrawReceipt = Object.freeze({ drawId: "draw_1", entry: "e".repeat(64), signature: "s" });
