import type { RehearsalReport, ReportSeries } from "../report.ts";
import { acrossTo, drawAxes, fixed, frame, upTo } from "./axis.ts";
import { clockTime, whole } from "./words.ts";

/** Colour and dash of a line: colour never speaks alone. */
export type Tone = "first" | "second" | "third";

/** One line of a chart. */
export interface ChartLine {
  readonly name: string;
  readonly tone: Tone;
  readonly step: number;
  readonly values: readonly number[];
  readonly filled?: boolean;
}

/** Lines over the time of the rehearsal. */
export function drawLines(lines: readonly ChartLine[]): string {
  const seconds = Math.max(1, ...lines.map(({ step, values }) => step * values.length));
  const across = acrossTo(seconds, "time");
  const up = upTo(Math.max(1, ...lines.flatMap(({ values }) => values)));
  const floor = up.at(0);
  const paths = lines.map(({ tone, step, values, filled = false }) => {
    const points = values.map((value, index) => `${fixed(across.at(step * (index + 0.5)))} ${fixed(up.at(value))}`).join("L");
    const area = `<path class="area ${tone}" d="M${fixed(across.at(step / 2))} ${floor}L${points}L${fixed(across.at(step * (values.length - 0.5)))} ${floor}Z"/>`;
    return `${filled ? area : ""}<path class="line ${tone}" d="M${points}"/>`;
  });
  return svg(`${drawAxes(across, up, { x: clockTime, y: compact })}${paths.join("")}`);
}

/** Each minute's admissions as a bar, beside the rate as a line. */
export function drawMinutes({ minutes, limits }: Pick<RehearsalReport, "minutes" | "limits">): string {
  const across = acrossTo(Math.max(1, minutes.length));
  const up = upTo(Math.max(1, limits.admitRate, ...minutes.map(({ admitted }) => admitted)));
  const width = Math.max(0.8, (across.at(1) - across.at(0)) * 0.8);
  const bars = minutes.map(({ minute, admitted, judged, exact }) =>
    bar(across.at(minute + 0.1), up.at(admitted), width, up.at(0), judged && !exact ? "third" : judged ? "first" : "pale"),
  );
  const rate = fixed(up.at(limits.admitRate));
  const line = `<line class="line second" x1="${frame.left}" x2="${frame.width - frame.right}" y1="${rate}" y2="${rate}"/>`;
  return svg(`${drawAxes({ ...across, ticks: across.ticks.filter(Number.isInteger) }, up, { x: String, y: compact })}${bars.join("")}${line}`);
}

/** How many waited how long. */
export function drawWaits({ histogram }: RehearsalReport["waits"]): string {
  const across = acrossTo(histogram.at(-1)?.upTo ?? 1, "time");
  const up = upTo(Math.max(1, ...histogram.map(({ count }) => count)));
  const first = histogram[0]?.upTo ?? 1;
  const bars = histogram.map(({ upTo, count }) =>
    bar(across.at(upTo - first) + 1, up.at(count), Math.max(1, across.at(first) - across.at(0) - 2), up.at(0), "first"),
  );
  return svg(`${drawAxes(across, up, { x: clockTime, y: compact })}${bars.join("")}`);
}

/** Ranges that were told, over the waits that followed. A range that crosses the diagonal was right. */
export function drawEstimates({ sample }: RehearsalReport["estimates"]): string {
  const most = Math.max(1, ...sample.map(({ waited }) => waited));
  const across = acrossTo(most, "time");
  const up = upTo(Math.max(most, ...sample.map(({ high }) => Math.min(high, most * 1.6))));
  const ranges = sample.map(({ waited, low, high }) => {
    const right = waited >= low - 1 && waited <= high + 1;
    const x = fixed(across.at(waited));
    return `<line class="range ${right ? "first" : "third"}" x1="${x}" x2="${x}" y1="${fixed(up.at(low))}" y2="${fixed(up.at(high))}"/>`;
  });
  const diagonal = `<line class="line second" x1="${fixed(across.at(0))}" y1="${fixed(up.at(0))}" x2="${fixed(across.at(most))}" y2="${fixed(up.at(most))}"/>`;
  return svg(`${drawAxes(across, up, { x: clockTime, y: clockTime })}${ranges.join("")}${diagonal}`);
}

/** How long answers took: from the median to the 99th percentile, on a logarithmic scale. */
export function drawLatency(latency: RehearsalReport["latency"]): string {
  const rowHeight = 26;
  const height = frame.top + latency.length * rowHeight + frame.bottom;
  const decades = [1, 10, 100, 1_000, 10_000];
  const left = 150;
  const at = (value: number): number =>
    left + (Math.log10(Math.max(0.3, Math.min(value, 10_000)) / 0.3) / Math.log10(10_000 / 0.3)) * (frame.width - frame.right - left);
  const rules = decades.map(
    (each) =>
      `<line class="rule" x1="${fixed(at(each))}" x2="${fixed(at(each))}" y1="${frame.top}" y2="${height - frame.bottom}"/><text x="${fixed(at(each))}" y="${height - frame.bottom + 20}" text-anchor="${each === 10_000 ? "end" : "middle"}">${each >= 1_000 ? `${each / 1_000} s` : `${each} ms`}</text>`,
  );
  const rows = latency.map(({ route, p50, p90, p99 }, index) => {
    const y = frame.top + (index + 0.5) * rowHeight;
    return `<text x="${left - 10}" y="${fixed(y + 4)}" text-anchor="end">${route}</text><line class="range first" x1="${fixed(at(p50))}" x2="${fixed(at(p99))}" y1="${fixed(y)}" y2="${fixed(y)}"/><circle class="dot first" cx="${fixed(at(p50))}" cy="${fixed(y)}" r="5"/><circle class="dot second" cx="${fixed(at(p90))}" cy="${fixed(y)}" r="3.5"/><rect class="dot third" x="${fixed(at(p99) - 3.5)}" y="${fixed(y - 3.5)}" width="7" height="7"/>`;
  });
  return svg(`${rules.join("")}${rows.join("")}`, height);
}

/** Lines of a chart from the report's series. */
export function linesOf(
  series: readonly ReportSeries[],
  wanted: readonly { readonly name: ReportSeries["name"]; readonly label: string; readonly tone: Tone; readonly filled?: boolean }[],
): readonly ChartLine[] {
  return wanted.flatMap(({ name, label, tone, filled = false }) => {
    const found = series.find((each) => each.name === name);
    if (found === undefined) return [];
    const values = found.kind === "count" ? found.values.map((value) => value / found.step) : found.values;
    return [{ name: label, tone, step: found.step, values, filled }];
  });
}

/** The same, each value with all before it. */
export function sumsOf(...from: Parameters<typeof linesOf>): readonly ChartLine[] {
  return linesOf(...from).map((line) => {
    let sum = 0;
    return { ...line, values: line.values.map((value) => (sum += value * line.step)) };
  });
}

function bar(x: number, top: number, width: number, floor: number, tone: Tone | "pale"): string {
  return `<rect class="bar ${tone}" x="${fixed(x)}" y="${fixed(top)}" width="${fixed(width)}" height="${fixed(Math.max(0, floor - top))}"/>`;
}

// What it shows stands in the caption and in the table below; a list of shapes read aloud would say nothing.
function svg(inside: string, height: number = frame.height): string {
  return `<svg viewBox="0 0 ${frame.width} ${height}" aria-hidden="true">${inside}</svg>`;
}

function compact(value: number): string {
  if (value >= 1_000_000) return `${value / 1_000_000} M`;
  return value >= 10_000 ? `${value / 1_000} k` : Number.isInteger(value) ? whole(value) : String(Math.round(value * 100) / 100);
}
