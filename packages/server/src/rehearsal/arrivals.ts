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
  const drawn: { readonly at: number; readonly bot: boolean }[] = [];
  for (let each = 0; each < shoppers; each++) {
    const bot = each < bots;
    drawn.push({ at: bot ? random.between(0, 1000) : instantOf(law, span, random), bot });
  }
  drawn.sort((one, other) => one.at - other.at);
  return { at: Float64Array.from(drawn, ({ at }) => at), isBot: Uint8Array.from(drawn, ({ bot }) => (bot ? 1 : 0)) };
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
