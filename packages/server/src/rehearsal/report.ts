import type { Recording } from "./recorder.ts";
import { outcomes } from "./recorder.ts";
import { thinned } from "./series.ts";
import type { QueueLimits, Scenario } from "./scenario.ts";
import type { RouteFigures } from "./latency.ts";
import { judgeEstimates } from "./estimates.ts";
import type { EstimateFigures } from "./estimates.ts";
import { perMinute } from "./minutes.ts";
import type { Minute } from "./minutes.ts";
import { quantiles } from "./quantiles.ts";
import type { Quantiles } from "./quantiles.ts";
import type { Verdict } from "./verdicts.ts";

/** A launch that was played, ready to be read by a person or a program. Durations in seconds. */
export interface RehearsalReport {
  readonly title: string;
  readonly kind: "live" | "simulated";
  /** ISO 8601. */
  readonly madeAt: string;
  /** Why it ended: everybody was through, its time was over, or somebody stopped it. */
  readonly endedBy: "finished" | "time" | "stopped";
  /** How long the launch took, and how long it took to play it. */
  readonly seconds: number;
  readonly playedInSeconds: number;
  /** The service and queue that a live rehearsal ran against. */
  readonly target: string | null;
  readonly machine: string;
  readonly scenario: Scenario;
  readonly limits: QueueLimits;
  /** Nodes and faults of a simulation. */
  readonly simulation: { readonly nodes: number; readonly faults: number; readonly refusedByRow: number; readonly longestGapSeconds: number } | null;
  readonly totals: Totals;
  readonly series: readonly ReportSeries[];
  readonly minutes: readonly Minute[];
  readonly waits: { readonly figures: Quantiles; readonly histogram: readonly { readonly upTo: number; readonly count: number }[] };
  readonly estimates: EstimateFigures;
  readonly latency: readonly RouteFigures[];
  readonly errors: readonly { readonly code: string; readonly count: number; readonly example: string }[];
  readonly verdicts: readonly Verdict[];
}

/** How many, in all. */
export interface Totals {
  readonly arrived: number;
  readonly joined: number;
  readonly admitted: number;
  readonly completed: number;
  readonly expired: number;
  readonly left: number;
  readonly denied: number;
  readonly failed: number;
  /** Neither through nor gone when it ended. */
  readonly open: number;
  readonly requests: number;
  readonly refusals: number;
  /** Looks at the shared body, which a cache answers. */
  readonly looks: number;
}

/** A number over time; `step` seconds each. */
export interface ReportSeries {
  readonly name: "arrived" | "joined" | "admitted" | "completed" | "left" | "requests" | "refusals" | "looks" | "waiting" | "inside";
  readonly kind: "count" | "level";
  readonly step: number;
  readonly values: readonly number[];
}

/** What a report is made from beside the recording. */
export interface ReportFacts extends Omit<RehearsalReport, "totals" | "series" | "minutes" | "waits" | "estimates"> {
  readonly recording: Recording;
  /** Minutes in which the rate can be judged. */
  readonly judged: readonly boolean[];
}

const points = 480;

/** Makes the report of a recording. */
export function makeReport({ recording, judged, ...facts }: ReportFacts): RehearsalReport {
  return {
    ...facts,
    totals: totalsOf(recording),
    series: seriesOf(recording),
    minutes: perMinute(recording.perSecond.admitted.values(), judged, facts.limits.admitRate),
    waits: waitsOf(recording),
    estimates: judgeEstimates(recording),
  };
}

function totalsOf({ seen, perSecond }: Recording): Totals {
  const ended = outcomes.map(() => 0);
  for (const outcome of seen.outcome) ended[outcome] = (ended[outcome] ?? 0) + 1;
  const [open = 0, completed = 0, expired = 0, left = 0, denied = 0, failed = 0] = ended;
  return {
    arrived: perSecond.arrived.total(),
    joined: perSecond.joined.total(),
    admitted: perSecond.admitted.total(),
    ...{ completed, expired, left, denied, failed },
    // Whoever never came is not open.
    open: open - (seen.outcome.length - perSecond.arrived.total()),
    requests: perSecond.requests.total(),
    refusals: perSecond.refusals.total(),
    looks: perSecond.looks.total(),
  };
}

function seriesOf({ perSecond }: Recording): ReportSeries[] {
  const length = Math.max(...Object.values(perSecond).map((series) => series.values().length));
  return (Object.keys(perSecond) as (keyof typeof perSecond)[]).map((name) => {
    const kind = name === "waiting" || name === "inside" ? "level" : "count";
    const written = perSecond[name].values();
    // A level that nobody wrote down stays what it was; a count is zero.
    const rest = kind === "level" ? (written.at(-1) ?? 0) : 0;
    return { name, kind, ...thinned([...written, ...Array.from({ length: length - written.length }, () => rest)], points, kind) };
  });
}

function waitsOf({ seen }: Recording): RehearsalReport["waits"] {
  // NaN, for whoever was not let in, sorts to the end.
  const all = seen.admittedAt.map((at, shopper) => Math.max(0, at - (seen.enteredAt[shopper] as number)) / 1000).sort();
  const waits = all.subarray(0, all.findLastIndex((wait) => !Number.isNaN(wait)) + 1);
  const width = Math.max(1, Math.ceil((waits.at(-1) ?? 0) / 24));
  const histogram = Array.from({ length: Math.max(1, Math.ceil(((waits.at(-1) ?? 0) + 0.001) / width)) }, (_, index) => ({
    upTo: (index + 1) * width,
    count: 0,
  }));
  for (const wait of waits) {
    const bar = histogram[Math.min(histogram.length - 1, Math.floor(wait / width))];
    if (bar !== undefined) bar.count++;
  }
  return { figures: quantiles(waits), histogram };
}
