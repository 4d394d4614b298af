import { appendFile, writeFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import { setImmediate as turn, setTimeout as pause } from "node:timers/promises";
import { writePage } from "../rehearsal/page/page.ts";
import { looksLive } from "../rehearsal/live/guard.ts";
import { createLiveService, Refusal } from "../rehearsal/live/service.ts";
import type { LiveTarget } from "../rehearsal/live/service.ts";
import { openConnection } from "../rehearsal/live/connection.ts";
import { millis } from "../rehearsal/page/words.ts";
import { createProgressDisplay } from "../rehearsal/progress.ts";
import type { ProgressDisplay } from "../rehearsal/progress.ts";
import { rehearseLive } from "../rehearsal/rehearse-live.ts";
import { rehearseSimulated } from "../rehearsal/rehearse-simulated.ts";
import type { Surroundings } from "../rehearsal/rehearse-simulated.ts";
import type { RehearsalReport } from "../rehearsal/report.ts";
import { summarize } from "../rehearsal/summary.ts";
import { CommandError } from "./command-error.ts";
import type { Environment } from "./environment.ts";
import { readRehearsalOptions } from "./rehearse-options.ts";
import type { LiveOptions, RehearsalOptions, SimulatedOptions } from "./rehearse-options.ts";

/** Ends with this code when a promise was broken. */
const brokenPromise = 2;

/** `fanfare rehearse`: plays a launch, against a running service or simulated, and writes the report. */
export async function rehearse(words: readonly string[], environment: Environment): Promise<number> {
  const options = readRehearsalOptions(words, environment);
  // Before the launch: an hour's rehearsal must not end without its report.
  await appendFile(options.reportFile, "").catch((error: Error) => {
    throw new CommandError(`The report cannot be written: ${error.message}. Name another file with --report.`);
  });
  const display = createProgressDisplay(process.stderr, Date.now);
  let stopped = false;
  // The second signal is Node's own: it ends at once.
  process.once("SIGINT", () => (stopped = true));
  const surroundings = { machine: describeMachine(), now: Date.now, stopped: () => stopped };
  const report = options.kind === "live" ? await playLive(options, display, surroundings) : await playSimulated(options, display, surroundings);
  display.clear();
  return tell(options, report);
}

async function tell({ reportFile, json }: RehearsalOptions, report: RehearsalReport): Promise<number> {
  await writeFile(reportFile, writePage(report));
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : `${summarize(report)}\n\nThe report: ${reportFile}\n`);
  return report.verdicts.some(({ verdict }) => verdict === "broken") ? brokenPromise : 0;
}

const shown = (value: number): string => Math.round(value).toLocaleString("en");

async function playSimulated(options: SimulatedOptions, display: ProgressDisplay, surroundings: Surroundings): Promise<RehearsalReport> {
  const { scenario, limits, nodes, faultEverySeconds } = options;
  return rehearseSimulated(
    {
      ...{ scenario, limits, nodes, faultEverySeconds },
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

async function playLive(
  { scenario, target, connections, confirmed }: LiveOptions,
  display: ProgressDisplay,
  surroundings: Surroundings,
): Promise<RehearsalReport> {
  await checkTarget(target, confirmed);
  return rehearseLive(
    {
      ...{ scenario, target, connections },
      now: () => performance.now(),
      pause: (milliseconds) => pause(milliseconds),
      stopped: surroundings.stopped,
      onProgress({ second, over, waiting, inside, requestsPerSecond, p99, refusals }) {
        const speed = `${shown(requestsPerSecond)} requests/s, p99 ${p99 === null ? "–" : millis(p99)}${refusals > 0 ? `, ${shown(refusals)} refused` : ""}`;
        display.show({ share: over / scenario.shoppers, facts: `${shown(second)} s, ${shown(waiting)} waiting, ${shown(inside)} in the shop, ${speed}` });
      },
    },
    surroundings,
  );
}

/** A launch must not be rehearsed on people who are really waiting. */
async function checkTarget(target: LiveTarget, confirmed: boolean): Promise<void> {
  const connection = openConnection({ connections: 1, now: () => performance.now(), onAnswer: () => undefined });
  try {
    const metrics = await createLiveService(connection, target, () => undefined).metrics();
    const reason = looksLive(target, metrics);
    if (reason !== null && !confirmed)
      throw new CommandError(
        `This looks like a real launch: ${reason}. If the service is yours and nobody else is in this queue, say --yes-this-is-my-service.`,
      );
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new CommandError(
      error.code === "unreachable"
        ? `No service answers at ${target.adminUrl}. Start it, or name its address with --admin-url.`
        : `The queue cannot be read: ${error.message}`,
    );
  } finally {
    connection.close();
  }
}

function describeMachine(): string {
  return `${cpus().length} cores (${cpus()[0]?.model.trim() ?? "unknown"}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
}
