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
  const patience = new Float64Array(count);
  const absentAfter = new Float64Array(count);
  const absentFor = new Float64Array(count);
  const shopping = new Float64Array(count);
  const buys = new Uint8Array(count);
  for (let shopper = 0; shopper < count; shopper++) {
    const habits = drawHabits(scenario, isBot[shopper] === 1, random);
    patience[shopper] = habits.patienceMs;
    absentAfter[shopper] = habits.absentAfterMs;
    absentFor[shopper] = habits.absentForMs;
    shopping[shopper] = habits.shoppingMs;
    buys[shopper] = habits.buys ? 1 : 0;
  }
  // One linked list a tick: a shopper has one appointment, so one link is enough.
  const first = new Map<number, number>();
  const next = new Int32Array(count).fill(-1);
  let lastDue = -1;

  return Object.freeze<Crowd>({
    habits: (shopper) => ({
      bot: isBot[shopper] === 1,
      patienceMs: patience[shopper] as number,
      absentAfterMs: absentAfter[shopper] as number,
      absentForMs: absentFor[shopper] as number,
      buys: buys[shopper] === 1,
      shoppingMs: shopping[shopper] as number,
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
