/** Where a chart draws, in units of its viewBox. */
export const frame = Object.freeze({ width: 640, height: 280, left: 58, right: 14, top: 14, bottom: 34 });

/** A scale from values to positions. */
export interface Scale {
  readonly max: number;
  readonly ticks: readonly number[];
  at(value: number): number;
}

/** Round numbers that reach the largest value; about five of them. */
export function ticksTo(max: number, base: "ten" | "time" = "ten"): readonly number[] {
  const rough = Math.max(max, 1e-9) / 5;
  const steps = base === "time" ? timeSteps(rough) : tenSteps(rough);
  const step = steps.find((each) => each >= rough) ?? rough;
  const count = Math.max(1, Math.ceil(max / step - 1e-9));
  return Array.from({ length: count + 1 }, (_, index) => index * step);
}

function tenSteps(rough: number): readonly number[] {
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 2.5, 5, 10].map((each) => each * power);
}

function timeSteps(rough: number): readonly number[] {
  return rough > 3_600 ? [7_200, 14_400, 28_800, 86_400] : [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600];
}

/** From left to right, ending at the last value itself. */
export function acrossTo(max: number, base: "ten" | "time" = "ten"): Scale {
  const end = Math.max(max, 1e-9);
  const span = frame.width - frame.left - frame.right;
  return { max: end, ticks: ticksTo(end, base).filter((tick) => tick <= end * 1.001), at: (value) => frame.left + (Math.min(value, end) / end) * span };
}

/** From bottom to top, ending at a round number. */
export function upTo(max: number): Scale {
  const ticks = ticksTo(max);
  const end = ticks.at(-1) ?? 1;
  const span = frame.height - frame.top - frame.bottom;
  return { max: end, ticks, at: (value) => frame.height - frame.bottom - (Math.min(value, end) / end) * span };
}

/** The two axes with their numbers, lightly. */
export function drawAxes(across: Scale, up: Scale, label: { readonly x: (value: number) => string; readonly y: (value: number) => string }): string {
  const rows = up.ticks.map(
    (tick) =>
      `<line class="rule" x1="${frame.left}" x2="${frame.width - frame.right}" y1="${fixed(up.at(tick))}" y2="${fixed(up.at(tick))}"/><text x="${frame.left - 8}" y="${fixed(up.at(tick) + 4)}" text-anchor="end">${label.y(tick)}</text>`,
  );
  const columns = across.ticks.map(
    (tick) => `<text x="${fixed(across.at(tick))}" y="${frame.height - frame.bottom + 20}" text-anchor="middle">${label.x(tick)}</text>`,
  );
  return [...rows, ...columns].join("");
}

/** A coordinate with one decimal: enough for the eye, and half the bytes. */
export function fixed(value: number): string {
  return String(Math.round(value * 10) / 10);
}
