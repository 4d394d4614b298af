import { expect, test } from "vitest";
import { rehearseSimulated } from "../rehearse-simulated.ts";
import { ordinaryScenario } from "../scenario.ts";
import type { RehearsalReport } from "../report.ts";
import { summarize } from "../summary.ts";
import { ticksTo } from "./axis.ts";
import { writePage } from "./page.ts";

const limits = { admitRate: 600, capacity: 80, maxAdmissions: null, admissionExpirationSeconds: 60 };
const report = await rehearseSimulated(
  { scenario: { ...ordinaryScenario, shoppers: 300, arrivalSeconds: 20, shoppingSeconds: 10 }, limits, nodes: 1, faultEverySeconds: null },
  { machine: "a machine", now: () => 0, stopped: () => false },
);

test("a report says what happened in numbers that agree with each other", () => {
  const { totals, series, waits, minutes } = report;
  expect(totals.arrived).toBe(300);
  expect(totals.completed + totals.expired + totals.left + totals.denied + totals.failed + totals.open).toBe(300);
  expect(waits.figures.count).toBe(totals.admitted);
  expect(waits.histogram.reduce((sum, { count }) => sum + count, 0)).toBe(totals.admitted);
  expect(minutes.reduce((sum, { admitted }) => sum + admitted, 0)).toBe(totals.admitted);
  const admitted = series.find(({ name }) => name === "admitted")?.values ?? [];
  expect(admitted.reduce((sum, each) => sum + each, 0)).toBe(totals.admitted);
  expect(JSON.parse(JSON.stringify(report))).toEqual(report);
});

test("the page fetches nothing, runs nothing, and puts a table behind each chart", () => {
  const page = writePage(report);
  expect(page).not.toMatch(/<script|<link|<img|@import|url\(|https?:|NaN|undefined|Infinity/);
  const charts = page.match(/<figure>/g)?.length ?? 0;
  expect(charts).toBeGreaterThanOrEqual(6);
  expect(page.match(/<details><summary>[^<]+<\/summary><div[^>]+><table>/g)?.length).toBe(charts);
  expect(page).toContain("All 5 promises that could be checked were kept.");
});

test("words from outside stay words", () => {
  const hostile: RehearsalReport = {
    ...report,
    title: "<script>alert(1)</script>",
    errors: [{ code: "<b>", count: 1, example: '"><svg onload=x>' }],
  };
  const page = writePage(hostile);
  expect(page).not.toMatch(/<script|<b>|<svg onload/);
  expect(page).toContain("&lt;script&gt;");
});

test("a rehearsal in which nothing happened still makes a page and a summary", async () => {
  const scenario = { ...ordinaryScenario, shoppers: 1, arrivalSeconds: 1, maxSeconds: 1 };
  const empty = await rehearseSimulated({ scenario, limits, nodes: 1, faultEverySeconds: null }, { machine: "a machine", now: () => 0, stopped: () => true });
  expect(writePage(empty)).not.toMatch(/NaN|undefined|Infinity/);
  expect(summarize(empty)).toContain("arrived");
});

test("axes have round numbers that reach the largest value", () => {
  expect(ticksTo(2_050)).toEqual([0, 500, 1_000, 1_500, 2_000, 2_500]);
  expect(ticksTo(430, "time")).toEqual([0, 120, 240, 360, 480]);
});
