import type { RehearsalReport } from "../report.ts";
import type { Verdict } from "../verdicts.ts";
import { drawEstimates, drawLatency, drawLines, drawMinutes, drawWaits, linesOf, sumsOf } from "./charts.ts";
import type { Tone } from "./charts.ts";
import { describeScenario } from "./scenario-words.ts";
import { style } from "./style.ts";
import { figure, seriesTable, table } from "./figure.ts";
import { clockTime, duration, escaped, millis, percent, whole } from "./words.ts";

/** The report as one page that needs nothing else: no script, no font, no network. */
export function writePage(report: RehearsalReport): string {
  const title = escaped(report.title);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title><style>${style}</style></head>
<body><main>
<header><h1>${title}</h1><p>${escaped(headline(report))}</p><p class="quiet">${escaped(provenance(report))}</p>${keyFacts(report)}</header>
<section aria-labelledby="promises"><h2 id="promises">What was promised</h2>${verdictList(report.verdicts)}</section>
<section aria-labelledby="course"><h2 id="course">How it went</h2><div class="charts">${charts(report).join("\n")}</div></section>
${problems(report)}
<section aria-labelledby="script"><h2 id="script">What was rehearsed</h2><div class="plain">${describeScenario(report)}</div></section>
<footer>Fanfare rehearsal, seed ${report.scenario.seed}. ${escaped(report.machine)}. Made ${escaped(report.madeAt)}.</footer>
</main></body></html>
`;
}

function headline({ verdicts, endedBy, totals }: RehearsalReport): string {
  const broken = verdicts.filter(({ verdict }) => verdict === "broken").length;
  const seen = verdicts.filter(({ verdict }) => verdict !== "not seen").length;
  const kept = broken === 0 ? `All ${seen} promises that could be checked were kept.` : `${broken} of ${seen} promises that could be checked were broken.`;
  const cut =
    endedBy === "finished" ? "" : ` ${endedBy === "stopped" ? "It was stopped" : "Its time was over"} while ${whole(totals.open)} were still on their way.`;
  return `${kept}${cut}`;
}

function provenance({ kind, target, seconds, playedInSeconds, simulation }: RehearsalReport): string {
  if (kind === "live") return `${duration(seconds)} against ${target ?? "a service"}.`;
  const nodes = simulation === null || simulation.nodes === 1 ? "one node" : `${simulation.nodes} nodes`;
  const faults = simulation === null || simulation.faults === 0 ? "without faults" : `with ${whole(simulation.faults)} faults`;
  return `Simulated: ${duration(seconds)} on ${nodes}, ${faults}, played in ${duration(playedInSeconds)}.`;
}

function keyFacts({ totals, waits, estimates, latency, kind }: RehearsalReport): string {
  const { p50, p99 } = waits.figures;
  const slowest = latency.toSorted((one, other) => other.p99 - one.p99)[0];
  const facts: (readonly [string, string, string])[] = [
    ["Arrived", whole(totals.arrived), `${whole(totals.joined)} joined the line`],
    ["Let in", whole(totals.admitted), `${whole(totals.completed)} bought`],
    ["Half waited less than", p50 === null ? "–" : duration(p50), p99 === null ? "nobody was let in" : `99 of 100 less than ${duration(p99)}`],
    ["Estimates off by", percent(estimates.medianError), `in the median; ${percent(estimates.covered)} of ranges were right`],
    kind === "live"
      ? ["Slowest p99", slowest === undefined ? "–" : millis(slowest.p99), slowest === undefined ? "no answers" : slowest.route]
      : ["Questions asked", whole(totals.requests), totals.joined === 0 ? "" : `${(totals.requests / totals.joined).toFixed(1)} a shopper`],
    ["Refused or failed", whole(totals.refusals), `of ${whole(totals.requests)} requests`],
  ];
  return `<dl class="facts">${facts.map(([name, value, note]) => `<div><dt>${name}</dt><dd>${value}<small>${note}</small></dd></div>`).join("")}</dl>`;
}

function verdictList(verdicts: readonly Verdict[]): string {
  const says = { held: "Kept", broken: "Broken", "not seen": "Not seen" };
  const items = verdicts.map(
    ({ id, promise, verdict, fact }) =>
      `<li class="${verdict === "not seen" ? "unseen" : verdict}"><span class="says">${says[verdict]}</span><span class="promise">${escaped(promise)}</span><span class="id">${escaped(id)}</span><span class="fact">${escaped(fact)}</span></li>`,
  );
  return `<ul class="verdicts">${items.join("")}</ul>`;
}

function charts(report: RehearsalReport): readonly string[] {
  const { series, minutes, waits, estimates, latency, limits } = report;
  const flow = [
    { name: "arrived", label: "arrived", tone: "second" },
    { name: "admitted", label: "let in", tone: "first" },
    { name: "left", label: "gave up", tone: "third" },
  ] as const;
  const requests = [
    { name: "requests", label: "to the service", tone: "first" },
    { name: "looks", label: "to a cache in front", tone: "second" },
    { name: "refusals", label: "refused or failed", tone: "third" },
  ] as const;
  const one = (name: "waiting" | "inside", label: string): readonly { name: typeof name; label: string; tone: Tone; filled: boolean }[] => [
    { name, label, tone: "first", filled: true },
  ];
  const rateWords = `The dashed line is the rate: ${whole(limits.admitRate)} a minute. Pale minutes are not judged: the line, the shop or the launch had a gap in them.`;
  const made = [
    figure("Coming and going", "People so far. What lies between those who came and those who went is the line.", drawLines(sumsOf(series, flow)), {
      legend: flow,
      table: seriesTable(series, flow),
    }),
    figure("The line", "People waiting.", drawLines(linesOf(series, one("waiting", "waiting"))), { table: seriesTable(series, one("waiting", "waiting")) }),
    figure("In the shop", "Live grants.", drawLines(linesOf(series, one("inside", "in the shop"))), {
      table: seriesTable(series, one("inside", "in the shop")),
    }),
    figure("Let in, by the minute", rateWords, drawMinutes(report), {
      table: table(
        ["Minute", "Let in", "Judged"],
        minutes.map(({ minute, admitted, judged, exact }) => [String(minute), whole(admitted), judged ? (exact ? "exact" : "off") : "–"]),
      ),
    }),
    figure("How long people waited", "Of those who were let in.", drawWaits(waits), {
      table: table(
        ["Up to", "People"],
        waits.histogram.map(({ upTo, count }) => [clockTime(upTo), whole(count)]),
      ),
    }),
    figure(
      "What people were told",
      "Each stroke is a range that somebody was told, over the wait that followed. It should cross the dashed line.",
      drawEstimates(estimates),
      {
        table: table(
          ["Waited", "Told at least", "Told at most"],
          estimates.sample.slice(0, 60).map(({ waited, low, high }) => [clockTime(waited), clockTime(low), clockTime(high)]),
        ),
      },
    ),
    figure("Questions", "Requests a second.", drawLines(linesOf(series, requests)), { legend: requests, table: seriesTable(series, requests) }),
  ];
  if (latency.length > 0) {
    made.push(
      figure("How long answers took", "As the shopper saw it: median (round), 90th percentile (small), 99th (square).", drawLatency(latency), {
        table: table(
          ["Call", "Answers", "p50", "p90", "p99", "Longest"],
          latency.map((each) => [each.route, whole(each.count), millis(each.p50), millis(each.p90), millis(each.p99), millis(each.max)]),
        ),
      }),
    );
  }
  return made;
}

function problems({ errors }: RehearsalReport): string {
  if (errors.length === 0) return "";
  const rows = errors.map(({ code, count, example }) => `<tr><td>${escaped(code)}</td><td>${whole(count)}</td><td class="words">${escaped(example)}</td></tr>`);
  return `<section aria-labelledby="problems"><h2 id="problems">Refused or failed</h2><div class="scroll"><table><thead><tr><th scope="col">Code</th><th scope="col">How often</th><th scope="col" style="text-align:left">For example</th></tr></thead><tbody>${rows.join("")}</tbody></table></div></section>`;
}
