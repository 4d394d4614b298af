import { writeFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import { setImmediate as turn } from "node:timers/promises";
import { writePage } from "../rehearsal/page/page.ts";
import { createProgressDisplay } from "../rehearsal/progress.ts";
import type { ProgressDisplay } from "../rehearsal/progress.ts";
import { rehearseSimulated } from "../rehearsal/rehearse-simulated.ts";
import type { Surroundings } from "../rehearsal/rehearse-simulated.ts";
import type { RehearsalReport } from "../rehearsal/report.ts";
import { summarize } from "../rehearsal/summary.ts";
import type { Environment } from "./environment.ts";
import { readRehearsalOptions } from "./rehearse-options.ts";
import type { RehearsalOptions } from "./rehearse-options.ts";

/** Ends with this code when a promise was broken. */
const brokenPromise = 2;

/** `fanfare rehearse`: plays a launch, against a running service or simulated, and writes the report. */
export async function rehearse(words: readonly string[], environment: Environment): Promise<number> {
  const options = readRehearsalOptions(words, environment);
  const display = createProgressDisplay(process.stderr, Date.now);
  let stopped = false;
  // The second signal is Node's own: it ends at once.
  process.once("SIGINT", () => (stopped = true));
  const surroundings = { machine: describeMachine(), now: Date.now, stopped: () => stopped };
  const report = await play(options, display, surroundings);
  display.clear();
  await writeFile(options.reportFile, writePage(report));
  process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : `${summarize(report)}\n\nThe report: ${options.reportFile}\n`);
  return report.verdicts.some(({ verdict }) => verdict === "broken") ? brokenPromise : 0;
}

async function play(options: RehearsalOptions, display: ProgressDisplay, surroundings: Surroundings): Promise<RehearsalReport> {
  const { scenario } = options;
  const shown = (value: number): string => value.toLocaleString("en");
  return rehearseSimulated(
    {
      ...{ scenario, limits: options.limits, nodes: options.nodes, faultEverySeconds: options.faultEverySeconds },
      async onProgress({ second, done, waiting, admitted }) {
        display.show({ share: done / scenario.shoppers, facts: `${shown(second)} s played, ${shown(waiting)} waiting, ${shown(admitted)} let in` });
        // A signal is heard between two turns of the event loop.
        await turn();
        return !surroundings.stopped();
      },
    },
    surroundings,
  );
}

function describeMachine(): string {
  return `${cpus().length} cores (${cpus()[0]?.model.trim() ?? "unknown"}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
}
