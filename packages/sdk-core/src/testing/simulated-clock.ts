import type { Clock } from "@fanfare-io/fanfare-contract";

/** A clock that stands still until a test moves it. */
export interface SimulatedClock extends Clock {
  /** Runs every timer that falls due, in order, letting the work they start settle in between. */
  advance(ms: number): Promise<void>;
  /** Lets work that waits for no timer settle. */
  settle(): Promise<void>;
  /** Sets the wall clock forward or back; timers and the monotonic reading do not notice. */
  jumpWall(ms: number): void;
  /** Timers that are still armed. */
  pending(): number;
}

/** @param startAt the wall clock at the beginning, ISO 8601. */
export function createSimulatedClock(startAt = "2026-11-22T10:00:00.000Z"): SimulatedClock {
  const timers = new Set<{ readonly at: number; readonly callback: () => void }>();
  let wall = Date.parse(startAt);
  let mono = 1_000;

  const settle = async (): Promise<void> => {
    // Several turns of the loop: a chain of awaits over scripted answers is longer than one.
    for (let turn = 0; turn < 4; turn++) await new Promise<void>((resolve) => void setImmediate(resolve));
  };
  const moveTo = (at: number): void => {
    wall += Math.max(0, at - mono);
    mono = Math.max(mono, at);
  };
  return {
    now: () => wall,
    monotonic: () => mono,
    setTimeout(callback, delayMs) {
      const timer = { at: mono + Math.max(0, delayMs), callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    async advance(ms) {
      const end = mono + ms;
      await settle();
      for (;;) {
        const due = [...timers].filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
        if (!due) break;
        timers.delete(due);
        moveTo(due.at);
        due.callback();
        await settle();
      }
      moveTo(end);
    },
    settle,
    jumpWall(ms) {
      wall += ms;
    },
    pending: () => timers.size,
  };
}
