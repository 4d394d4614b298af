import { createBacklogLimit } from "./backlog-limit.ts";

/** Work that is done in batches: what arrives while a batch is running goes into the next one. */
export interface GroupCommit<Item, Result> {
  /** Resolves when the batch that took the item is durable. Rejects with `GroupCommitFull` where there is no room. */
  submit(item: Item): Promise<Result>;
  /** Whether what is submitted now would be done in good time: asked before a request costs anything else. */
  hasRoom(): boolean;
  /** Resolves when nothing is waiting or running. */
  idle(): Promise<void>;
  /** Items that wait for their batch. */
  waiting(): number;
}

/** Raised when the work under way has reached its bound; the caller answers 503 and says when to come back. */
export class GroupCommitFull extends Error {
  override readonly name = "GroupCommitFull";
}

export interface GroupCommitOptions<Item, Result> {
  readonly maxBatch: number;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** Commits a batch and answers in its order. Must be safe to repeat with the same items. */
  readonly flush: (items: readonly Item[]) => Promise<readonly Result[]>;
  /** Whether the outcome is unknown or the conflict passing, so that the same batch may be tried again as it is. */
  readonly mayRepeat: (error: unknown) => boolean;
  /** Runs each attempt at a batch, so that somebody may watch it. */
  readonly around?: <Done>(size: number, attempt: () => Promise<Done>) => Promise<Done>;
  /** Told of each batch that was committed. */
  readonly onCommitted?: (size: number) => void;
  /** Waits between repeats. */
  readonly pause: (milliseconds: number) => Promise<void>;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly since: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

const maxRepeats = 5;
// A database that has not finished anything for this long has stopped for now: what comes would wait behind it, however little waits.
const stalledMs = 800;

/** Makes a group commit with one batch in flight: more connections only raise the slowest answers (2 to 46 ms from one to eight). */
export function createGroupCommit<Item, Result>(options: GroupCommitOptions<Item, Result>): GroupCommit<Item, Result> {
  let queue: Waiting<Item, Result>[] = [];
  let running: Promise<void> | null = null;
  let committing: readonly Waiting<Item, Result>[] = [];
  const limit = createBacklogLimit();

  const hasRoom = (): boolean => {
    const oldest = committing[0] ?? queue[0];
    return queue.length + committing.length < limit.current() && (oldest === undefined || options.now() - oldest.since < stalledMs);
  };

  async function run(): Promise<void> {
    // Everything that this turn of the event loop brought goes into the first batch.
    await Promise.resolve();
    while (queue.length > 0) {
      const batch = queue.slice(0, options.maxBatch);
      queue = queue.slice(batch.length);
      committing = batch;
      const began = options.now();
      await commit(batch);
      const now = options.now();
      committing = [];
      limit.note({ size: batch.length, tookMs: now - began, oldestMs: now - (batch[0]?.since ?? now), waiting: queue.length });
    }
    running = null;
  }

  async function commit(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await flushRepeating(batch.map((waiting) => waiting.item));
      options.onCommitted?.(batch.length);
      batch.forEach((waiting, index) => waiting.resolve(results[index] as Result));
    } catch (error) {
      if (batch.length === 1 || options.mayRepeat(error)) {
        for (const waiting of batch) waiting.reject(error);
        return;
      }
      // One bad row must fail alone: halves are tried until it stands by itself.
      const middle = batch.length >> 1;
      await commit(batch.slice(0, middle));
      await commit(batch.slice(middle));
    }
  }

  async function flushRepeating(items: readonly Item[]): Promise<readonly Result[]> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await (options.around === undefined ? options.flush(items) : options.around(items.length, () => options.flush(items)));
      } catch (error) {
        if (attempt > maxRepeats || !options.mayRepeat(error)) throw error;
        await options.pause(20 * 2 ** attempt);
      }
    }
  }

  return Object.freeze({
    submit(item: Item): Promise<Result> {
      if (!hasRoom()) return Promise.reject(new GroupCommitFull("Too many writes are waiting."));
      return new Promise<Result>((resolve, reject) => {
        queue.push({ item, since: options.now(), resolve, reject });
        running ??= run();
      });
    },
    async idle(): Promise<void> {
      while (running !== null) await running;
    },
    hasRoom,
    waiting: () => queue.length,
  });
}
