/** How far a rehearsal has come, as it is shown while it runs. */
export interface Progress {
  /** Of 1. */
  readonly share: number;
  readonly facts: string;
}

/** Shows progress: a bar that stays in its place on a terminal, else a plain line now and then. */
export interface ProgressDisplay {
  show(progress: Progress): void;
  /** Leaves the terminal as it was. */
  clear(): void;
}

/** Where progress is written. */
export interface ProgressTarget {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const plainEveryMs = 10_000;
const barCells = 28;

/** Makes the display for a stream; `now` in milliseconds. */
export function createProgressDisplay(target: ProgressTarget, now: () => number): ProgressDisplay {
  let shownAt = -Infinity;
  const onTerminal = target.isTTY === true;
  return Object.freeze<ProgressDisplay>({
    show({ share, facts }) {
      if (!onTerminal && now() - shownAt < plainEveryMs) return;
      shownAt = now();
      const text = `${String(Math.floor(share * 100)).padStart(3)} %  ${facts}`;
      target.write(onTerminal ? `\r\u001b[2K${cut(`${bar(share)} ${text}`, target.columns ?? 80)}` : `${text}\n`);
    },
    clear() {
      if (onTerminal) target.write("\r\u001b[2K");
    },
  });
}

function bar(share: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * barCells);
  return `${"█".repeat(full)}${"░".repeat(barCells - full)}`;
}

// A line that wraps could not be written over.
function cut(text: string, columns: number): string {
  return text.length < columns ? text : `${text.slice(0, Math.max(1, columns - 2))}…`;
}
