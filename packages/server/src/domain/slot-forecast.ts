import { slotStepMs } from "./slot-use.ts";
import type { SlotUseReading } from "./slot-use.ts";

/** A line that checkout slots bound, as it stands. Rates a minute. */
export interface SlotLine {
  readonly use: SlotUseReading;
  readonly capacity: number;
  /** Slots in use; those whose age nobody knows count as any. */
  readonly active: number;
  /** The most that go in while slots are free. */
  readonly byRate: number;
  /** The share of those who wait who are lost. */
  readonly lost: number;
}

/** How a line will go on. */
export interface SlotForecast {
  /** When so many people who wait now will be in or gone, in minutes. */
  minutesUntil(ahead: number): number;
}

/** An hour; after it a line goes on evenly. */
const horizon = 720;
const stepMinutes = slotStepMs / 60_000;

/**
 * Plays the slots forward: those in use end as slots of their age have ended, and whoever is next takes what is free, at the rate at most. A
 * line whose slots were all taken in the same minutes goes in waves, which no mean pace tells; and while slots are still free the rate
 * alone counts.
 */
export function foreseeSlots({ use, capacity, active, byRate, lost }: SlotLine): SlotForecast {
  const { ending } = use;
  const inUse = knownAndUnknown(use, active);
  // People of today's line who are in by the end of each step, each of them counted for so many as would have been lost until then.
  const through = new Float64Array(horizon + 1);
  let busy = inUse.reduce((sum, count) => sum + count, 0);
  let [last, recent] = [0, 0];
  for (let step = 1; step <= horizon; step++) {
    let ended = 0;
    for (let age = inUse.length - 1; age > 0; age--) {
      const staying = inUse[age - 1] as number;
      const ends = staying * (ending[age] as number);
      ended += ends;
      inUse[age] = staying - ends;
    }
    busy -= ended;
    const taken = Math.max(0, Math.min(byRate * stepMinutes, capacity - busy));
    inUse[0] = taken * (1 - (ending[0] as number));
    busy += inUse[0];
    through[step] = (through[step - 1] as number) + taken * Math.exp(lost * (step - 0.5) * stepMinutes);
    last = taken;
    if (step > horizon / 2) recent += taken;
  }
  const steady = Math.max(recent / (horizon / 2), last > 0 ? 1e-6 : 1e-9) / stepMinutes;

  return Object.freeze<SlotForecast>({
    minutesUntil(ahead) {
      if (ahead <= (through[horizon] as number)) {
        let [low, high] = [0, horizon];
        while (high - low > 1) {
          const middle = (low + high) >> 1;
          if ((through[middle] as number) < ahead) low = middle;
          else high = middle;
        }
        const [before, after] = [through[low] as number, through[high] as number];
        return (low + (after > before ? (ahead - before) / (after - before) : 1)) * stepMinutes;
      }
      const gone = horizon * stepMinutes;
      const left = (ahead - (through[horizon] as number)) * Math.exp(-lost * gone);
      return gone + (lost > 0 ? Math.log1p((lost * left) / steady) / lost : left / steady);
    },
  });
}

/** Slots by age; those that were taken before this node listened are as old as slots are in the long run. */
function knownAndUnknown({ ending, inUse }: SlotUseReading, active: number): Float64Array {
  const slots = Float64Array.from(inUse);
  const unknown = active - slots.reduce((sum, count) => sum + count, 0);
  if (unknown <= 0) return slots;
  const alive = new Float64Array(ending.length);
  let [left, sum] = [1, 0];
  for (let age = 0; age < ending.length; age++) {
    sum += alive[age] = left;
    left *= 1 - (ending[age] as number);
  }
  for (let age = 0; age < slots.length; age++) slots[age] = (slots[age] as number) + (unknown * (alive[age] as number)) / sum;
  return slots;
}
