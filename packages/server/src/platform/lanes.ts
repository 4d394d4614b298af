/** Lets so much work run at once, and the rest in the order in which it came. */
export interface Lanes {
  /** Runs it when a lane is free. */
  run<Result>(work: () => Promise<Result>): Promise<Result>;
}

/** Makes `count` lanes: work that hangs takes one of them and leaves the others to everybody else. */
export function createLanes(count: number): Lanes {
  const waiting: (() => void)[] = [];
  let free = count;

  return Object.freeze<Lanes>({
    async run(work) {
      if (free > 0) free--;
      // Whoever ends hands the lane over, so that nobody who comes in between takes it.
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        if (next === undefined) free++;
        else next();
      }
    },
  });
}
