import type { ReportSeries } from "../report.ts";
import type { Tone } from "./charts.ts";
import { clockTime, escaped, whole } from "./words.ts";

/** A chart with its words: a heading, what it shows, what the lines are, and the numbers for whoever cannot or will not read curves. */
export function figure(
  title: string,
  shows: string,
  drawing: string,
  extra: { readonly legend?: readonly { readonly label: string; readonly tone: Tone }[]; readonly table: string },
): string {
  const legend = extra.legend
    ?.map(({ label, tone }) => `<li><svg viewBox="0 0 26 10" aria-hidden="true"><path class="line ${tone}" d="M0 5H26"/></svg>${escaped(label)}</li>`)
    .join("");
  return `<figure><figcaption><h3>${escaped(title)}</h3><p class="quiet">${escaped(shows)}</p></figcaption>${drawing}${legend === undefined ? "" : `<ul class="legend">${legend}</ul>`}<details><summary>${escaped(title)}: the numbers</summary><div class="scroll" tabindex="0" role="region" aria-label="${escaped(title)}, table">${extra.table}</div></details></figure>`;
}

/** A table with a heading to each column. */
export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = columns.map((column) => `<th scope="col">${escaped(column)}</th>`).join("");
  const body = rows.map((row) => `<tr>${row.map((cell) => `<td>${escaped(cell)}</td>`).join("")}</tr>`).join("");
  return `<table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`;
}

const rowsShown = 60;

/** The numbers behind lines over time, at most sixty rows of them. */
export function seriesTable(series: readonly ReportSeries[], wanted: readonly { readonly name: ReportSeries["name"]; readonly label: string }[]): string {
  const found = wanted.flatMap(({ name, label }) => series.filter((each) => each.name === name).map((each) => ({ label, ...each })));
  const [first] = found;
  if (first === undefined) return "";
  const stride = Math.max(1, Math.ceil(first.values.length / rowsShown));
  const rows = first.values.flatMap((_, index) => {
    if (index % stride !== 0) return [];
    const cells = found.map(({ values, kind }) => {
      const part = values.slice(index, index + stride);
      return whole(kind === "count" ? part.reduce((sum, each) => sum + each, 0) : (part.at(-1) ?? 0));
    });
    return [[clockTime(index * first.step), ...cells]];
  });
  return table(["From", ...found.map(({ label }) => label)], rows);
}
