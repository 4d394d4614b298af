import { drawHabits } from "./shopper.ts";
import type { Habits } from "./shopper.ts";
import type { SeededRandom } from "./random.ts";
import type { Scenario } from "./scenario.ts";

/** A million people in typed arrays: what each will do, and who does something next. Durations in milliseconds. */
export interface Crowd {
  habits(shopper: number): Habits;
  /** Wakes the shopper in the tick of this instant. One appointment a shopper. */
  appoint(shopper: number, at: number): void;
  /** Visits those whose appointment is in this tick. */
  due(tick: number, visit: (shopper: number) => void): void;
}

/** Draws the habits of everybody who comes. */
export function createCrowd(scenario: Scenario, isBot: Uint8Array, random: SeededRandom, tickMs: number): Crowd {
  const count = isBot.length;
  // Four numbers each, side by side: who does something next is anybody of a million, and each place in memory that is far from the last costs.
  const durations = new Float64Array(count * 4);
  const buys = new Uint8Array(count);
  for (let shopper = 0; shopper < count; shopper++) {
    const habits = drawHabits(scenario, isBot[shopper] === 1, random);
    durations.set([habits.patienceMs, habits.absentAfterMs, habits.absentForMs, habits.shoppingMs], shopper * 4);
    buys[shopper] = habits.buys ? 1 : 0;
  }
  // One linked list a tick: a shopper has one appointment, so one link is enough.
  const first = new Map<number, number>();
  const next = new Int32Array(count).fill(-1);
  let lastDue = -1;

  return Object.freeze<Crowd>({
    habits: (shopper) => ({
      bot: isBot[shopper] === 1,
      patienceMs: durations[shopper * 4] as number,
      absentAfterMs: durations[shopper * 4 + 1] as number,
      absentForMs: durations[shopper * 4 + 2] as number,
      buys: buys[shopper] === 1,
      shoppingMs: durations[shopper * 4 + 3] as number,
    }),
    appoint(shopper, at) {
      const tick = Math.max(lastDue + 1, Math.ceil(at / tickMs));
      next[shopper] = first.get(tick) ?? -1;
      first.set(tick, shopper);
    },
    due(tick, visit) {
      lastDue = tick;
      let shopper = first.get(tick) ?? -1;
      first.delete(tick);
      while (shopper !== -1) {
        const following = next[shopper] as number;
        visit(shopper);
        shopper = following;
      }
    },
  });
}
