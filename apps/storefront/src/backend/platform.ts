import { randomBytes } from "node:crypto";

/** The outside world that the shop's backend touches besides its disk and the line. */
export interface ShopPlatform {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly randomBytes: (length: number) => Uint8Array;
  /** Repeats a task; returns the way to stop. Does not keep the process alive. */
  readonly every: (milliseconds: number, task: () => void) => () => void;
}

/** The real world. */
export const nodePlatform: ShopPlatform = {
  now: Date.now,
  randomBytes: (length) => randomBytes(length),
  every: (milliseconds, task) => {
    const timer = setInterval(task, milliseconds).unref();
    return () => clearInterval(timer);
  },
};
