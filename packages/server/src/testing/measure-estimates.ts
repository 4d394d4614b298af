import { simulateEstimates } from "./simulate-estimates.ts";
import type { EstimateScenario, Told } from "./simulate-estimates.ts";

/** How good the estimates of one kind of launch were. */
export interface EstimateFigures {
  readonly law: string;
  readonly line: string;
  readonly told: number;
  /** Half of the estimates were off by no more than this share of the wait. */
  readonly p50Error: number;
  readonly p90Error: number;
  /** The share of waits that ended within the range that was told. */
  readonly covered: number;
  /** Median width of the range, as a share of the wait. */
  readonly width: number;
}

/** Arrival laws: everybody at once, Poisson, and a spike over a base that goes on. */
const laws: Readonly<Record<string, (people: number) => EstimateScenario["arrivals"]>> = {
  step: (people) => (random) => Array.from({ length: people }, () => random() * 10).toSorted((a, b) => a - b),
  poisson: (people) => (random) => poisson(people, 12, random),
  spike: (people) => (random) =>
    [...Array.from({ length: people / 2 }, () => -Math.log(1 - random()) * 60), ...poisson(people / 2, 6, random)].toSorted((a, b) => a - b),
};

function poisson(count: number, perSecond: number, random: () => number): number[] {
  let at = 0;
  return Array.from({ length: count }, () => (at -= Math.log(1 - random()) / perSecond));
}

/** Lognormal: most take a while, some take long. */
function shopping(median: number, sigma: number, random: () => number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return median * Math.exp(sigma * normal);
}

/** A fifth of the people are lost within half an hour: half of them leave, half just go silent. */
const fickle = 0.0068;
const usual = { admissionExpirationSeconds: 600, slotSeconds: (random: () => number) => shopping(120, 0.6, random), lostPerMinute: 0 };

type Line = Omit<EstimateScenario, "arrivals" | "name">;
const lines: Readonly<Record<string, Line>> = {
  "bounded by the rate": { ...usual, admitRate: 300, capacity: null },
  "bounded by the rate, people give up": { ...usual, admitRate: 300, capacity: null, lostPerMinute: fickle },
  "bounded by checkout slots": { ...usual, admitRate: 3000, capacity: 600 },
  "bounded by checkout slots, people give up": { ...usual, admitRate: 3000, capacity: 600, lostPerMinute: fickle },
  "bounded by checkout slots that fill in minutes, one in seven for nothing": {
    ...usual,
    admitRate: 1200,
    capacity: 1000,
    slotSeconds: (random) => (random() < 0.15 ? 600 : 60 * (0.4 + 1.2 * random())),
  },
};

/** What nobody can foresee; measured apart, to see how the range owns up to it. */
const shock: Line = {
  ...usual,
  admitRate: 3000,
  capacity: 600,
  lostPerMinute: fickle,
  slotSeconds: (random, at) => shopping(at < 1500 ? 100 : 150, 0.6, random),
};

export interface EstimateMeasure {
  readonly seed: number;
  readonly runs: number;
  readonly people: number;
}

/** Measures every law over every kind of line, from seeds that follow each other; the last rows are the shock. */
export function measureEstimates(measure: EstimateMeasure): readonly EstimateFigures[] {
  const kinds = { ...lines, "checkout takes half as long again from one minute to the next": shock };
  return Object.entries(kinds).flatMap(([line, kind]) =>
    Object.entries(laws).map(([law, arrivals]) => {
      const play = (run: number) => simulateEstimates({ ...kind, name: `${law}, ${line}`, arrivals: arrivals(measure.people) }, seeded(measure.seed + run));
      return figuresOf(law, line, Array.from({ length: measure.runs }, (_, run) => play(run)).flat());
    }),
  );
}

function figuresOf(law: string, line: string, told: readonly Told[]): EstimateFigures {
  const errors = told.map(({ expected, actual }) => Math.abs(expected - actual) / Math.max(1, actual)).toSorted((a, b) => a - b);
  const widths = told.map(({ low, high, actual }) => (high - low) / Math.max(1, actual)).toSorted((a, b) => a - b);
  const at = (sorted: readonly number[], share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  return {
    law,
    line,
    told: told.length,
    p50Error: at(errors, 0.5),
    p90Error: at(errors, 0.9),
    covered: told.filter(({ low, high, actual }) => actual >= Math.floor(low) && actual <= Math.ceil(high)).length / told.length,
    width: at(widths, 0.5),
  };
}

/** Numbers in [0, 1) that a seed fixes (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
