import type { SeededRandom } from "./random.ts";

/**
 * How a crowd arrives: `step`, all within seconds of the opening; `poisson`, evenly and at random; `spike`, a rush at the opening that
 * ebbs away; `bots`, scripts in the first second and people after them.
 */
export const arrivalLaws = ["step", "poisson", "spike", "bots"] as const;
export type ArrivalLaw = (typeof arrivalLaws)[number];

/** Who comes when. */
export interface Arrivals {
  /** Milliseconds after the opening, ascending. */
  readonly at: Float64Array;
  /** 1 = a script. */
  readonly isBot: Uint8Array;
}

/** What an arrival law is told. */
export interface ArrivalOptions {
  readonly law: ArrivalLaw;
  readonly shoppers: number;
  /** Over how long the law spreads its arrivals. */
  readonly seconds: number;
  /** Of all who come, under `bots`. */
  readonly botShare: number;
}

/** Draws the arrivals of a launch. */
export function drawArrivals({ law, shoppers, seconds, botShare }: ArrivalOptions, random: SeededRandom): Arrivals {
  const bots = law === "bots" ? Math.round(shoppers * botShare) : 0;
  const span = seconds * 1000;
  const drawn = new Float64Array(shoppers);
  for (let each = 0; each < shoppers; each++) drawn[each] = each < bots ? random.between(0, 1000) : instantOf(law, span, random);
  return inOrder(drawn.subarray(0, bots).sort(), drawn.subarray(bots).sort());
}

/** Scripts and people, each in order, as one crowd; a script goes before whoever comes in the same instant. */
function inOrder(scripts: Float64Array, people: Float64Array): Arrivals {
  const count = scripts.length + people.length;
  const [at, isBot] = [new Float64Array(count), new Uint8Array(count)];
  let script = 0;
  for (let each = 0; each < count; each++) {
    const bot = script < scripts.length && !((people[each - script] as number) < (scripts[script] as number));
    at[each] = (bot ? scripts[script] : people[each - script]) as number;
    if (bot) isBot[each] = 1;
    if (bot) script++;
  }
  return { at, isBot };
}

function instantOf(law: ArrivalLaw, span: number, random: SeededRandom): number {
  switch (law) {
    case "step":
      return random.between(0, Math.min(span, 5_000));
    case "poisson":
    case "bots":
      // Uniform instants of a known number are what a Poisson process looks like once its count is known.
      return random.between(0, span);
    case "spike":
      return Math.min(span, random.chance(0.7) ? random.exponential(span / 12) : random.between(0, span));
  }
}
