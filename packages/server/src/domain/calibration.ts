/** How estimates turned out, as what they were off by: in spreads, on a logarithmic scale. */
export interface Calibration {
  /** Remembers an estimate for a ticket, to be compared with what comes. Seconds; `spread` is relative. */
  probe(at: number, ticket: number, expectedSeconds: number, spread: number): void;
  /** The line has let in everybody up to `front` who was there. */
  reached(at: number, front: number): void;
  /** Between which spreads nine of ten turns came, by what was seen lately and is overdue now. */
  bounds(now: number): { readonly low: number; readonly high: number };
}

interface Probe {
  readonly at: number;
  readonly ticket: number;
  readonly expectedSeconds: number;
  readonly spread: number;
}

const mostWaiting = 256;
const mostSeen = 200;
// The turns of a normal distribution, so that the first surprises widen the range and do not make it.
const believed: readonly number[] = [-1.9, -1.65, -1.4, -1.1, -0.8, -0.5, -0.25, 0, 0, 0.25, 0.5, 0.8, 1.1, 1.4, 1.65, 1.9];
const narrowest = 1.2;
const widest = 6;

/** Makes an empty memory. Instants in milliseconds. */
export function createCalibration(): Calibration {
  let waiting: Probe[] = [];
  const seen: number[] = [];
  let known: { readonly at: number; readonly low: number; readonly high: number } | null = null;

  const off = (probe: Probe, at: number): number => {
    // Within two seconds nobody is early or late.
    const actual = Math.max(0.5, (at - probe.at) / 1000);
    const error = Math.max(0, Math.abs(actual - probe.expectedSeconds) - 2) * Math.sign(actual - probe.expectedSeconds);
    return Math.log((probe.expectedSeconds + error) / probe.expectedSeconds) / probe.spread;
  };

  return Object.freeze<Calibration>({
    probe(at, ticket, expectedSeconds, spread) {
      if (expectedSeconds <= 0) return;
      waiting.push({ at, ticket, expectedSeconds, spread });
      if (waiting.length > mostWaiting) waiting = waiting.filter((_, index) => index % 2 === 1);
    },
    reached(at, front) {
      if (!waiting.some((probe) => probe.ticket <= front)) return;
      for (const probe of waiting) if (probe.ticket <= front) seen.push(off(probe, at));
      waiting = waiting.filter((probe) => probe.ticket > front);
      if (seen.length > mostSeen) seen.splice(0, seen.length - mostSeen);
    },
    bounds(now) {
      if (known !== null && now - known.at < 1_000 && now >= known.at) return known;
      const overdue = waiting.filter((probe) => now - probe.at > probe.expectedSeconds * 1000).map((probe) => off(probe, now));
      const sorted = [...believed, ...seen, ...overdue].toSorted((a, b) => a - b);
      const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
      known = { at: now, low: clamp(-at(0.04), narrowest, widest) * -1, high: clamp(at(0.96), narrowest, widest) };
      return known;
    },
  });
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
