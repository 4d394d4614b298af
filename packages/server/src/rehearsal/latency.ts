import { quantiles } from "./quantiles.ts";

/** How long answers of one kind took, in milliseconds. */
export interface RouteFigures {
  readonly route: string;
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** Collects the time of every answer. */
export interface Latencies {
  note(route: string, milliseconds: number): void;
  figures(): readonly RouteFigures[];
  /** The 99th percentile of the last few thousand answers, for a live display. */
  recentP99(): number | null;
}

const recent = 2_000;

/** Makes an empty collection: four bytes an answer. */
export function createLatencies(): Latencies {
  const kept = new Map<string, { values: Float32Array; count: number }>();
  const last = new Float32Array(recent);
  let total = 0;

  return Object.freeze<Latencies>({
    note(route, milliseconds) {
      let of = kept.get(route);
      if (of === undefined) kept.set(route, (of = { values: new Float32Array(1_024), count: 0 }));
      if (of.count === of.values.length) {
        const longer = new Float32Array(of.count * 2);
        longer.set(of.values);
        of.values = longer;
      }
      of.values[of.count++] = milliseconds;
      last[total++ % recent] = milliseconds;
    },
    figures: () =>
      [...kept].map(([route, { values, count }]) => {
        const { p50, p90, p99, max } = quantiles(values.slice(0, count).sort());
        return { route, count, p50: p50 ?? 0, p90: p90 ?? 0, p99: p99 ?? 0, max: max ?? 0 };
      }),
    recentP99: () => (total === 0 ? null : quantiles(last.slice(0, Math.min(total, recent)).sort()).p99),
  });
}
