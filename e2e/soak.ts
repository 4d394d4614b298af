import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openChromium, openFirefox } from "./tabs/browsers.ts";
import type { OpenBrowser } from "./tabs/browsers.ts";
import { cases } from "./tabs/cases.ts";
import { startLoad } from "./tabs/load.ts";
import { writeSoakReport } from "./tabs/report.ts";
import type { Series } from "./tabs/report.ts";
import { openTabsWorld } from "./tabs/world.ts";

// `npm run soak -- [--runs 100] [--firefox-runs 10] [--load 0.3] [--only expiry]`: each case of sessions in real browsers, many times, with load beside it; writes docs/benchmarks-sessions.md.
const { values } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: "string", default: "100" },
    "firefox-runs": { type: "string", default: "10" },
    load: { type: "string", default: "0.3" },
    only: { type: "string", default: "" },
  },
});

async function soak(browser: OpenBrowser, runs: number): Promise<readonly Series[]> {
  const world = await openTabsWorld(browser);
  const all: Series[] = [];
  try {
    for (const each of cases.filter(({ name }) => name.includes(values.only))) {
      const series: Series = { case: each, browser: `${browser.name} ${browser.version}`, runs, held: 0, figures: [], failures: [] };
      for (let run = 0; run < runs; run++) {
        const outcome = await each.run(world).catch((error: unknown) => ({ holds: false, seen: String(error) }));
        if (outcome.holds) series.held += 1;
        else series.failures.push(outcome.seen);
        if ("ms" in outcome && outcome.ms !== undefined) series.figures.push(outcome.ms);
        await world.tidy();
      }
      process.stderr.write(`${browser.name}: ${series.held} of ${runs}: ${each.name}\n`);
      for (const seen of series.failures.slice(0, 2)) process.stderr.write(`  ${JSON.stringify(seen)}\n`);
      all.push(series);
    }
  } finally {
    await world.close();
  }
  return all;
}

const load = startLoad(Number(values.load));
const measured: Series[] = [];
try {
  const firefox = process.env["FIREFOX_PATH"];
  const series = [
    { runs: Number(values.runs), open: openChromium },
    { runs: firefox === undefined ? 0 : Number(values["firefox-runs"]), open: () => openFirefox(firefox ?? "") },
  ];
  for (const { runs, open } of series) {
    if (runs === 0) continue;
    const browser = await open();
    measured.push(...(await soak(browser, runs)));
    await browser.close();
  }
} finally {
  load.stop();
}
const report = writeSoakReport(measured, { load: Number(values.load), at: new Date() });
if (values.only === "") await writeFile(fileURLToPath(new URL("../docs/benchmarks-sessions.md", import.meta.url)), report);
process.stdout.write(`\n${report}`);
