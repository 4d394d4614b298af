/** How far the event loop is behind: a node that cannot run its own timers cannot even refuse in time. */
export interface LoopLag {
  /** Whether it has been behind for so long that nobody else should be let in. */
  isOverwhelmed(): boolean;
  /** Tells that the timer ran; called every `lagPeriodMs`. */
  tick(): void;
}

/** How often `tick` is due. */
export const lagPeriodMs = 100;

const behindMs = 1_000;
const caughtUpMs = 200;
// A collection of garbage or a page of statistics is one late tick; a node that drowns has nothing but late ones.
const inARow = 2;

/** Watches the loop. `now` in milliseconds, monotonic. `onChange` is told when the loop falls behind, and when it has caught up. */
export function createLoopLag(now: () => number, onChange: (overwhelmed: boolean) => void): LoopLag {
  let last = now();
  let late = 0;
  let overwhelmed = false;
  return Object.freeze<LoopLag>({
    isOverwhelmed: () => overwhelmed,
    tick() {
      const at = now();
      const lag = at - last - lagPeriodMs;
      last = at;
      late = lag >= behindMs ? late + 1 : 0;
      const next = overwhelmed ? lag > caughtUpMs : late >= inARow;
      if (next === overwhelmed) return;
      overwhelmed = next;
      onChange(next);
    },
  });
}
