import { createCalibration } from "./calibration.ts";
import { expectWait, paceOf } from "./estimate.ts";
import type { EstimateFacts, Wait } from "./estimate.ts";
import { createFlow } from "./flow.ts";
import type { FlowState } from "./flow.ts";
import type { Line } from "./line.ts";
import { createSlotUse } from "./slot-use.ts";

/** Settings that bound a line. */
export type ForecastSettings = Pick<EstimateFacts, "admitRate" | "capacity" | "admissionExpirationSeconds">;

/** What is to come of one line, learned from what happened to it. Instants in milliseconds. */
export interface Forecast {
  /** The line is like this now. */
  note(at: number, state: FlowState, settings: ForecastSettings): void;
  /** Told before they leave the line. */
  admitted(at: number, tickets: readonly number[]): void;
  left(at: number, count: number): void;
  /** Checkout slots were given back, after so many milliseconds each. */
  ended(at: number, usedMs: readonly number[]): void;
  /** The wait of whoever stands at a position; null when nothing honest can be said. */
  waitAt(position: number, settings: ForecastSettings, now: number): Wait | null;
  /** How many a minute would go in if the line were long; null when nothing honest can be said. */
  perMinute(settings: ForecastSettings, now: number): number | null;
}

const probeEveryMs = 10_000;
const probedAt: readonly number[] = [0.25, 0.5, 0.75, 1];

/** Makes the forecast of a line that other parts fill, and may replace. */
export function createForecast(current: () => Line): Forecast {
  const flow = createFlow();
  const calibration = createCalibration();
  const slots = createSlotUse();
  let probed = -Infinity;

  const passedOver = (): number => (flow.front() === 0 ? 0 : current().positionOf(flow.front() + 1) - 1);

  const factsOf = ({ admitRate, capacity, admissionExpirationSeconds }: ForecastSettings, now: number): EstimateFacts => ({
    admitRate,
    capacity,
    admissionExpirationSeconds,
    flow: flow.read(now),
    slots: slots.read(now, admissionExpirationSeconds),
    active: flow.active(),
    passedOver: passedOver(),
    bounds: calibration.bounds(now),
  });

  function waitAt(position: number, settings: ForecastSettings, now: number): Wait | null {
    const facts = factsOf(settings, now);
    // Where the holder of this place stands among the tickets, near enough to know how long those ahead have waited.
    const share = Math.min(1, Math.max(0, position - facts.passedOver) / Math.max(1, current().waiting() - facts.passedOver));
    const middle = flow.front() + Math.ceil(((current().tail() - flow.front()) * share) / 2);
    return expectWait(facts, position, flow.waitedMs(middle, now) / 60_000);
  }

  function probe(at: number, settings: ForecastSettings): void {
    probed = at;
    const front = flow.front();
    for (const share of probedAt) {
      const ticket = front + Math.ceil((current().tail() - front) * share);
      const wait = ticket > front ? waitAt(current().positionOf(ticket), settings, at) : null;
      if (wait !== null) calibration.probe(at, ticket, wait.expected, wait.spread);
    }
  }

  return Object.freeze<Forecast>({
    note(at, state, settings) {
      flow.joined(at, current().tail());
      flow.note(at, state);
      if (state.moving && at - probed >= probeEveryMs) probe(at, settings);
    },
    admitted(at, tickets) {
      const highest = Math.max(flow.front(), ...tickets);
      const from = flow.front() === 0 ? Math.min(...tickets) : flow.front() + 1;
      slots.taken(at, tickets.length);
      flow.admitted(at, tickets, current().positionOf(highest + 1) - current().positionOf(from));
      calibration.reached(at, flow.front());
    },
    left: flow.left,
    ended: slots.ended,
    waitAt,
    perMinute: (settings, now) => paceOf(factsOf(settings, now))?.perMinute ?? null,
  });
}
