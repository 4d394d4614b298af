import type { SeededRandom } from "./random.ts";
import type { Scenario } from "./scenario.ts";

/** What one shopper will do, drawn before the launch. Durations in milliseconds. */
export interface Habits {
  readonly bot: boolean;
  /** Leaves after waiting so long; Infinity = waits for the turn. */
  readonly patienceMs: number;
  /** Goes away after waiting so long; Infinity = stays. */
  readonly absentAfterMs: number;
  readonly absentForMs: number;
  readonly buys: boolean;
  readonly shoppingMs: number;
}

/** Draws a shopper's habits. A script never tires, never looks away, and never buys: it holds what it got to sell it on. */
export function drawHabits(scenario: Scenario, bot: boolean, random: SeededRandom): Habits {
  const { abandonShare, patienceSeconds, absentShare, absenceSeconds, buyShare, shoppingSeconds } = scenario;
  // All draws are made, whatever comes of them, so that changing one share changes no other shopper.
  const abandons = random.chance(abandonShare);
  const patienceMs = random.exponential(patienceSeconds * 1000);
  const goesAway = random.chance(absentShare);
  const absentAfterMs = random.exponential(60_000);
  const absentForMs = random.exponential(absenceSeconds * 1000);
  const buys = random.chance(buyShare);
  const shoppingMs = shoppingSeconds * 1000 * random.between(0.4, 1.6);
  return {
    bot,
    patienceMs: abandons && !bot ? patienceMs : Infinity,
    absentAfterMs: goesAway && !bot ? absentAfterMs : Infinity,
    absentForMs,
    buys: buys && !bot,
    shoppingMs,
  };
}
