/** What really goes through a line, in consumers per minute, measured only while people wait: an idle shop says nothing about its pace. */
export interface Pace {
  /** Notes an admission of `count`, after which `waiting` people still waited. Instants in milliseconds. */
  note(at: number, count: number, waiting: number): void;
  /** Null while fewer than three busy intervals were seen. */
  perMinute(now: number): number | null;
}

const remembered = 32;

/** Makes an empty measure. */
export function createPace(): Pace {
  const busy: { readonly milliseconds: number; readonly count: number }[] = [];
  let last: { readonly at: number; readonly waiting: number } | null = null;
  return Object.freeze({
    note(at: number, count: number, waiting: number): void {
      if (last !== null && last.waiting > 0 && at >= last.at) {
        busy.push({ milliseconds: at - last.at, count });
        if (busy.length > remembered) busy.shift();
      }
      last = { at, waiting };
    },
    perMinute(now: number): number | null {
      if (busy.length < 3 || last === null) return null;
      // The interval that is still open counts, so that a line that has stopped does not go on promising its old pace.
      let milliseconds = last.waiting > 0 ? Math.max(0, now - last.at) : 0;
      let count = 0;
      for (const interval of busy) {
        milliseconds += interval.milliseconds;
        count += interval.count;
      }
      return milliseconds <= 0 ? null : (count * 60_000) / milliseconds;
    },
  });
}
