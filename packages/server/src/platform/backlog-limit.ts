/** One batch, as far as its pace goes. Milliseconds. */
export interface BatchPace {
  readonly size: number;
  /** From the statement's start to its commit. */
  readonly tookMs: number;
  /** How long the item that was submitted first had waited in all when it was committed. */
  readonly oldestMs: number;
  /** What was left waiting behind it. */
  readonly waiting: number;
}

/** How much work may be under way at once, so that what is accepted is answered in good time whatever the database's pace. */
export interface BacklogLimit {
  /** Items that may wait or run now. */
  current(): number;
  /** Learns from a batch. */
  note(pace: BatchPace): void;
}

/** The most that an accepted write should wait: less than a third of what is promised, because the node that answers it is busy too. */
export const waitTargetMs = 300;
const fewest = 128;
const most = 20_000;
const untried = 512;

/**
 * Makes the limit. Work under way divided by the database's pace is the wait of the last one (Little's law), so the limit is the pace
 * times the target. Only a slow batch lowers it, because a quick one says nothing about how slow the database can get; and a small quick
 * one raises it only where nothing waits behind, because the large one that comes next may be slow. A batch raises it twofold at most, so
 * that one lucky batch promises little; what a stall took is back within a few, without a restart.
 */
export function createBacklogLimit(): BacklogLimit {
  let limit = untried;
  return Object.freeze<BacklogLimit>({
    current: () => limit,
    note({ size, tookMs, oldestMs, waiting }) {
      const fits = Math.min(most, Math.floor((size / Math.max(1, tookMs)) * waitTargetMs));
      if (oldestMs > waitTargetMs / 2) limit = Math.max(fewest, fits);
      else if (size >= fewest) limit = Math.max(limit, Math.min(fits, limit * 2));
      else if (waiting === 0) limit = Math.max(limit, Math.min(untried, limit * 2));
    },
  });
}
