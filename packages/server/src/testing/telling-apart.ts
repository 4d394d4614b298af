/** Whether two groups of times can be told apart. */
export interface Comparison {
  readonly n: number;
  readonly medianOne: number;
  readonly medianOther: number;
  /** Chance that a value of the one is above one of the other: 0.5 where nothing tells them apart (Mann and Whitney). */
  readonly above: number;
  /** Two-sided: how often groups of the same kind would differ as much as these. */
  readonly p: number;
  /** Largest distance of the two distributions (Kolmogorov and Smirnov), and how often chance makes as much. */
  readonly distance: number;
  readonly distanceP: number;
}

/** Compares two groups, of a thousand values or more each: the tests are those for large numbers. */
export function compare(one: readonly number[], other: readonly number[]): Comparison {
  const all = [...one.map((value) => ({ value, isOne: true })), ...other.map((value) => ({ value, isOne: false }))].sort((a, b) => a.value - b.value);
  let rankSum = 0;
  let distance = 0;
  let [seenOne, seenOther] = [0, 0];
  for (let from = 0; from < all.length;) {
    let to = from;
    while (to < all.length && all[to]?.value === all[from]?.value) to++;
    const tied = all.slice(from, to).filter(({ isOne }) => isOne).length;
    // Equal values share the middle of their ranks.
    rankSum += (tied * (from + 1 + to)) / 2;
    seenOne += tied;
    seenOther += to - from - tied;
    distance = Math.max(distance, Math.abs(seenOne / one.length - seenOther / other.length));
    from = to;
  }
  const pairs = one.length * other.length;
  const above = (rankSum - (one.length * (one.length + 1)) / 2) / pairs;
  const z = ((above - 0.5) * pairs) / Math.sqrt((pairs * (one.length + other.length + 1)) / 12);
  return {
    n: one.length,
    medianOne: median(one),
    medianOther: median(other),
    above,
    p: 2 * (1 - normal(Math.abs(z))),
    distance,
    distanceP: kolmogorov(distance * Math.sqrt(pairs / (one.length + other.length))),
  };
}

const median = (values: readonly number[]): number => values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;

/** The normal distribution, by Abramowitz and Stegun 26.2.17; good to 7 digits. */
function normal(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const tail = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return 1 - (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * tail;
}

function kolmogorov(scaled: number): number {
  let sum = 0;
  for (let k = 1; k <= 100; k++) sum += 2 * (-1) ** (k - 1) * Math.exp(-2 * k * k * scaled * scaled);
  return Math.min(1, Math.max(0, scaled < 0.2 ? 1 : sum));
}
