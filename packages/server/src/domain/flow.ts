/** What bounds a line between two things that happen to it. */
export interface FlowState {
  /** Whether people are let in. */
  readonly moving: boolean;
  readonly waiting: number;
  /** Checkout slots in use. */
  readonly active: number;
  readonly capacity: number | null;
  /** Consumers per minute. */
  readonly admitRate: number;
}

/** What a line has shown of itself, recent things counting more. */
export interface FlowReading {
  /** The share of the set rate that really went through while slots were free. */
  readonly efficiency: number;
  /** The share of those who wait who leave within a minute, as a rate. */
  readonly leavePerMinute: number;
  /** The share who fall silent within a minute: they stand in line, and are not there at their turn. */
  readonly silentPerMinute: number;
  /** How many turns `silentPerMinute` rests on. */
  readonly turnsSeen: number;
  /** The highest ticket let in so far: whoever stands before it was passed over. */
  readonly front: number;
}

/** Learns how a line flows from what happens to it. Instants in milliseconds; pure memory, no clock. */
export interface Flow {
  /** The line is like this from `at` on. */
  note(at: number, state: FlowState): void;
  /** Tickets up to `tail` were handed out by `at`. */
  joined(at: number, tail: number): void;
  /** These tickets were let in at `at`; `passed` of those in line stood between the front before and the highest of them, themselves included. */
  admitted(at: number, tickets: readonly number[], passed: number): void;
  /** So many gave up their place, or lost it. */
  left(at: number, count: number): void;
  /** The highest ticket let in so far. */
  front(): number;
  /** Checkout slots in use, as of the last note. */
  active(): number;
  /** How long the holder of a ticket has waited, in milliseconds. */
  waitedMs(ticket: number, now: number): number;
  read(now: number): FlowReading;
}

/** What happened this long ago counts a third of what happens now: shops change their pace over minutes, not seconds. */
const memoryMs = 300_000;
// One unhurried minute at the set rate is believed before anything was seen.
const believedMs = 60_000;
const believedTurns = 50;
const shortestWaitMs = 30_000;

/** Makes an empty memory. */
export function createFlow(): Flow {
  const arrivals = createArrivals();
  let last: { readonly at: number; readonly state: FlowState } | null = null;
  // Decaying sums.
  let [asked, through] = [0, 0];
  let [passed, turns, waitedMs] = [0, 0, 0];
  let [left, waitingMs] = [0, 0];
  let front = 0;

  /** What the interval since the last note adds to the sums of what could have gone through, and of waiting. */
  function since(at: number): { readonly fade: number; readonly asked: number; readonly waitingMs: number } {
    if (last === null || at <= last.at) return { fade: 1, asked: 0, waitingMs: 0 };
    const { moving, waiting, active, capacity, admitRate } = last.state;
    const elapsed = at - last.at;
    const couldGo = moving && waiting > 0 && (capacity === null || active < capacity);
    return {
      fade: Math.exp(-elapsed / memoryMs),
      asked: couldGo ? (admitRate * elapsed) / 60_000 : 0,
      waitingMs: waiting * elapsed,
    };
  }

  function pass(at: number): void {
    const more = since(at);
    asked = asked * more.fade + more.asked;
    through *= more.fade;
    passed *= more.fade;
    turns *= more.fade;
    waitedMs *= more.fade;
    left *= more.fade;
    waitingMs = waitingMs * more.fade + more.waitingMs;
    if (last !== null && at > last.at) last = { at, state: last.state };
  }

  return Object.freeze<Flow>({
    note(at, state) {
      pass(at);
      last = { at: Math.max(at, last?.at ?? at), state };
    },
    joined: arrivals.note,
    admitted(at, tickets, passedNow) {
      pass(at);
      through += tickets.length;
      passed += passedNow;
      for (const ticket of tickets) {
        // Whoever was passed and came back is counted now: silent they were for a while only.
        turns++;
        waitedMs += Math.max(0, at - arrivals.of(ticket, at));
      }
      front = Math.max(front, ...tickets);
    },
    left(at, count) {
      pass(at);
      left += count;
    },
    front: () => front,
    active: () => last?.state.active ?? 0,
    waitedMs: (ticket, now) => Math.max(0, now - arrivals.of(ticket, now)),
    read(now) {
      const open = since(now);
      const could = asked * open.fade + open.asked;
      const believed = ((last?.state.admitRate ?? 0) * believedMs) / 60_000;
      const meanWaitMs = Math.max(shortestWaitMs, turns > 0 ? waitedMs / turns : 0);
      const kept = (turns + believedTurns) / (passed + believedTurns);
      return {
        efficiency: could + believed <= 0 ? 1 : Math.min(1, (through * open.fade + believed) / (could + believed)),
        leavePerMinute: left <= 0 ? 0 : left / ((waitingMs * open.fade + open.waitingMs) / 60_000 + believedTurns),
        silentPerMinute: -Math.log(Math.min(1, kept)) / (meanWaitMs / 60_000),
        turnsSeen: turns,
        front,
      };
    },
  });
}

interface Arrivals {
  note(at: number, tail: number): void;
  /** When a ticket was handed out, as far as it is remembered; `otherwise` before that. */
  of(ticket: number, otherwise: number): number;
}

const mostSamples = 1_024;
const apartMs = 1_000;

/** Remembers how long the line was when; a thousand moments are enough for a day of joining. */
function createArrivals(): Arrivals {
  let samples: { readonly at: number; readonly tail: number }[] = [];
  return {
    note(at, tail) {
      const latest = samples.at(-1);
      if (latest !== undefined && (tail <= latest.tail || at < latest.at + apartMs)) return;
      samples.push({ at, tail });
      if (samples.length > mostSamples) samples = samples.filter((_, index) => index % 2 === 1);
    },
    of(ticket, otherwise) {
      let [low, high] = [0, samples.length];
      while (low < high) {
        const middle = (low + high) >>> 1;
        if ((samples[middle]?.tail ?? 0) < ticket) low = middle + 1;
        else high = middle;
      }
      return samples[low]?.at ?? otherwise;
    },
  };
}
