/** Randomness that one number repeats: the same seed plays the same launch. */
export interface SeededRandom {
  /** Uniform in [0, 1). */
  next(): number;
  chance(probability: number): boolean;
  /** Uniform between two bounds. */
  between(low: number, high: number): number;
  /** Exponential with this mean. */
  exponential(mean: number): number;
  /** Whole and uniform in [0, count). */
  index(count: number): number;
}

/** Makes a generator (sfc32). Generators with different `stream` names are independent, so that one more draw here changes nothing there. */
export function createSeededRandom(seed: number, stream: string): SeededRandom {
  let a = 0x9e3779b9;
  let b = seed >>> 0;
  let c = Math.floor(seed / 2 ** 32) >>> 0;
  let d = 1;
  for (const letter of stream) c = Math.imul(c ^ (letter.codePointAt(0) ?? 0), 0x85ebca6b) >>> 0;

  function next(): number {
    const sum = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  }

  // The first words still show the seed.
  for (let round = 0; round < 16; round++) next();
  return Object.freeze<SeededRandom>({
    next,
    chance: (probability) => next() < probability,
    between: (low, high) => low + (high - low) * next(),
    exponential: (mean) => -mean * Math.log(1 - next()),
    index: (count) => Math.floor(next() * count),
  });
}
