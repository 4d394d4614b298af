import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { asleepInChromium, asleepInFirefox } from "./tabs/asleep.ts";
import { openChromium, openFirefox } from "./tabs/browsers.ts";
import type { OpenBrowser } from "./tabs/browsers.ts";
import { cases } from "./tabs/cases.ts";
import type { Case } from "./tabs/cases.ts";
import { runnable, startLoad } from "./tabs/load.ts";
import { seriesOf, writeSoakReport } from "./tabs/report.ts";
import type { Soaked } from "./tabs/report.ts";
import { openSleepyChromium, openSleepyFirefox } from "./tabs/sleeping-browsers.ts";
import { openTabsWorld } from "./tabs/world.ts";

// `npm run soak -- sessions [--runs 100] [--firefox-runs 10] [--load 1] [--minutes 9] [--only "8 tabs,hung"] [--into FILE]`: each case of sessions in real
// browsers, many times, with load beside it; writes what it saw into docs/benchmarks-sessions.md, case by case. `--into` keeps what was seen in a file and adds to what lies there, so that a
// series may be run in pieces; no round begins after `--minutes`.
const { values } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: "string", default: "100" },
    "firefox-runs": { type: "string", default: "10" },
    load: { type: "string", default: "1" },
    minutes: { type: "string", default: "Infinity" },
    only: { type: "string", default: "" },
    into: { type: "string" },
  },
});
const { into } = values;
const page = fileURLToPath(new URL("../docs/benchmarks-sessions.md", import.meta.url));
const endsAt = performance.now() + Number(values.minutes) * 60_000;
const wantedOf = (all: readonly Case[]): readonly Case[] => all.filter(({ name }) => values.only.split(",").some((part) => name.includes(part)));
const soaked: Soaked = into !== undefined && existsSync(into) ? (JSON.parse(readFileSync(into, "utf8")) as Soaked) : { series: [], runnable: [] };

async function keep(): Promise<string> {
  const report = writeSoakReport(soaked, new Date(), readFileSync(page, "utf8"));
  if (into !== undefined) await writeFile(into, JSON.stringify(soaked));
  await writeFile(page, report);
  return report;
}

async function soak(browser: OpenBrowser, wanted: readonly Case[], rounds: number): Promise<void> {
  const world = await openTabsWorld(browser);
  try {
    for (let round = 1; round <= rounds && performance.now() < endsAt; round++) {
      for (const each of wanted) {
        const series = seriesOf(soaked, each, `${browser.name} ${browser.version}`);
        const outcome = await each.run(world).catch((error: unknown) => ({ holds: false, seen: String(error) }));
        series.runs += 1;
        if (outcome.holds) series.held += 1;
        else {
          series.failures.push(outcome.seen);
          process.stderr.write(`${each.name}\n  ${JSON.stringify(outcome.seen)}\n`);
        }
        if ("ms" in outcome && outcome.ms !== undefined) series.figures.push(outcome.ms);
        await world.tidy();
      }
      soaked.runnable.push(runnable());
      await keep();
      process.stderr.write(`${browser.name}: round ${round} of ${rounds}\n`);
    }
  } finally {
    await world.close();
  }
}

const load = startLoad(Number(values.load));
try {
  const firefox = process.env["FIREFOX_PATH"];
  const runs = Number(values.runs);
  const firefoxRuns = firefox === undefined ? 0 : Number(values["firefox-runs"]);
  const series = [
    { runs, open: openChromium, wanted: wantedOf(cases) },
    { runs: firefoxRuns, open: () => openFirefox(firefox ?? ""), wanted: wantedOf(cases) },
    { runs, open: openSleepyChromium, wanted: wantedOf(asleepInChromium) },
    { runs: firefoxRuns, open: () => openSleepyFirefox(firefox ?? ""), wanted: wantedOf(asleepInFirefox) },
  ];
  for (const { runs: rounds, open, wanted } of series) {
    if (rounds === 0 || wanted.length === 0) continue;
    const browser = await open();
    await soak(browser, wanted, rounds);
    await browser.close();
  }
} finally {
  load.stop();
}
process.stdout.write(`\n${await keep()}`);
